#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <span>
#include <sstream>
#include <string>
#include <thread>

#include "model/mismatch.hpp"
#include "stress/checks.hpp"
#include "stress/data.hpp"
#include "stress/worker.hpp"

namespace buntdb::attacks::stress {

namespace {

using namespace std::chrono_literals;
using model::require;

/// Compacts the file and saves copies, which must be consistent. So must the file itself when it is
/// read while it is in use.
class copier final : public worker {
 public:
  using worker::worker;

  void step(life& now) override {
    switch (random_.below(4)) {
      case 0:
        now.db.compact();
        return now.counts.add("compactions");
      case 1:
        return save_to_a_stream(now);
      case 2:
        return save_to_a_file(now);
      default:
        read_the_file_in_use(now);
    }
  }

 private:
  void save_to_a_stream(life& now) {
    std::stringstream stream;
    now.db.save(stream);
    database copy = database::in_memory();
    copy.load(stream);
    require_consistent(copy.begin_read(), "a copy that was loaded", random_);
    now.counts.add("copies");
  }

  void save_to_a_file(life& now) {
    const std::string path = now.path + ".copy";
    now.db.save(std::filesystem::path(path));
    const database copy = database::open(path, {.read_only = true});
    require_consistent(copy.begin_read(), "a saved file", random_);
    now.counts.add("copies");
  }

  void read_the_file_in_use(life& now) {
    const database copy = database::open(now.path, {.read_only = true});
    require_consistent(copy.begin_read(), "the file in use", random_);
    now.counts.add("reads of the file in use");
  }
};

void require_brief(std::string_view key) {
  require(key.starts_with(brief_prefix), std::string(key) + " expires, which has no expiry");
}

/// Changes the settings, reads figures, and syncs.
class administrator final : public worker {
 public:
  explicit administrator(std::uint64_t seed) : worker(seed), hook_random_(seed) {}

  void step(life& now) override {
    change_settings(now.db);
    const statistics found = now.db.stats();
    require(found.items >= accounts && found.memory_blocks >= accounts,
            "the figures have no accounts");
    if (random_.one_in(4)) now.db.sync();
    now.counts.add("settings changed");
    std::this_thread::sleep_for(200us);  // most of the time is for the other threads
  }

  void finish(life& now) override { now.counts.add("items expired", expired_.exchange(0)); }

 private:
  void change_settings(database& db) {
    const sync_policy policy = policies.at(random_.below(policies.size()));
    db.change([&](settings& to) {
      to.sync = policy;
      to.compaction = {.automatic = random_.one_in(2),
                       .growth = 1.1 + static_cast<double>(random_.below(20)) / 10,
                       .at_least_bytes = std::uint64_t{1} << (14 + random_.below(8))};
      change_hooks(to.expiry);
    });
    require(db.current_settings().sync == policy, "the sync policy is another one");
  }

  void change_hooks(expiry_hooks& hooks) {
    hooks = {};
    if (random_.one_in(2)) hooks.on_expired = [this](auto items) { count(items); };
    if (random_.one_in(3)) {
      hooks.on_expired_sync = [this](const entry& gone, transaction& tx) {
        require_brief(gone.key);
        transfer(tx, hook_random_);
      };
    }
  }

  void count(std::span<const expired_item> items) {
    for (const expired_item& item : items)
      require_brief(item.key);
    expired_ += items.size();
  }

  static constexpr std::array policies{sync_policy::never, sync_policy::every_second,
                                       sync_policy::always};

  model::random_source hook_random_;  // used by the sweeper's thread only
  std::atomic<std::uint64_t> expired_{0};
};

}  // namespace

void add_keepers(worker_list& workers, std::uint64_t seed) {
  workers.push_back(std::make_unique<copier>(seed + 20));
  workers.push_back(std::make_unique<administrator>(seed + 21));
}

}  // namespace buntdb::attacks::stress
