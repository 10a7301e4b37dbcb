#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/payload.hpp>
#include <scs/payload_codec.hpp>

namespace scs BUNTSTORE_PUBLIC {

struct gob_options {
  /// The Go types of the values that this program sets, by key, as Go spells them: `"int"`,
  /// `"[]byte"`, `"time.Time"`. What is not listed keeps the type that it has in the session, if
  /// the value is of that type; a new key gets one by its value (see gob_codec). bool, string,
  /// time.Time, time.Duration, all numbers, interface {}, and slices of these and maps from strings
  /// to these.
  std::map<std::string, std::string, std::less<>> types{};
};

/// What Go's SCS v2 writes by default, with encoding/gob, so that servers in both languages can
/// work on the same sessions. docs/coming-from-scs.md says how to set them up.
///
/// A session's values in this program, and the types that its own values get unless
/// gob_options::types says another:
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
/// A double without a fraction is written as JSON like an integer: list such a key. Go can read a
/// session only if all of its types are registered (gob.Register): by itself it knows the basic
/// types and slices of them, but not time.Time, map[string]interface{} and []interface{}.
///
/// A value that nobody has changed is written back with its Go type and all that it holds, also
/// inside of a map or struct in which something else has changed; a session that nobody has
/// changed, byte for byte. Text in Go that is not UTF-8 is read with U+FFFD for what is not.
///
/// What SCS does not know is kept among the session's values, where Go keeps it too:
/// `__rememberMe` is SCS's own; `__scs.user`, `__scs.created`, `__scs.begun`, `__scs.where` and
/// `__scs.seen` say whose session it is, `__scs.idleTimeout` how long it may idle. These keys
/// cannot be used otherwise.
class gob_codec final : public payload_codec {
 public:
  /// Throws scs::error (invalid_options) for a type that it does not know.
  explicit gob_codec(gob_options options = {});

  /// Takes linear time, and memory in proportion to the text. Values may nest 60 levels deep.
  payload decode(std::string_view text) const override;

  /// Throws scs::error (invalid_value) for a value that is not of the type listed for its key, that
  /// is nested too deeply, or whose key is one of those above.
  std::string encode(const payload& contents) const override;

 private:
  gob_options options_;
};

}  // namespace scs
