#include "thread/writer_lock.hpp"

#include <algorithm>
#include <thread>

#include "thread/spin_pause.hpp"

namespace buntdb::engine {

/// A thread's entry in the queue. Constructed and destroyed with the mutex held.
class writer_lock::queued {
 public:
  explicit queued(writer_lock& lock) BUNTDB_REQUIRES(lock.mutex_)
      : lock_(lock), own_{.thread = this_thread(), .since = clock::now()} {
    if (lock_.last_ == nullptr) {
      lock_.first_ = &own_;
    } else {
      lock_.last_->next = &own_;
    }
    lock_.last_ = &own_;
    ++lock_.sleeping_;
    lock_.set_hand_over_time();
  }
  ~queued() {
    lock_.mutex_.assert_held();
    --lock_.sleeping_;
    if (own_.woken) lock_.waking_ = false;
    sleeper** at = &lock_.first_;
    sleeper* before = nullptr;
    for (; *at != &own_; at = &(*at)->next)
      before = *at;
    *at = own_.next;
    if (lock_.last_ == &own_) lock_.last_ = before;
    if (before == nullptr) lock_.set_hand_over_time();
  }
  queued(const queued&) = delete;
  queued& operator=(const queued&) = delete;

  bool granted() const noexcept { return own_.granted; }

  /// Returns false when the deadline has passed.
  bool sleep(mutex_lock& held, std::optional<clock::time_point> deadline) {
    lock_.mutex_.assert_held();
    const auto is_called = [this] { return own_.woken || own_.granted; };
    bool called = true;
    if (deadline) {
      called = own_.wake_up.wait_until(held.native(), *deadline, is_called);
    } else {
      own_.wake_up.wait(held.native(), is_called);
    }
    if (own_.woken) {
      own_.woken = false;
      lock_.waking_ = false;
    }
    return called;
  }

 private:
  writer_lock& lock_;
  sleeper own_;
};

writer_lock::clock::time_point writer_lock::hand_over_time() const noexcept {
  const std::uint32_t sleeping = std::max(sleeping_.load(), 1U);
  const auto cycle = sleeping <= few_sleepers ? cycle_of_few : cycle_of_many;
  const auto pause = std::max<clock::duration>(shortest_pause, cycle / sleeping);
  return std::max(first_->since + longest_overtaking, last_hand_over_ + pause);
}

void writer_lock::set_hand_over_time() noexcept {
  if (first_ == nullptr) return;
  const clock::time_point time = hand_over_time();
  hand_over_at_.store(time.time_since_epoch().count(), std::memory_order_relaxed);
}

bool writer_lock::acquire_after_others() {
  constexpr std::chrono::milliseconds long_enough{1};  // the waiting threads may also have given up
  const std::uint64_t now = turns_.load();
  if (!held() && is_waited_for()) {
    mutex_lock lock(mutex_);
    queued place(*this);
    // Sleep once, and only if turns_ has not changed: this may be the thread that release() woke.
    if (turns_.load() == now) place.sleep(lock, clock::now() + long_enough);
    if (place.granted()) return true;
  }
  return acquire();
}

bool writer_lock::try_for_some_time() noexcept {
  constexpr int looks = 100;
  constexpr int yields = 4;
  for (int i = 0; i < looks; ++i) {
    if (!held() && try_take()) return true;
    spin_pause();
  }
  for (int i = 0; i < yields; ++i) {
    std::this_thread::yield();
    if (!held() && try_take()) return true;
  }
  return false;
}

/// Returns false when the deadline has passed.
bool writer_lock::wait_for_turn(std::optional<clock::time_point> deadline) {
  ++waiting_;
  bool taken = try_for_some_time();
  if (taken) {
    --waiting_;
  } else {
    mutex_lock lock(mutex_);
    queued place(*this);
    for (bool goes_on = true;;) {
      taken = place.granted() || try_take();
      if (taken || !goes_on) break;
      goes_on = place.sleep(lock, deadline);
    }
    // While the place is still counted. Otherwise, a release() between the two could believe that a
    // thread is awake, and would wake none.
    --waiting_;
  }
  return taken;
}

/// Hands the lock to the first sleeper if it has slept for long enough. Returns whether it did.
bool writer_lock::hand_over() noexcept {
  const clock::time_point now = clock::now();
  if (now.time_since_epoch().count() < hand_over_at_.load(std::memory_order_relaxed)) return false;
  const mutex_lock lock(mutex_);
  if (first_ == nullptr || first_->granted || now < hand_over_time()) return false;
  last_hand_over_ = now;
  set_hand_over_time();
  first_->granted = true;
  ++turns_;
  holder_.store(first_->thread);
  first_->wake_up.notify_one();
  return true;
}

void writer_lock::wake_first() noexcept {
  const mutex_lock lock(mutex_);
  if (waking_ || first_ == nullptr) return;  // one thread is waking up already and will try
  waking_ = true;
  first_->woken = true;
  first_->wake_up.notify_one();
}

}  // namespace buntdb::engine
