#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/payload.hpp>
#include <scs/payload_codec.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How a gob_codec writes the values that this program sets.
struct gob_options {
  /// The Go types of the values that this program sets, by key, in Go's spelling: `"int"`,
  /// `"[]byte"`, `"time.Time"`. A key that is not listed keeps the type that it has in the session
  /// if the new value is of that type. A new key gets a type by its value (see gob_codec).
  /// Supported types are bool, string, time.Time, time.Duration, all number types, interface {},
  /// slices of these, and maps from strings to these.
  std::map<std::string, std::string, std::less<>> types{};
};

/// The format that Go's SCS v2 writes by default, with encoding/gob, so that servers in both
/// languages can use the same sessions. docs/coming-from-scs.md says how to set them up.
///
/// The table shows how this program reads the values of Go, and which types its own values get
/// unless gob_options::types says another:
///
///     Go                        session.get<…>()               written for
///     string                    std::string                    text
///     bool                      bool                           true, false
///     int, int8 … int64         integers, exact                integers: int64
///     uint, uint8 … uintptr     integers, exact                integers above that: uint64
///     float32, float64          double; "NaN", "+Inf", "-Inf"  numbers with a fraction: float64
///     []byte                    scs::bytes (base64)            —
///     time.Time                 scs::time_point (RFC 3339)     —
///     nil                       JSON null                      null
///     slices, arrays            a JSON array                   []string, []bool, []int64,
///                                                              []float64; mixed: []interface {}
///     maps, structs             a JSON object                  map[string]interface {}
///     complex64, complex128     a JSON array of two numbers    —
///     another GobEncoder        {"opaque":NAME,"base64":…}     —
///
/// JSON writes a double without a fraction like an integer, so list such a key in
/// gob_options::types. Go can read a session only if all of its types are registered
/// (gob.Register). It knows the basic types and slices of them without registration, but not
/// time.Time, map[string]interface{} and []interface{}.
///
/// A value that nobody has changed is written back with its Go type and everything in it, even if
/// it is part of a map or struct in which something else has changed. A session that nobody has
/// changed is written back byte for byte. Text in Go that is not UTF-8 is read with U+FFFD in place
/// of the invalid bytes.
///
/// Data that SCS does not know is kept among the session's values, so that Go keeps it, too. The
/// key `__rememberMe` is SCS's own. The keys `__scs.user`, `__scs.created`, `__scs.begun`,
/// `__scs.where` and `__scs.seen` describe the session's user and login, and `__scs.idleTimeout`
/// its idle timeout. You cannot use these keys for your own values.
///
/// Thread safety: any number of threads may call any function at the same time.
class gob_codec final : public payload_codec {
 public:
  /// Throws scs::error (invalid_options) for a type that is not supported.
  explicit gob_codec(gob_options options = {});

  /// Reads what Go or encode() wrote. Takes linear time, and memory in proportion to the text.
  /// Values may be nested up to 60 levels deep. Throws scs::error (payload_undecodable).
  payload decode(std::string_view text) const override;

  /// Throws scs::error (invalid_value) if a value is not of the type listed for its key, is nested
  /// too deeply, or has one of the reserved keys above.
  std::string encode(const payload& contents) const override;

 private:
  gob_options options_;
};

}  // namespace scs
