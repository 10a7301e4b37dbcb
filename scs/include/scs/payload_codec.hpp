#pragma once

#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/payload.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How a session is written into the bytes that a store keeps. Implement it to share a store with
/// something else than Go's SCS v0 and v1. Used from any thread.
class payload_codec {
 public:
  virtual ~payload_codec() = default;

  /// Throws scs::error (payload_undecodable) for anything that encode() could not have written.
  /// `text` must outlive the result.
  virtual payload decode(std::string_view text) const = 0;

  virtual std::string encode(const payload& contents) const = 0;
};

/// The default: SCS's own JSON, `{"data":{…},"deadline":UNIX_NANOSECONDS}`, byte for byte what Go's
/// encoding/json writes, followed by members that SCS ignores (and drops when it writes):
///
///     "user":"…"                a user's session, and with it
///     "created":NANOSECONDS, "where":"…", "seen":NANOSECONDS, "begun":NANOSECONDS
///     "remember_me":true|false  if remember_me() was called
///     "idle_timeout":NANOSECONDS if set_idle_timeout() was called
///     "moved_to":"h:…"          a tombstone; its data is empty, so that Go reads an empty session
///     "renewed_from":"h:…"      just renewed
///
/// Members it does not know are kept; of a key that comes twice the last one counts.
/// Decoding takes linear time, and no stack however deeply the values nest.
class json_codec final : public payload_codec {
 public:
  payload decode(std::string_view text) const override;
  std::string encode(const payload& contents) const override;
};

}  // namespace scs
