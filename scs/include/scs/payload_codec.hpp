#pragma once

#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/payload.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// Converts between a session and the bytes that a store keeps. Implement it to share a store with
/// programs other than Go's SCS v0 and v1.
///
/// Thread safety: any number of threads may call any function at the same time.
class payload_codec {
 public:
  virtual ~payload_codec() = default;

  /// Throws scs::error (payload_undecodable) for anything that encode() could not have written.
  /// `text` must outlive the result.
  virtual payload decode(std::string_view text) const = 0;

  /// Returns the bytes for the store. Throws scs::error if the payload cannot be written in this
  /// format.
  virtual std::string encode(const payload& contents) const = 0;
};

/// The default codec. It writes the JSON of SCS, `{"data":{…},"deadline":UNIX_NANOSECONDS}`, byte
/// for byte as Go's encoding/json does. Members that SCS ignores (and drops when it writes) follow:
///
///     "user":"…"                a session with a user, and with it
///     "created":NANOSECONDS, "where":"…", "seen":NANOSECONDS, "begun":NANOSECONDS
///     "remember_me":true|false  if remember_me() was called
///     "idle_timeout":NANOSECONDS if set_idle_timeout() was called
///     "moved_to":"h:…"          a tombstone; its data is empty, so that Go reads an empty session
///     "renewed_from":"h:…"      just renewed
///
/// Unknown members are kept. If a key occurs twice, the last value counts. Decoding takes linear
/// time, and a constant amount of stack however deeply the values are nested.
class json_codec final : public payload_codec {
 public:
  payload decode(std::string_view text) const override;
  std::string encode(const payload& contents) const override;
};

}  // namespace scs
