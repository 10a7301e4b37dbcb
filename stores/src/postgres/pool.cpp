#include "postgres/pool.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <string_view>
#include <utility>

namespace scs::stores::postgres_detail {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{2000};

/// A connection that is idle for this long is closed at the next use of the pool.
constexpr std::chrono::minutes kept_idle{1};

/// Returns a random pause, at least three quarters of the maximum, so that servers that lost the
/// database at the same time do not reconnect at the same time.
std::chrono::nanoseconds pause_after(int failures) {
  constexpr int max_doublings = 5;
  const std::chrono::nanoseconds pause =
      std::min(first_pause * (1 << std::min(failures - 1, max_doublings)), longest_pause);
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::chrono::nanoseconds{std::uniform_int_distribution<std::chrono::nanoseconds::rep>{
      pause.count() * 3 / 4, pause.count()}(random)};
}

}  // namespace

pool::pool(const postgres_options& options, database_clock& time, server_watch& watch)
    : plan_(options.connection, options.timeout),
      time_(time),
      watch_(watch),
      max_clock_skew_(options.max_clock_skew),
      timeout_(options.timeout),
      mode_(options.statements),
      connections_max_(options.max_connections) {
  idle_.reserve(connections_max_);  // so that giving back cannot fail
}

pool::lease pool::take(deadline until, freshness wanted) {
  held_connection replaced;  // closed after the lock is released
  std::unique_lock lock{mutex_};
  while (true) {
    if (wanted == freshness::any) {
      if (auto held = take_idle(lock, until)) {
        return {*this, std::move(held), lease::age::used, generation_};
      }
    } else if (!idle_.empty() && open_ >= connections_max_) {
      replaced = std::move(idle_.front().held);
      idle_.erase(idle_.begin());
      --open_;
    }
    if (open_ < connections_max_ && next_try_ <= clock::now()) {
      const std::uint64_t generation = generation_;  // distrust() may change it meanwhile
      return {*this, open(lock, until), lease::age::fresh, generation};
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

pool::held_connection pool::take_idle(std::unique_lock<std::mutex>& lock, deadline until) {
  while (!idle_.empty()) {
    // Prefer the connection that this thread used before: the system then keeps both ends on the
    // same core, which improves the throughput by a fifth.
    const auto same = std::find_if(
        idle_.rbegin(), idle_.rend(),
        [me = std::this_thread::get_id()](const auto& idle) { return idle.last_user == me; });
    const auto chosen = same == idle_.rend() ? std::prev(idle_.end()) : std::prev(same.base());
    held_connection held = std::move(chosen->held);
    idle_.erase(chosen);
    const std::uint64_t generation = generation_;
    lock.unlock();
    bool good = false;
    try {
      good = is_good(*held, until);
    } catch (...) {
      held.reset();
      lock.lock();
      --open_;
      changed_.notify_one();
      throw;
    }
    if (!good) held.reset();
    lock.lock();
    if (good && generation == generation_) return held;
    --open_;
    changed_.notify_one();
    lock.unlock();
    held.reset();
    lock.lock();
  }
  return nullptr;
}

/// Throws failure (late) if there was too little time to find out.
bool pool::is_good(connection& candidate, deadline until) {
  if (!candidate.is_alive()) return false;
  const auto now = clock::now();
  if (!candidate.needs_check(now)) return true;
  const auto enough = now + timeout_ / 4;
  try {
    check(candidate, std::min(until, enough));
    return true;
  } catch (const failure& failed) {
    if (failed.reason() == failure::kind::late && until < enough) throw;
    distrust();
    return false;
  }
}

void pool::check(connection& with, deadline until) {
  const connection::moment found = with.check(until);
  if (time_.is_given()) return;
  const auto ours = scs::clock::system().now() - (clock::now() - found.ours);
  try {
    watch_.compare_clocks("the database", found.theirs - ours, max_clock_skew_);
  } catch (const error& refused) {
    throw failure(failure::kind::unreachable, {}, refused.what());
  }
  time_.learn(found.theirs, found.ours);
}

pool::held_connection pool::open(std::unique_lock<std::mutex>& lock, deadline until) {
  ++open_;
  if (failures_ > 0) next_try_ = until;  // other threads need not try as well
  lock.unlock();
  try {
    auto opened = connect(until);
    lock.lock();
    failures_ = 0;
    next_try_ = {};
    changed_.notify_all();
    return opened;
  } catch (const failure& failed) {
    lock.lock();
    --open_;
    count_failure(failed.what());
    throw;
  } catch (...) {
    lock.lock();
    --open_;
    next_try_ = {};
    changed_.notify_all();
    throw;
  }
}

// libpq would spend the whole time on the first host that does not answer.
pool::held_connection pool::connect(deadline until) {
  const std::size_t count = plan_.host_count();
  const std::size_t first = good_host_.load();
  std::string reasons;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t host = (first + i) % count;
    const auto share = (until - clock::now()) / static_cast<int>(count - i);
    deadline limit = std::min(until, clock::now() + share);
    if (plan_.connect_timeout() > milliseconds{0}) {
      limit = std::min(limit, clock::now() + plan_.connect_timeout());
    }
    try {
      held_connection made = connect_to(host, limit);
      good_host_ = host;
      return made;
    } catch (const failure& failed) {
      if (count == 1) throw;
      reasons += (reasons.empty() ? "" : "; ") + plan_.host_name(host) + ": " + failed.what();
    }
  }
  throw failure(failure::kind::unreachable, {}, reasons);
}

pool::held_connection pool::connect_to(std::size_t host, deadline until) {
  const auto connect_with = [&](startup_options options) {
    auto made = std::make_unique<connection>(plan_, host, options, mode_, until);
    check(*made, until);
    return made;
  };
  if (refuses_startup_options_) return connect_with(startup_options::left_out);
  try {
    return connect_with(startup_options::sent);
  } catch (const failure& failed) {
    // The text of PgBouncer's message. The protocol has no code for it.
    if (std::string_view{failed.what()}.find("unsupported startup parameter") ==
        std::string_view::npos) {
      throw;
    }
  }
  held_connection made = connect_with(startup_options::left_out);
  refuses_startup_options_ = true;
  return made;
}

void pool::distrust() {
  std::vector<idle_connection> dead;  // closed after the lock is released
  dead.reserve(connections_max_);
  const std::lock_guard lock{mutex_};
  ++generation_;
  dead.swap(idle_);
  open_ -= dead.size();
  changed_.notify_all();
}

void pool::count_failure(const std::string& text) {
  ++failures_;
  last_failure_ = text;
  next_try_ = clock::now() + pause_after(failures_);
  changed_.notify_all();
}

/// Waits until a connection may have been given back, or a new one may be opened.
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

void pool::give_back(held_connection held, std::uint64_t generation) noexcept {
  held_connection too_many;  // closed after the lock is released
  {
    const std::lock_guard lock{mutex_};
    too_many = take_one_too_many();
    if (held && generation == generation_) {
      idle_.push_back({std::move(held), std::this_thread::get_id()});
    } else {
      --open_;
    }
  }
  changed_.notify_one();
}

/// Returns the idle connection that was used least recently, if that was long ago. Requires the
/// lock.
pool::held_connection pool::take_one_too_many() noexcept {
  const auto oldest = std::min_element(idle_.begin(), idle_.end(), [](auto& a, auto& b) {
    return a.held->last_use() < b.held->last_use();
  });
  if (oldest == idle_.end() || clock::now() - oldest->held->last_use() < kept_idle) return nullptr;
  held_connection taken = std::move(oldest->held);
  idle_.erase(oldest);
  --open_;
  return taken;
}

}  // namespace scs::stores::postgres_detail
