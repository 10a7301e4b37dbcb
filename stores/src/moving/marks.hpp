#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <scs/store.hpp>

/// The marks that the store `moving` writes in place of a payload. No codec's payload begins like a
/// mark.
namespace scs::stores::marks {

enum class kind {
  absent,
  session,
  moved,    ///< in the old store: the session is or will be in the new one, with this payload
  arriving  ///< in the new store: a session, if the old store has the mark of the same move
};

struct reading {
  kind what = kind::absent;
  std::string_view move{};     ///< identifies the move
  std::string_view user{};     ///< of a session that has moved
  std::string_view payload{};  ///< the session's; none if the session is arriving
};

/// Returns views into the record. A payload that begins like a mark but is not valid is a session's
/// payload.
reading read(std::string_view payload) noexcept;
reading read(const std::optional<record>& found) noexcept;

/// Returns a name that no other move has.
std::string new_move();

std::string moved(std::string_view move, std::string_view user, std::string_view payload);
/// Returns the mark `arriving`. In place of a user's watermark, it is a text that servers without
/// marks read as a watermark that has ended nothing.
std::string arriving(const session_id& id, std::string_view move);

}  // namespace scs::stores::marks
