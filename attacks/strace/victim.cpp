#include "strace/victim.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>

#include <unistd.h>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "model/mismatch.hpp"
#include "support/batches.hpp"

namespace buntdb::attacks {

namespace {

constexpr batch_shape shape{.longest_value = 1500};

void say(const char* what, std::uint64_t number) {
  char line[40];
  const int size =
      std::snprintf(line, sizeof line, "%s %llu\n", what, static_cast<unsigned long long>(number));
  if (::write(STDOUT_FILENO, line, static_cast<std::size_t>(size)) != size) ::_exit(3);
}

class script {
 public:
  script(std::string path, sync_policy policy) : path_(std::move(path)), policy_(policy) {}

  void run() {
    open();
    for (int i = 0; i < 3; ++i)
      commit();
    step([this] { db_->sync(); });
    commit();
    step([this] { db_->compact(); });
    commit();
    close();
    open();
    commit();
    step([this] { db_->compact(); });
    commit();
    close();
  }

 private:
  bool succeeds(const std::function<void()>& what) {
    try {
      what();
      return true;
    } catch (const error& failure) {
      std::fprintf(stderr, "failed: %s\n", failure.what());
    } catch (const std::bad_alloc&) {
    }
    return false;
  }

  void open() {
    const auto attempt = [this] {
      db_.reset();
      db_.reset(new database(engine::database_access::open(io::file_system::native(), path_,
                                                           {.sync = policy_}, false)));
    };
    if (!succeeds(attempt)) attempt();
    const std::uint64_t found = number_in(db_->begin_read());
    model::require(
        found == number_ || (unknown_ && found == number_ + 1),
        "an open finds batch " + std::to_string(found) + " after " + std::to_string(number_));
    number_ = found;
    unknown_ = false;
  }

  void close() {
    succeeds([this] { db_->close(); });
    db_.reset();
  }

  bool refuses_writes() {
    try {
      const transaction probe = db_->begin();
      return false;
    } catch (const error&) {
      return true;
    }
  }

  void commit() {
    say("try", number_ + 1);
    const bool committed = succeeds([this] {
      db_->update([this](transaction& tx) {
        apply_batch(make_batch(scripted_history, number_ + 1, shape), tx);
      });
    });
    if (committed) {
      say("ack", ++number_);
    } else if (refuses_writes()) {
      unknown_ = true;
      open();
    }
    model::require(number_in(db_->begin_read()) == number_, "a commit is not what is seen");
  }

  void step(const std::function<void()>& what) {
    if (!succeeds(what) && refuses_writes()) open();
  }

  std::string path_;
  sync_policy policy_;
  std::unique_ptr<database> db_;
  std::uint64_t number_ = 0;
  bool unknown_ = false;
};

}  // namespace

int scripted_process(const std::string& path, const std::string& policy) {
  try {
    script(path, policy == "always" ? sync_policy::always : sync_policy::never).run();
    return 0;
  } catch (const std::exception& violation) {
    std::fprintf(stderr, "violation: %s\n", violation.what());
    return 1;
  }
}

}  // namespace buntdb::attacks
