#include "redis/connection/pool.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <unistd.h>

#include <scs/error.hpp>

#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

using std::chrono::milliseconds;

pool::pool(address server, const redis_options& options)
    : server_(std::move(server)), options_(options), owner_(::getpid()) {
  // So that giving a connection back cannot fail.
  idle_.reserve(options.max_connections);
}

/// A connection, or the place of one, until it goes back; one that is not put back is closed.
class pool::lease {
 public:
  lease(pool& owner, deadline until) : owner_(owner), taken_(owner.take(until, made_in_)) {
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

void pool::exchange(std::string_view commands, std::span<reply> replies, deadline until) {
  lease taken{*this, until};
  try {
    (*taken).exchange(commands, replies, until);
  } catch (...) {
    taken.discard();
    distrust();
    throw;
  }
}

/// An idle connection; or none, and the right to make one.
std::unique_ptr<connection> pool::take(deadline until, generation& made_in) {
  for (;;) {
    // Looked at, and closed if it is no use, while the lock is free for others.
    std::unique_ptr<connection> candidate = take_idle_or_place(until, made_in);
    if (!candidate || candidate->usable()) return candidate;
    candidate.reset();
    put_back(nullptr, made_in);
    distrust();
  }
}

std::unique_ptr<connection> pool::take_idle_or_place(deadline until, generation& made_in) {
  std::unique_lock lock{mutex_};
  if (owner_ != ::getpid()) start_over_after_fork();
  for (;;) {
    made_in = generation_;  // also of one that is made now: what happens meanwhile counts
    if (!idle_.empty()) {
      std::unique_ptr<connection> candidate = std::move(idle_.back());
      idle_.pop_back();
      return candidate;
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
    if (returned_.wait_until(lock, until.at()) == std::cv_status::timeout && idle_.empty() &&
        open_ >= options_.max_connections) {
      throw connection_failure{
          effect::none, "redis " + server_.text() + ": all " +
                            std::to_string(options_.max_connections) +
                            " connections are in use, and none came back in time; is the server "
                            "slow, or max_connections too small?"};
    }
  }
}

std::unique_ptr<connection> pool::connect(deadline until) {
  try {
    auto made =
        std::make_unique<connection>(server_, options_, until.at_most(options_.connect_timeout));
    note_connected();
    return made;
  } catch (const connection_failure& failure) {
    note_failure(failure.what());
    throw;
  } catch (const error& refusal) {
    // It is there and does not want us (a wrong password): no less a reason for a pause.
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
  if (now < next_try_) return;  // one of several that tried at once
  last_reason_ = reason;
  next_try_ = now + next_pause();
}

/// Twice the last one, less up to a fifth by chance, so that servers do not return in step.
milliseconds pool::next_pause() {
  pause_ = std::clamp(2 * pause_, options_.reconnect_pause_min, options_.max_reconnect_pause);
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<milliseconds::rep> part{0, pause_.count() / 5};
  return pause_ - milliseconds{part(random)};
}

/// Null, or made before the last sign of a change: there is one less.
void pool::put_back(std::unique_ptr<connection> back, generation made_in) noexcept {
  {
    const std::lock_guard lock{mutex_};
    if (back && made_in == generation_) {
      idle_.push_back(std::move(back));
    } else {
      --open_;
    }
  }
  returned_.notify_one();
}

void pool::distrust() {
  std::vector<std::unique_ptr<connection>> dead;
  const std::lock_guard lock{mutex_};
  ++generation_;
  dead.swap(idle_);
  idle_.reserve(options_.max_connections);
  open_ -= dead.size();
}

/// The parent goes on using its connections; closing our copies does not disturb it.
void pool::start_over_after_fork() {
  idle_.clear();
  open_ = 0;
  owner_ = ::getpid();
}

}  // namespace scs::stores::redis_detail
