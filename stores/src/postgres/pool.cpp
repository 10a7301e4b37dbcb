#include "postgres/pool.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

namespace scs::stores::postgres_detail {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{2000};

/// Between three quarters of the pause and all of it, so that servers which lost the database
/// together do not come back together.
std::chrono::nanoseconds pause_after(int failures) {
  constexpr int max_doublings = 5;
  const std::chrono::nanoseconds pause =
      std::min(first_pause * (1 << std::min(failures - 1, max_doublings)), longest_pause);
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::chrono::nanoseconds{std::uniform_int_distribution<std::chrono::nanoseconds::rep>{
      pause.count() * 3 / 4, pause.count()}(random)};
}

}  // namespace

pool::pool(std::string conninfo, statement_mode mode, std::size_t max_connections)
    : conninfo_(std::move(conninfo)), mode_(mode), connections_max_(max_connections) {
  idle_.reserve(max_connections);  // so that giving back cannot fail
}

pool::lease pool::take(deadline until) {
  std::unique_lock lock{mutex_};
  while (true) {
    if (auto held = take_idle(lock)) return {*this, std::move(held), lease::age::used};
    if (open_ < connections_max_ && next_try_ <= clock::now()) {
      return {*this, open(lock, until), lease::age::fresh};
    }
    if (open_ == 0) {
      const auto left = std::chrono::ceil<milliseconds>(next_try_ - clock::now());
      throw failure(
          failure::kind::unreachable, {},
          last_failure_ + "; the next try is due in " + std::to_string(left.count()) + " ms");
    }
    wait(lock, until);
  }
}

std::unique_ptr<connection> pool::take_idle(std::unique_lock<std::mutex>& lock) {
  while (!idle_.empty()) {
    // Best the one that this thread had before: the system then keeps both ends near each other,
    // which is worth a fifth of the throughput.
    const auto same = std::find_if(
        idle_.rbegin(), idle_.rend(),
        [me = std::this_thread::get_id()](const auto& idle) { return idle.last_user == me; });
    const auto chosen = same == idle_.rend() ? std::prev(idle_.end()) : std::prev(same.base());
    std::unique_ptr<connection> held = std::move(chosen->held);
    idle_.erase(chosen);
    lock.unlock();
    const bool alive = held->is_alive();
    if (!alive) held.reset();
    lock.lock();
    if (alive) return held;
    --open_;
  }
  return nullptr;
}

std::unique_ptr<connection> pool::open(std::unique_lock<std::mutex>& lock, deadline until) {
  ++open_;
  if (failures_ > 0) next_try_ = until;  // the others need not find out the same
  lock.unlock();
  try {
    auto opened = std::make_unique<connection>(conninfo_, mode_, until);
    lock.lock();
    failures_ = 0;
    next_try_ = {};
    changed_.notify_all();
    return opened;
  } catch (const failure& failed) {
    lock.lock();
    --open_;
    count_failure(failed.text());
    throw;
  } catch (...) {
    lock.lock();
    --open_;
    changed_.notify_all();
    throw;
  }
}

void pool::count_failure(const std::string& text) {
  ++failures_;
  last_failure_ = text;
  next_try_ = clock::now() + pause_after(failures_);
  changed_.notify_all();
}

/// Until a connection may have come back, or a new one may be opened.
void pool::wait(std::unique_lock<std::mutex>& lock, deadline until) {
  const bool may_open = open_ < connections_max_;
  const auto wake = may_open ? std::min(until, next_try_) : until;
  if (changed_.wait_until(lock, wake) == std::cv_status::timeout && clock::now() >= until) {
    throw failure(failure::kind::late, {},
                  "no connection to the database became free before the timeout (" +
                      (failures_ > 0 ? last_failure_
                                     : "max_connections is " + std::to_string(connections_max_)) +
                      ")");
  }
}

void pool::give_back(std::unique_ptr<connection> held) noexcept {
  {
    const std::lock_guard lock{mutex_};
    if (held) {
      idle_.push_back({std::move(held), std::this_thread::get_id()});
    } else {
      --open_;
    }
  }
  changed_.notify_one();
}

}  // namespace scs::stores::postgres_detail
