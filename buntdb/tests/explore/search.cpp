#include "search.hpp"

#include <bit>
#include <stdexcept>

#include "memory_model.hpp"

namespace explore {

namespace {

constexpr std::uint32_t bit(unsigned thread) noexcept {
  return std::uint32_t{1} << thread;
}

constexpr unsigned first_of(std::uint32_t threads) noexcept {
  return static_cast<unsigned>(std::countr_zero(threads));
}

/// The threads that can run; only one of them if it starts, which depends on nothing.
std::uint32_t runnable(std::span<const std::optional<operation>> next) noexcept {
  std::uint32_t result = 0;
  for (unsigned thread = 0; thread < next.size(); ++thread) {
    if (!next[thread]) continue;
    if (next[thread]->kind == action::start) return bit(thread);
    result |= bit(thread);
  }
  return result;
}

}  // namespace

std::optional<unsigned> search::pick(std::span<const std::optional<operation>> next,
                                     const memory_model& model) {
  if (depth_ == points_on_path_.size()) {
    point added{};
    added.runnable = runnable(next);
    added.asleep = depth_ == 0 ? 0 : asleep_;
    if (depth_ != 0) {
      const point& before = points_on_path_.back();
      const bool preempted_before =
          depth_ > 1 && points_on_path_[depth_ - 2].thread != before.thread &&
          (before.runnable & bit(points_on_path_[depth_ - 2].thread)) != 0;
      added.preemptions = before.preemptions + (preempted_before ? 1 : 0);
    }
    points_on_path_.push_back(added);
    const std::uint32_t open = allowed(depth_);
    if (open == 0) {
      points_on_path_.pop_back();
      return {};
    }
    ++points_;
    point& now = points_on_path_.back();
    const unsigned last = depth_ == 0 ? 0 : points_on_path_[depth_ - 1].thread;
    now.thread = (open & bit(last)) != 0 ? last : first_of(open);
  }
  point& now = points_on_path_[depth_];
  const operation wanted = *next[now.thread];
  if (!now.next) now.next = wanted;
  if (*now.next != wanted) throw std::logic_error("an execution went another way than before");
  asleep_ = asleep_after(now, next, model);
  ++depth_;
  return now.thread;
}

/// The threads that sleep after the point: those that slept or were tried there, unless their
/// operation depends on the one that is run.
std::uint32_t search::asleep_after(const point& before,
                                   std::span<const std::optional<operation>> next,
                                   const memory_model& model) const noexcept {
  if (!is_reduced()) return 0;
  std::uint32_t result = 0;
  for (std::uint32_t left = before.asleep | before.tried; left != 0; left &= left - 1) {
    const unsigned thread = first_of(left);
    if (next[thread] && !model.depend(*next[thread], *before.next)) result |= bit(thread);
  }
  return result;
}

/// What may still be tried at a point.
std::uint32_t search::allowed(std::size_t at) const noexcept {
  const point& now = points_on_path_[at];
  std::uint32_t result = now.runnable & ~now.asleep & ~now.tried;
  if (max_preemptions_ && at != 0) {
    const std::uint32_t last = bit(points_on_path_[at - 1].thread);
    if ((now.runnable & last) != 0 && now.preemptions >= *max_preemptions_) result &= last;
  }
  return result;
}

unsigned search::choose(unsigned count) {
  point& now = points_on_path_[depth_ - 1];
  now.choices = count;
  return now.choice;
}

bool search::advance() {
  while (!points_on_path_.empty()) {
    point& last = points_on_path_.back();
    if (++last.choice < last.choices) return true;
    last.tried |= bit(last.thread);
    last.choice = 0;
    last.choices = 1;
    last.next.reset();
    if (const std::uint32_t open = allowed(points_on_path_.size() - 1); open != 0) {
      last.thread = first_of(open);
      return true;
    }
    points_on_path_.pop_back();
  }
  return false;
}

}  // namespace explore
