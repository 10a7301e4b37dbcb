#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "harness/child.hpp"
#include "harness/session_data.hpp"

namespace bench {

/// One thread's way to a contender. What is found is consumed: each function that reads gives a sum
/// over what it met, so that the reading cannot be left out.
class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;

  /// The first byte of the value; 0 if there is no such session or it has expired.
  virtual std::uint64_t find(std::string_view key) = 0;

  /// Stores a session, new or not, and commits.
  virtual void save(const save_request& request) = 0;

  /// Stores all of them in one commit.
  virtual void save_batch(std::span<const save_request> requests) = 0;

  /// So many sessions from a key on; the sum of the sizes of their values.
  virtual std::uint64_t ascend(std::string_view from, unsigned count) = 0;

  /// The same, but the sum of the first bytes of their values.
  virtual std::uint64_t ascend_reading(std::string_view from, unsigned count) = 0;
};

/// What a commit that has returned is safe from, as near as a contender can come to it.
enum class promise {
  every_second,  ///< the end of the process; a power cut may cost about the last second, or more
  always,        ///< a power cut
};

/// A keeper of sessions that takes part. To add one, write this class for it and name it in
/// contenders/all.cpp.
class contender {
 public:
  contender() = default;
  contender(const contender&) = delete;
  contender& operator=(const contender&) = delete;
  virtual ~contender() = default;

  virtual std::string name() const = 0;
  /// One line: how it was set up, and what that promises.
  virtual std::string setup() const = 0;
  virtual bool is_ordered() const { return true; }
  /// Whether it has a file that can be opened again.
  virtual bool is_persistent() const { return true; }
  /// How many times fewer operations a round has, because each takes so long.
  virtual unsigned pace() const { return 1; }
  /// Whether what is not timed may be saved in batches: it ends in the same state, in less time.
  virtual bool may_fill_in_batches() const { return true; }
  /// The memory of the process that keeps the sessions.
  virtual double resident() const { return resident_bytes(); }

  /// Opens what is in its folder, or begins anew. Connections are made after that.
  virtual void open() = 0;
  /// Closes cleanly; its connections are gone by then.
  virtual void close() = 0;
  virtual std::unique_ptr<connection> connect() = 0;
};

}  // namespace bench
