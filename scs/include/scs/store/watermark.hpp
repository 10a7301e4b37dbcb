#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// How the id of a user's watermark begins if the rest of it is the user's name.
inline constexpr std::string_view plain_watermark_prefix = "w:=";

/// Whether the id of the user's watermark is plain_watermark_prefix and the user's name: if that is
/// short enough for an id, and has no control character of ASCII.
bool has_plain_watermark_id(std::string_view user) noexcept;

/// Under which id a manager keeps the watermark of a user, who has a name: the record that says
/// which of the user's sessions have ended (docs/session-rules.md, rule 18). Throws what a failing
/// hash function throws.
session_id watermark_id(std::string_view user);

/// What is needed to load a session.
struct session_with_watermark {
  /// Empty if absent.
  std::optional<record> session{};
  /// Whose watermark was looked up: the user of the record's last commit. Empty if none was.
  std::string user{};
  /// Empty if there is none, or none was looked up.
  std::optional<record> watermark{};
};

/// What a store implements, too, if it can look up a session and the watermark of its user in one
/// round trip. Without it, a manager calls find() twice.
///
/// Thread safety: from any number of threads at once.
class watermark_finder {
 public:
  virtual ~watermark_finder() = default;

  /// What find(id) returns and, if that record is a user's, what find(watermark_id(user)) returns,
  /// read at the same moment or later. A store may leave the watermark out, and says so by an empty
  /// `user`. Throws what store::find() throws: also if the watermark alone cannot be read.
  virtual session_with_watermark find_with_watermark(const session_id& id) = 0;
};

}  // namespace scs
