// Everything at the same time: threads transfer between accounts, write, read, hold snapshots and
// items, create and drop indexes, let items expire, compact, save, and change the settings;
// meanwhile the database is closed and opened again. checks.hpp lists what must always hold.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <buntdb/database.hpp>
#include <buntdb/error.hpp>

#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "stress/checks.hpp"
#include "stress/data.hpp"
#include "stress/worker.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using namespace buntdb::attacks::stress;
using namespace std::chrono_literals;
using model::require;

/// The threads of one life.
class crew {
 public:
  crew(worker_list& workers, life& now) : now_(now) {
    for (const auto& each : workers)
      threads_.emplace_back([this, &each] { work(*each); });
  }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew() { stop(); }

  /// Waits for a violation, no longer than this time.
  void watch(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    failed_.wait_for(lock, time, [this] { return violation_ != nullptr; });
  }

  /// From now on, functions may throw errc::closed.
  void expect_close() { closing_ = true; }

  /// Returns when all threads have ended, which they do by themselves when the database is closed.
  void join() {
    for (std::thread& each : threads_)
      each.join();
    threads_.clear();
  }
  void stop() {
    stopping_ = true;
    join();
  }

  /// Throws the first violation, if there was one.
  void require_no_violation() const {
    if (violation_) std::rethrow_exception(violation_);
  }

 private:
  void work(worker& busy) noexcept {
    run([&] {
      while (!stopping_)
        busy.step(now_);
    });
    run([&] { busy.finish(now_); });
  }

  template <class Function>
  void run(Function function) noexcept {
    try {
      function();
    } catch (const error& failure) {
      if (failure.code() != errc::closed || !closing_) report();
    } catch (...) {
      report();
    }
  }

  void report() noexcept {
    const std::lock_guard lock(mutex_);
    if (!violation_) violation_ = std::current_exception();
    stopping_ = true;
    failed_.notify_all();
  }

  life& now_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> closing_{false};
  std::mutex mutex_;
  std::condition_variable failed_;
  std::exception_ptr violation_;
  std::vector<std::thread> threads_;
};

/// Everything that a version contains, for comparison with a later open.
struct content {
  struct item {
    std::string key;
    std::string value;
    time_point expires;
  };
  std::vector<item> items;
  std::vector<std::string> persistent_indexes;
};

content content_of(const reader& view) {
  content all;
  for (const auto [key, value] : view.ascend())
    all.items.push_back({std::string(key), std::string(value), view.find(key)->expires_at});
  for (const std::string& name : view.indexes()) {
    if (plan_of(name).persistent()) all.persistent_indexes.push_back(name);
  }
  return all;
}

/// Requires that the content is the same after a close and an open, except that the file has whole
/// seconds of an expiry.
void require_equal(const reader& view, const content& before) {
  const content after = content_of(view);
  require(after.items.size() == before.items.size(),
          "after a reopen there are " + std::to_string(after.items.size()) + " items instead of " +
              std::to_string(before.items.size()));
  for (std::size_t i = 0; i < before.items.size(); ++i) {
    const content::item& was = before.items[i];
    const content::item& is = after.items[i];
    const time_point expires = was.expires == time_point::max()
                                   ? was.expires
                                   : std::chrono::floor<std::chrono::seconds>(was.expires);
    require(is.key == was.key && is.value == was.value && is.expires == expires,
            "after a reopen, " + was.key + " is another one");
  }
  require(view.indexes() == before.persistent_indexes, "after a reopen, there are other indexes");
}

class stress_attack {
 public:
  explicit stress_attack(std::uint64_t seed) : random_(seed) {
    add_writers(workers_, seed * 100);
    add_readers(workers_, seed * 100);
    add_keepers(workers_, seed * 100);
  }

  void live(figures& counts) {
    const auto db = open();
    if (lives_++ == 0) found_bank(*db);
    life now{*db, path_, counts};
    crew threads(workers_, now);
    threads.watch(1s + std::chrono::milliseconds(random_.below(1000)));
    if (random_.one_in(2)) {
      threads.stop();
      threads.require_no_violation();
      let_nothing_expire(*db);
      before_ = content_of(db->begin_read());
      if (random_.one_in(2)) db->close();
    } else {
      before_.reset();
      threads.expect_close();
      db->close();
      threads.join();
      threads.require_no_violation();
      counts.add("closes in the middle of it");
    }
  }

  /// Checks that the file has the expected content after the last life.
  void require_kept(figures& counts) {
    {
      const std::lock_guard lock(mutex_);
      require(!event_, "an event: " + event_.value_or(""));
    }
    const auto db = open();
    const snapshot view = db->begin_read();
    require_consistent(view, "after a reopen", random_);
    for (const auto& each : workers_)
      each->require_kept(view);
    if (!before_) return;
    require_equal(view, *before_);
    counts.add("reopens with everything compared");
  }

 private:
  std::unique_ptr<database> open() {
    return std::unique_ptr<database>(new database(
        database::open(path_, {.on_event = [this](const event& told) { note(told); }})));
  }

  /// Records an event, except that calls of slow hooks were dropped. No other event is expected.
  /// Called by threads of the database.
  void note(const event& told) {
    if (told.kind == event_kind::calls_dropped) return;
    const std::lock_guard lock(mutex_);
    if (!event_) event_ = told.message;
  }

  static void found_bank(database& db) {
    db.update([](transaction& tx) {
      for (unsigned i = 0; i < accounts; ++i)
        tx.set(account_key(i), account_value(initial_balance, i));
    });
  }

  /// Ensures that no hook changes anything between a look at the database and its close.
  static void let_nothing_expire(database& db) {
    db.update([](transaction& tx) {
      for (unsigned i = 0; i < brief_items; ++i) {
        const std::string key = brief_key(i);
        if (!tx.set_expiry(key, {.ttl = 1h + std::chrono::milliseconds(i)})) tx.erase(key);
      }
    });
  }

  model::random_source random_;
  worker_list workers_;
  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
  std::optional<content> before_;
  std::uint64_t lives_ = 0;
  std::mutex mutex_;
  std::optional<std::string> event_;  // the first one
};

}  // namespace

int main(int count, char** words) {
  std::unique_ptr<stress_attack> lives;
  return run(count, words,
             {.name = "stress",
              .about = "everything at once, by a dozen threads, with closes in the middle of it",
              .default_rounds = 10,
              .parallel = false},
             [&lives](std::uint64_t seed, figures& counts) {
               if (!lives) lives = std::make_unique<stress_attack>(seed);
               lives->live(counts);
               lives->require_kept(counts);
             });
}
