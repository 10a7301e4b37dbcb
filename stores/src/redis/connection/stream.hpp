#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "redis/connection/deadline.hpp"

namespace scs::stores::redis_detail {

/// Bytes to a server and back. Every function ends by a deadline. Used by one thread at a time,
/// except silent(), which any number of threads may call while no other function runs.
class stream {
 public:
  stream() = default;
  virtual ~stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Throws connection_failure; its effect is none if nothing was accepted.
  virtual void send(std::string_view bytes, deadline until) = 0;

  /// Returns how many bytes were read, at least one. May be late by a sixteenth of the usual wait.
  /// Throws connection_failure (effect::unknown), also at the end of the stream.
  virtual std::size_t receive(std::span<char> buffer, deadline until) = 0;

  /// Whether the stream is open, and nothing has arrived that was not asked for.
  virtual bool silent() const noexcept = 0;
};

}  // namespace scs::stores::redis_detail
