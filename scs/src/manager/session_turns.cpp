#include "manager/session_turns.hpp"

#include <algorithm>
#include <functional>

namespace scs::detail {

namespace {

constexpr std::chrono::seconds longest_wait{1};

/// Whether this thread has a turn.
thread_local bool has_turn = false;

}  // namespace

std::size_t session_turns::position_of(const session_id& id) noexcept {
  return std::hash<session_id>{}(id) % line_count;
}

session_turn::~session_turn() {
  if (!owned_) return;
  has_turn = false;
  const std::lock_guard lock(line_.mutex);
  line_.wanted.fetch_sub(1);
  session_turns::waiter* const next = line_.first;
  if (next == nullptr) {
    line_.taken = false;
    return;
  }
  line_.first = next->after;
  if (line_.first == nullptr) line_.last = nullptr;
  next->has_turn = true;
  // Under the lock: once it is released, the waiter may no longer exist.
  next->is_next.notify_one();
}

bool session_turn::take(std::chrono::nanoseconds limit) {
  if (has_turn) return false;
  std::unique_lock lock(line_.mutex);
  if (!line_.taken) {
    line_.wanted.fetch_add(1);
    line_.taken = true;
    owned_ = has_turn = true;
    return false;
  }
  session_turns::waiter self;
  (line_.first == nullptr ? line_.first : line_.last->after) = &self;
  line_.last = &self;
  line_.wanted.fetch_add(1);
  const auto until = std::chrono::steady_clock::now() +
                     std::clamp<std::chrono::nanoseconds>(limit, {}, longest_wait);
  if (self.is_next.wait_until(lock, until, [&] { return self.has_turn; })) {
    owned_ = has_turn = true;
    return true;
  }
  session_turns::waiter* before = nullptr;
  for (session_turns::waiter* at = line_.first; at != &self; at = at->after)
    before = at;
  (before == nullptr ? line_.first : before->after) = self.after;
  if (line_.last == &self) line_.last = before;
  line_.wanted.fetch_sub(1);
  return true;
}

}  // namespace scs::detail
