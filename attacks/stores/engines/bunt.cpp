// buntdb in a separate process, which is killed and stopped.

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "process.hpp"
#include "redis_server.hpp"
#include "stores/engines/engine.hpp"
#include "stores/service/remote_store.hpp"

namespace buntdb::attacks::stores {

namespace {

class bunt_process final : public engine {
 public:
  std::string prepare(model::random_source& random) override {
    process_.reset();
    std::filesystem::remove(file());
    policy_ = random.one_in(3) ? "always" : "every_second";
    start();
    return policy_;
  }

  std::unique_ptr<scs::store> store_for(std::size_t) override {
    return std::make_unique<remote_store>(socket());
  }

  std::vector<fault> faults() override {
    return {{"killed",
             [this](round_state& round) {
               process_->send_signal(SIGKILL);
               process_->wait();
               round.let_run(round.some(0, 100));
               start();
             }},
            {"stands still",
             [this](round_state& round) {
               process_->send_signal(SIGSTOP);
               round.let_run(round.some(50, 1500));
               process_->send_signal(SIGCONT);
             }},
            slightly_wrong_clock()};
  }

  void heal() override { remote_store(socket()).find({}); }

 private:
  std::string file() const { return (folder_.path() / "sessions.db").string(); }
  std::string socket() const { return (folder_.path() / "socket").string(); }

  void start() {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    process_.emplace(std::vector<std::string>{"setpriv", "--pdeathsig", "KILL", self,
                                              "--serve-bunt", file(), socket(), policy_},
                     folder_.path());
    const bool serves = test::eventually([this] {
      try {
        remote_store(socket()).find({});
        return true;
      } catch (const std::exception&) {
        return !process_->running();
      }
    });
    if (!serves || !process_->running()) {
      throw std::runtime_error("the service of bunt does not start: " + process_->errors());
    }
  }

  temporary_folder folder_;
  std::string policy_;
  std::optional<process> process_;
};

}  // namespace

std::unique_ptr<engine> make_bunt() {
  return std::make_unique<bunt_process>();
}

}  // namespace buntdb::attacks::stores
