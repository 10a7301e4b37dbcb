#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// The beginning of a watermark's id if the rest of the id is the user's name.
inline constexpr std::string_view plain_watermark_prefix = "w:=";

/// Returns whether the id of the user's watermark is plain_watermark_prefix and the user's name.
/// That is so if the name is short enough for an id and contains no ASCII control characters.
bool has_plain_watermark_id(std::string_view user) noexcept;

/// Returns the id under which a manager keeps the user's watermark: the record that says which of
/// the user's sessions have ended (docs/session-rules.md, rule 18). The user's name must not be
/// empty. Throws scs::error (crypto_failed) if the hash function fails.
session_id watermark_id(std::string_view user);

/// What a manager needs to load a session.
struct session_with_watermark {
  /// Empty if the record is absent.
  std::optional<record> session{};
  /// The user whose watermark was looked up: the user of the record's last commit. Empty if no
  /// watermark was looked up.
  std::string user{};
  /// Empty if there is none, or none was looked up.
  std::optional<record> watermark{};
};

/// An additional interface for stores that can look up a session and its user's watermark in one
/// round trip. Without it, a manager calls find() twice.
///
/// Thread safety: any number of threads may call it at the same time.
class watermark_finder {
 public:
  virtual ~watermark_finder() = default;

  /// Returns the result of find(id) and, if that record has a user, the result of
  /// find(watermark_id(user)), read at the same moment or later. A store may skip the watermark: it
  /// then leaves `user` empty. Throws what store::find() throws, also if only the watermark cannot
  /// be read.
  virtual session_with_watermark find_with_watermark(const session_id& id) = 0;
};

}  // namespace scs
