#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "harness/child.hpp"
#include "harness/session_data.hpp"

namespace bench {

/// One thread's connection to a contender. Each function that reads returns a sum over what it
/// read, so that the compiler cannot omit the reading.
class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;

  /// Returns the first byte of the value; 0 if there is no such session or it has expired.
  virtual std::uint64_t find(std::string_view key) = 0;

  /// Stores a session, new or not, and commits.
  virtual void save(const save_request& request) = 0;

  /// Stores all of them in one commit.
  virtual void save_batch(std::span<const save_request> requests) = 0;

  /// Reads this many sessions from a key on. Returns the sum of the sizes of their values.
  virtual std::uint64_t ascend(std::string_view from, unsigned count) = 0;

  /// Does the same, but returns the sum of the first bytes of their values.
  virtual std::uint64_t ascend_reading(std::string_view from, unsigned count) = 0;
};

/// What a commit that has returned survives, as closely as a contender can provide it.
enum class promise {
  every_second,  ///< The end of the process. A power cut may lose about the last second, or more.
  always,        ///< a power cut
};

/// A store of sessions that is measured. To add one, implement this class for it and name it in
/// contenders/all.cpp.
class contender {
 public:
  contender() = default;
  contender(const contender&) = delete;
  contender& operator=(const contender&) = delete;
  virtual ~contender() = default;

  virtual std::string name() const = 0;
  /// Returns one line: how it was set up, and what that promises.
  virtual std::string setup() const = 0;
  virtual bool is_ordered() const { return true; }
  /// Returns whether it has a file that can be opened again.
  virtual bool is_persistent() const { return true; }
  /// Returns by what factor a round has fewer operations, because each takes a long time.
  virtual unsigned pace() const { return 1; }
  /// Returns whether sessions may be saved in batches where that is not timed: the resulting state
  /// is the same, and it takes less time.
  virtual bool may_fill_in_batches() const { return true; }
  /// Returns the memory of the process that stores the sessions.
  virtual double resident() const { return resident_bytes(); }

  /// Opens what is in its folder, or creates it. Connections are made after that.
  virtual void open() = 0;
  /// Closes cleanly. Its connections must have been destroyed.
  virtual void close() = 0;
  virtual std::unique_ptr<connection> connect() = 0;
};

}  // namespace bench
