#include "model/history/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/test_database.hpp"

namespace buntdb::model {

namespace {

using namespace std::chrono_literals;

constexpr const char* counter = "order";

std::string name_of(std::uint32_t key) {
  return "key " + std::to_string(key);
}

std::uint64_t number(std::optional<std::string_view> text) {
  return text ? std::stoull(std::string(text->substr(0, text->find(' ')))) : 0;
}

class recorder {
 public:
  explicit recorder(const history_plan& plan) : plan_(plan), db_(disk_, clock_, plan.policy) {}

  history run();

 private:
  void work(unsigned thread);
  void background();
  observed write(random_source& random, unsigned thread);
  observed read(const snapshot& view, std::uint64_t began) const;
  void catching(const std::function<void()>& function);
  std::uint64_t ticket() { return ++tickets_; }

  history_plan plan_;
  testing::fake_clock clock_;
  testing::memory_file_system disk_;
  testing::test_database db_;
  std::atomic<std::uint64_t> tickets_{0};
  std::atomic<std::uint64_t> values_{0};
  std::atomic<unsigned> working_{0};
  std::mutex mutex_;  // guards what follows
  history history_;
  std::exception_ptr failure_;
};

/// Reads some keys and writes some, perhaps the same ones; a write may be an erase.
observed recorder::write(random_source& random, unsigned thread) {
  observed seen;
  seen.began = ticket();
  const bool gives_up = random.one_in(10);
  transaction tx = db_->begin();
  std::vector<std::uint32_t> written;
  for (std::uint64_t i = 1 + random.below(4); i != 0; --i) {
    const auto key = static_cast<std::uint32_t>(random.below(plan_.keys));
    if (std::find(written.begin(), written.end(), key) != written.end()) continue;
    seen.reads.push_back({key, number(tx.get(name_of(key)))});
    if (random.one_in(3)) continue;
    written.push_back(key);
    if (random.one_in(5)) {
      tx.erase(name_of(key));
      seen.writes.push_back({key, 0});
      continue;
    }
    const std::uint64_t value = ++values_;
    const std::string padding(static_cast<std::size_t>(random.below(100)), 'x');
    tx.set(name_of(key), std::to_string(value) + " of " + std::to_string(thread) + padding);
    seen.writes.push_back({key, value});
  }
  if (random.one_in(8)) std::this_thread::yield();
  seen.order = number(tx.get(counter)) + 1;
  tx.set(counter, std::to_string(seen.order));
  if (gives_up) {
    tx.rollback();
    seen.order = 0;
    return seen;
  }
  tx.commit();
  seen.ended = ticket();
  return seen;
}

observed recorder::read(const snapshot& view, std::uint64_t began) const {
  observed seen;
  seen.is_snapshot = true;
  seen.began = began;
  seen.order = number(view.get(counter));
  for (std::uint32_t key = 0; key < plan_.keys; ++key)
    seen.reads.push_back({key, number(view.get(name_of(key)))});
  return seen;
}

/// Snapshots are taken immediately, and read either then or much later, while other work continues.
void recorder::work(unsigned thread) {
  random_source random(plan_.seed * 1000 + thread);
  struct kept {
    snapshot view;
    std::uint64_t began;
    std::uint64_t ended;
  };
  std::vector<kept> later;
  history mine;
  const auto look = [&](const kept& one) {
    observed seen = read(one.view, one.began);
    seen.ended = one.ended;
    mine.push_back(std::move(seen));
  };
  for (unsigned i = 0; i < plan_.steps; ++i) {
    if (random.one_in(2)) {
      observed seen = write(random, thread);
      if (seen.order != 0) mine.push_back(std::move(seen));
      continue;
    }
    const std::uint64_t began = ticket();
    snapshot view = db_->begin_read();
    kept one{std::move(view), began, ticket()};
    look(one);
    if (later.size() == 4) {
      kept& old = later[static_cast<std::size_t>(random.below(later.size()))];
      look(old);
      old = std::move(one);
    } else {
      later.push_back(std::move(one));
    }
  }
  for (const kept& one : later)
    look(one);
  const std::lock_guard lock(mutex_);
  history_.insert(history_.end(), mine.begin(), mine.end());
}

void recorder::background() {
  while (working_ != 0) {
    db_.engine().sweeper().remove_some();
    db_.engine().maintenance().sync_if_due();
    db_.engine().core().reclaim();
    std::this_thread::yield();
  }
}

void recorder::catching(const std::function<void()>& function) {
  try {
    function();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

history recorder::run() {
  working_ = plan_.threads;
  std::vector<std::thread> threads;
  std::latch start(plan_.threads);
  for (unsigned t = 0; t < plan_.threads; ++t) {
    threads.emplace_back([this, t, &start] {
      start.arrive_and_wait();
      catching([this, t] { work(t); });
      --working_;
    });
  }
  threads.emplace_back([this] { catching([this] { background(); }); });
  for (std::thread& each : threads)
    each.join();
  if (failure_) std::rethrow_exception(failure_);

  // A power cut now under `always`, and a kill under any policy, must leave the last state.
  const auto unsynced = plan_.policy == sync_policy::always
                            ? testing::memory_file_system::unsynced_data::dropped
                            : testing::memory_file_system::unsynced_data::kept;
  const auto disk = disk_.after_power_cut(unsynced);
  testing::test_database again(*disk, clock_, plan_.policy);
  require(testing::contents(*again) == testing::contents(*db_),
          "the file does not hold what the database does");
  return std::move(history_);
}

}  // namespace

history record(const history_plan& plan) {
  return recorder(plan).run();
}

}  // namespace buntdb::model
