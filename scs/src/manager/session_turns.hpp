#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include <scs/session_id.hpp>

namespace scs::detail {

/// The order in which commits that meet on one session go on, within this process: one after the
/// other, the one that has waited longest first. Without it, each of many requests on one session
/// finds at its commit that another one was quicker, and a few find so again and again.
///
/// A turn makes nothing correct: commits compare revisions with or without it. It may therefore be
/// left out, and is where waiting could last for ever.
class session_turns {
 public:
  session_turns() = default;
  session_turns(const session_turns&) = delete;
  session_turns& operator=(const session_turns&) = delete;

  /// Whether somebody has the session's turn or waits for it. Sessions share turns, a few of many,
  /// so the answer may be meant for another one.
  bool is_wanted(const session_id& id) const noexcept { return line_of(id).wanted.load() != 0; }

 private:
  friend class session_turn;

  /// A thread that waits. It lives on the thread's stack.
  struct waiter {
    std::condition_variable is_next{};
    waiter* after = nullptr;
    bool has_turn = false;
  };

  /// Whose turn it is, and who waits for it.
  struct alignas(64) line {
    std::atomic<std::size_t> wanted = 0;  // the turn's owner and those who wait
    std::mutex mutex{};
    bool taken = false;
    waiter* first = nullptr;
    waiter* last = nullptr;
  };

  static constexpr std::size_t line_count = 64;

  static std::size_t position_of(const session_id& id) noexcept;
  const line& line_of(const session_id& id) const noexcept { return lines_[position_of(id)]; }

  std::array<line, line_count> lines_{};
};

/// A thread's turn on one session, from take() until the end of its scope. Used by one thread.
class session_turn {
 public:
  session_turn(session_turns& turns, const session_id& id) noexcept
      : line_(turns.lines_[session_turns::position_of(id)]) {}
  session_turn(const session_turn&) = delete;
  session_turn& operator=(const session_turn&) = delete;
  ~session_turn();

  bool is_wanted() const noexcept { return line_.wanted.load() != 0; }

  /// Waits for the turn, unless this thread has one: this one, or that of another session, for
  /// which it would have to wait while others wait for it. Gives up after the limit, and at one
  /// second at the latest: then commits meet as they would without turns. Returns whether it has
  /// waited, so that the session was perhaps changed in the meantime.
  bool take(std::chrono::nanoseconds limit);

 private:
  session_turns::line& line_;
  bool owned_ = false;
};

}  // namespace scs::detail
