#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include <scs/session_id.hpp>

namespace scs::detail {

/// The order in which commits on one session proceed within this process: one at a time, and the
/// one that has waited longest is first. Without it, each of many requests on one session finds at
/// its commit that another one was faster, and a few requests lose again and again.
///
/// Turns are not needed for correctness, because commits compare revisions with or without them. A
/// thread may therefore skip its turn where it might wait forever.
class session_turns {
 public:
  session_turns() = default;
  session_turns(const session_turns&) = delete;
  session_turns& operator=(const session_turns&) = delete;

  /// Whether a thread has the session's turn or waits for it. Several sessions share a turn, so the
  /// answer may be about another session.
  bool is_wanted(const session_id& id) const noexcept { return line_of(id).wanted.load() != 0; }

 private:
  friend class session_turn;

  /// A thread that waits. The object is on the thread's stack.
  struct waiter {
    std::condition_variable is_next{};
    waiter* after = nullptr;
    bool has_turn = false;
  };

  /// The state of one turn, and the threads that wait for it.
  struct alignas(64) line {
    std::atomic<std::size_t> wanted = 0;  // the threads that have the turn or wait for it
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

/// A thread's turn on one session, from take() until this object is destroyed. Used by one thread.
class session_turn {
 public:
  session_turn(session_turns& turns, const session_id& id) noexcept
      : line_(turns.lines_[session_turns::position_of(id)]) {}
  session_turn(const session_turn&) = delete;
  session_turn& operator=(const session_turn&) = delete;
  ~session_turn();

  bool is_wanted() const noexcept { return line_.wanted.load() != 0; }

  /// Waits for the turn, unless this thread has a turn already. If that is another session's turn,
  /// waiting would make the threads that wait for that turn wait as well. Gives up after the limit,
  /// and after one second at the latest. Commits may then conflict as they would without turns.
  /// Returns whether it has waited, so that the session may have changed in the meantime.
  bool take(std::chrono::nanoseconds limit);

 private:
  session_turns::line& line_;
  bool owned_ = false;
};

}  // namespace scs::detail
