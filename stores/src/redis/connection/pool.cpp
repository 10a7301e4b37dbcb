#include "redis/connection/pool.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <unistd.h>

#include <scs/error.hpp>

#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

using std::chrono::milliseconds;

namespace {

/// A connection that was idle for this long is closed at the next use of the pool.
constexpr std::chrono::minutes kept_idle{1};

}  // namespace

pool::pool(address server, const settings& with, std::string advice, time_source now)
    : server_(std::move(server)),
      settings_(with),
      options_(with.options),
      advice_(std::move(advice)),
      now_(now),
      owner_(::getpid()) {
  // So that putting a connection back cannot fail.
  idle_.reserve(options_.max_connections);
}

/// Holds a connection, or the right to make one, and returns it to the pool at the end.
class pool::lease {
 public:
  lease(pool& owner, deadline until, freshness wanted)
      : owner_(owner), taken_(owner.take(until, wanted, made_in_)) {
    if (taken_) return;
    try {
      taken_ = owner_.connect(until);
    } catch (...) {
      owner_.put_back(nullptr, made_in_);
      throw;
    }
  }
  ~lease() { owner_.put_back(std::move(taken_), made_in_); }
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

  connection& operator*() noexcept { return *taken_; }
  void discard() noexcept { taken_.reset(); }

 private:
  pool& owner_;
  generation made_in_ = 0;  // before taken_, which sets it
  std::unique_ptr<connection> taken_;
};

void pool::exchange(std::string_view commands, std::span<reply> replies, deadline until,
                    freshness wanted) {
  lease taken{*this, until, wanted};
  const milliseconds given = until.remaining();
  try {
    (*taken).exchange(commands, replies, until);
  } catch (...) {
    taken.discard();
    if (!had_little_time(until, given)) distrust();
    throw;
  }
}

/// Whether a request that has failed had so little time that its failure is not a sign of a dead
/// connection.
bool pool::had_little_time(deadline until, milliseconds given) const noexcept {
  return until.passed() && given < options_.timeout / 4;
}

/// Returns an idle connection, or null. Null is the right to make one.
pool::held_connection pool::take(deadline until, freshness wanted, generation& made_in) {
  for (;;) {
    // The candidate is checked without the lock, and closed if it cannot be used.
    held_connection candidate = take_idle_or_place(until, wanted, made_in);
    if (!candidate) return candidate;
    const milliseconds given = until.remaining();
    try {
      if (is_good(*candidate, until)) return candidate;
    } catch (...) {
      candidate.reset();
      put_back(nullptr, made_in);
      if (!had_little_time(until, given)) distrust();
      throw;
    }
    candidate.reset();
    put_back(nullptr, made_in);
    distrust();
  }
}

/// Returns false if the connection is lost, or if its server must not be used any more. A new
/// connection may reach a successor with the same name. Throws connection_failure if the time was
/// too short to find out.
bool pool::is_good(connection& candidate, deadline until) {
  if (!candidate.usable()) return false;
  if (!candidate.needs_check(now_())) return true;
  const milliseconds given = until.remaining();
  try {
    candidate.check(until.at_most(options_.timeout / 4));
    return true;
  } catch (const connection_failure&) {
    if (had_little_time(until, given)) throw;
    return false;
  } catch (const error&) {
    return false;
  }
}

pool::held_connection pool::take_idle_or_place(deadline until, freshness wanted,
                                               generation& made_in) {
  held_connection replaced;  // closed after the lock is released
  std::unique_lock lock{mutex_};
  if (owner_ != ::getpid()) start_over_after_fork();
  for (;;) {
    // Also for a connection that is made now: a sign of a change while it is made counts.
    made_in = generation_;
    if (!idle_.empty() && wanted == freshness::any) {
      held_connection candidate = std::move(idle_.back());
      idle_.pop_back();
      return candidate;
    }
    if (!idle_.empty() && open_ >= options_.max_connections) {
      replaced = std::move(idle_.front());
      idle_.erase(idle_.begin());
      --open_;
    }
    if (open_ < options_.max_connections) {
      const auto now = std::chrono::steady_clock::now();
      if (now < next_try_) {
        const auto left = std::chrono::ceil<milliseconds>(next_try_ - now);
        throw connection_failure{effect::none, last_reason_ + " (tried again in " +
                                                   std::to_string(left.count()) + " ms)"};
      }
      ++open_;
      return nullptr;
    }
    if (returned_.wait_until(lock, until.moment()) == std::cv_status::timeout && idle_.empty() &&
        open_ >= options_.max_connections) {
      throw connection_failure{
          effect::none, "redis " + server_.text() + ": all " +
                            std::to_string(options_.max_connections) +
                            " connections are in use, and none came back in time; is the server "
                            "slow, or max_connections too small?"};
    }
  }
}

pool::held_connection pool::connect(deadline until) {
  try {
    auto made =
        std::make_unique<connection>(server_, settings_, until.at_most(options_.connect_timeout));
    note_connected();
    return made;
  } catch (const connection_failure& failure) {
    const std::string reason = failure.what() + advice_;
    note_failure(reason);
    throw connection_failure{failure.done(), reason};
  } catch (const error& refusal) {
    // A server that refuses the login (a wrong password) is also a reason for a pause.
    note_failure(refusal.what());
    throw;
  }
}

void pool::note_connected() {
  const std::lock_guard lock{mutex_};
  pause_ = milliseconds{0};
  next_try_ = {};
}

void pool::note_failure(const std::string& reason) {
  const std::lock_guard lock{mutex_};
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return;  // another one that tried at the same time has failed, too
  last_reason_ = reason;
  next_try_ = now + next_pause();
}

/// Returns twice the last pause, reduced at random by up to a fifth, so that web servers do not
/// retry at the same time.
milliseconds pool::next_pause() {
  pause_ = std::clamp(2 * pause_, options_.reconnect_pause_min, options_.max_reconnect_pause);
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<milliseconds::rep> part{0, pause_.count() / 5};
  return pause_ - milliseconds{part(random)};
}

/// Takes a connection back. Null, or one that was made before the last sign of a change, is not
/// kept.
void pool::put_back(std::unique_ptr<connection> back, generation made_in) noexcept {
  held_connection too_many;  // closed after the lock is released
  {
    const std::lock_guard lock{mutex_};
    too_many = take_one_too_many();
    if (back && made_in == generation_) {
      idle_.push_back(std::move(back));
    } else {
      --open_;
    }
  }
  returned_.notify_one();
}

/// Takes the least recently used idle connection, if it was idle for long enough. The caller holds
/// the lock.
pool::held_connection pool::take_one_too_many() noexcept {
  if (idle_.empty() || now_() - idle_.front()->last_use() < kept_idle) {
    return nullptr;
  }
  held_connection taken = std::move(idle_.front());
  idle_.erase(idle_.begin());
  --open_;
  return taken;
}

void pool::distrust() {
  std::vector<std::unique_ptr<connection>> dead;  // closed after the lock is released
  dead.reserve(options_.max_connections);         // before anything is changed: it may throw
  const std::lock_guard lock{mutex_};
  ++generation_;
  dead.swap(idle_);
  open_ -= dead.size();
}

/// The parent continues to use its connections; closing our copies does not disturb it.
void pool::start_over_after_fork() {
  idle_.clear();
  open_ = 0;
  owner_ = ::getpid();
}

}  // namespace scs::stores::redis_detail
