#include "search.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace explore {

namespace {

constexpr std::uint32_t bit(unsigned thread) noexcept {
  return std::uint32_t{1} << thread;
}

constexpr unsigned first_of(std::uint32_t threads) noexcept {
  return static_cast<unsigned>(std::countr_zero(threads));
}

/// Returns the threads that can run. If one of them starts, returns only that one, because its
/// start depends on nothing.
std::uint32_t runnable_of(std::span<const std::optional<operation>> next) noexcept {
  std::uint32_t result = 0;
  for (unsigned thread = 0; thread < next.size(); ++thread) {
    if (!next[thread]) continue;
    if (next[thread]->kind == action::start) return bit(thread);
    result |= bit(thread);
  }
  return result;
}

void join(vector_clock& to, const vector_clock& from) noexcept {
  for (unsigned i = 0; i < to.size(); ++i)
    to[i] = std::max(to[i], from[i]);
}

}  // namespace

std::optional<unsigned> search::pick(std::span<const std::optional<operation>> next) {
  if (depth_ == path_.size() && !add_point(next)) return {};
  point& now = path_[depth_];
  const operation& wanted = *next[now.thread];
  if (!now.next) {
    now.next = wanted;
    if (reduction_ == reduction::full) trace();
  }
  if (*now.next != wanted) throw std::logic_error("an execution went another way than before");
  asleep_ = asleep_after(now, next);
  ++depth_;
  return now.thread;
}

/// Returns false if all threads that can run sleep.
bool search::add_point(std::span<const std::optional<operation>> next) {
  point added;
  added.runnable = runnable_of(next);
  added.asleep = depth_ == 0 ? 0 : asleep_;
  added.wanted = added.runnable;
  added.preemptions = preemptions_before(depth_);
  path_.push_back(added);
  const thread_set open = allowed(depth_);
  if (open == 0) {
    path_.pop_back();
    return false;
  }
  point& now = path_.back();
  const unsigned last = depth_ == 0 ? 0 : path_[depth_ - 1].thread;
  now.thread = (open & bit(last)) != 0 ? last : first_of(open);
  if (reduction_ == reduction::full) now.wanted = bit(now.thread);
  ++points_;
  return true;
}

unsigned search::preemptions_before(std::size_t at) const noexcept {
  if (at < 2) return 0;
  const point& last = path_[at - 1];
  const unsigned before = path_[at - 2].thread;
  return last.preemptions + (last.thread != before && (last.runnable & bit(before)) != 0 ? 1 : 0);
}

/// Returns the threads that sleep after the point: those that slept or were tried there, unless
/// their operation depends on the one that is run.
search::thread_set search::asleep_after(
    const point& before, std::span<const std::optional<operation>> next) const noexcept {
  if (reduction_ == reduction::none) return 0;
  thread_set result = 0;
  for (thread_set left = before.asleep | before.tried; left != 0; left &= left - 1) {
    const unsigned thread = first_of(left);
    if (next[thread] && !depend(*next[thread], *before.next)) result |= bit(thread);
  }
  return result;
}

/// Returns what may still be tried at a point.
search::thread_set search::allowed(std::size_t at) const noexcept {
  const point& now = path_[at];
  thread_set result = now.runnable & now.wanted & ~now.asleep & ~now.tried;
  if (max_preemptions_ && at != 0) {
    const thread_set last = bit(path_[at - 1].thread);
    if ((now.runnable & last) != 0 && now.preemptions >= *max_preemptions_) result &= last;
  }
  return result;
}

/// Records what influences the newest operation, and schedules reversals of the operations with
/// which it races.
void search::trace() {
  point& last = path_[depth_];
  last.past = {};
  for (std::size_t i = depth_; i-- > 0;) {
    if (path_[i].thread != last.thread) continue;
    last.past = path_[i].now;
    break;
  }
  last.now = last.past;
  for (std::size_t i = depth_; i-- > 0;) {
    const point& before = path_[i];
    if (last.now[before.thread] > i || !depend(*before.next, *last.next)) continue;
    if (last.next->kind != action::lock) reverse(i, last.now);
    join(last.now, before.now);
  }
  if (last.next->kind == action::lock) trace_lock();
  last.now[last.thread] = static_cast<std::uint32_t>(depth_ + 1);
}

/// A thread that locks a mutex had to wait for the unlock before it, so the two cannot be
/// exchanged. But it could have locked the mutex instead of the last other thread that did.
void search::trace_lock() {
  const point& last = path_[depth_];
  for (std::size_t i = depth_; i-- > 0;) {
    const point& before = path_[i];
    if (before.thread == last.thread || before.next != last.next) continue;
    if (last.past[before.thread] <= i) reverse(i, last.past);
    return;
  }
}

/// Schedules a thread at a point that leads to the same state without the operation there and what
/// it influences, and then to the newest operation, which `before_last` influences.
void search::reverse(std::size_t at, const vector_clock& before_last) {
  const unsigned reversed = path_[at].thread;
  std::vector<std::size_t> others;  // the remaining operations between the two
  thread_set begun = 0;
  thread_set initials = 0;
  for (std::size_t i = at + 1; i <= depth_; ++i) {
    const point& each = path_[i];
    const vector_clock& influence = i == depth_ ? before_last : each.now;
    if (i != depth_ && influence[reversed] > at) continue;
    if ((begun & bit(each.thread)) == 0) {
      begun |= bit(each.thread);
      const bool is_first = std::ranges::none_of(
          others, [&](std::size_t other) { return influence[path_[other].thread] > other; });
      if (is_first) initials |= bit(each.thread);
    }
    others.push_back(i);
  }
  if ((initials & path_[at].wanted) != 0) return;
  const unsigned last = path_[depth_].thread;
  path_[at].wanted |= (initials & bit(last)) != 0 ? bit(last) : bit(first_of(initials));
}

bool search::could_precede(std::size_t depth) const noexcept {
  if (reduction_ != reduction::full || depth == 0) return false;
  const point& self = path_[depth_ - 1];
  return self.past[path_[depth - 1].thread] < depth;
}

unsigned search::choose(unsigned count) {
  point& now = path_[depth_ - 1];
  now.choices = count;
  return now.choice;
}

bool search::advance() {
  while (!path_.empty()) {
    point& last = path_.back();
    if (++last.choice < last.choices) return true;
    last.tried |= bit(last.thread);
    last.choice = 0;
    last.choices = 1;
    last.next.reset();
    if (const thread_set open = allowed(path_.size() - 1); open != 0) {
      last.thread = first_of(open);
      return true;
    }
    path_.pop_back();
  }
  return false;
}

}  // namespace explore
