// One Redis, with a proxy for the second web server: plain, over TLS, or with a near cache in
// front.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <scs/stores/near_cache.hpp>
#include <scs/stores/redis.hpp>

#include "certificates.hpp"
#include "redis_server.hpp"
#include "stores/engines/engine.hpp"
#include "stores/engines/proxy.hpp"
#include "stores/engines/redis_faults.hpp"

namespace buntdb::attacks::stores {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds max_age{500};

class single_redis final : public engine {
 public:
  enum class front { none, near_cache };
  enum class security { none, tls };

  explicit single_redis(front before, security how = security::none) : front_(before) {
    require_program(test::redis_program());
    if (how == security::tls) authority_ = std::make_unique<test::certificate_authority>();
  }

  std::string prepare(model::random_source& random) override {
    saves_rarely_ = front_ == front::none && random.one_in(4);
    std::optional<test::tls_files> files;
    if (authority_) files = authority_->issue("IP:127.0.0.1");
    server_.emplace(saves_rarely_ ? std::vector<std::string>{"--appendonly", "no"}
                                  : std::vector<std::string>{"--appendonly", "yes", "--appendfsync",
                                                             "everysec"},
                    files);
    if (proxy_) {
      proxy_->lead_to(server_->port());
      proxy_->cut();
    } else {
      proxy_.emplace(server_->port());
    }
    return saves_rarely_ ? "snapshots only" : "appendfsync everysec";
  }

  std::unique_ptr<scs::store> store_for(std::size_t server) override {
    scs::stores::redis_options options{
        .servers = {server == 0 ? server_->address() : proxy_->address()},
        .timeout = 1s,
        .connect_timeout = 500ms};
    if (authority_) {
      options.tls = scs::stores::redis_tls::required;
      options.tls_ca_file = authority_->file();
    }
    auto store = std::make_unique<scs::stores::redis>(std::move(options));
    if (front_ == front::none) return store;
    return std::make_unique<scs::stores::near_cache>(
        std::move(store), scs::stores::near_cache_options{.max_age = max_age});
  }

  std::vector<fault> faults() override {
    std::vector<fault> all = common_redis_faults([this] { return std::vector{&*server_}; });
    if (saves_rarely_) {
      all.push_back(
          {"killed after a snapshot", [this](round_state& round) { lose_changes(round); }});
    } else {
      all.push_back({"killed", [this](round_state& round) {
                       server_->kill();
                       round.let_run(round.some(0, 300));
                       server_->start();
                     }});
      all.push_back({"restarted", [this](round_state&) {
                       server_->stop();
                       server_->start();
                     }});
    }
    all.push_back({"stands still", [this](round_state& round) {
                     server_->freeze();
                     round.let_run(round.some(100, 2500));
                     server_->thaw();
                   }});
    add_network_faults(all, *proxy_);
    return all;
  }

  void heal() override {
    heal_redis(*server_);
    heal_network(*proxy_);
  }

  std::chrono::nanoseconds staleness() const override {
    // Copies are as old as the answer to the find that made them; the rest is the machine's delay.
    return front_ == front::none ? 0ms : max_age + 100ms;
  }

 private:
  void lose_changes(round_state& round) {
    round.model().losses_begin(now(), "no appendonly, killed after a snapshot");
    server_->command({"SAVE"});
    round.let_run(round.some(200, 1500));
    server_->kill();
    server_->start();
    round.model().losses_end(now());
  }

  const front front_;
  std::unique_ptr<test::certificate_authority> authority_;  // null: without TLS
  bool saves_rarely_ = false;
  std::optional<test::redis_server> server_;
  std::optional<proxy> proxy_;
};

}  // namespace

std::unique_ptr<engine> make_redis() {
  return std::make_unique<single_redis>(single_redis::front::none);
}

std::unique_ptr<engine> make_redis_tls() {
  return std::make_unique<single_redis>(single_redis::front::none, single_redis::security::tls);
}

std::unique_ptr<engine> make_near_cache() {
  return std::make_unique<single_redis>(single_redis::front::near_cache);
}

}  // namespace buntdb::attacks::stores
