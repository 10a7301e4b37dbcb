#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <scs/store.hpp>

/// What the store `moving` writes in the place of a payload. No codec's payload begins like it.
namespace scs::stores::marks {

enum class kind {
  absent,
  session,
  moved,    ///< in the old store: the session is in the new one, or will be, with this payload
  arriving  ///< in the new store: a session, if the old store has the mark of the same move
};

struct reading {
  kind what = kind::absent;
  std::string_view move{};     ///< which move it is
  std::string_view user{};     ///< of a session that has moved
  std::string_view payload{};  ///< the session's; none of a session that is arriving
};

/// Views into the record. What begins like a mark and is none is a session's payload.
reading read(std::string_view payload) noexcept;
reading read(const std::optional<record>& found) noexcept;

/// A name that no other move has.
std::string new_move();

std::string moved(std::string_view move, std::string_view user, std::string_view payload);
/// In the place of a user's watermark, servers that do not know marks read it as a watermark that
/// has ended nothing.
std::string arriving(const session_id& id, std::string_view move);

}  // namespace scs::stores::marks
