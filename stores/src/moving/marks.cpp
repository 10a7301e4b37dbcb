#include "moving/marks.hpp"

#include <charconv>

#include <scs/token.hpp>

namespace scs::stores::marks {

namespace {

// The formats:   \2 scs-moved: MOVE : SIZE OF USER : USER PAYLOAD   and   \2 scs-arriving: MOVE
constexpr std::string_view moved_head = "\2scs-moved:";
constexpr std::string_view arriving_head = "\2scs-arriving:";
constexpr std::size_t move_size = 22;  // in base64url: 132 bits

// A watermark whose moment is before all others, followed by MOVE "}.
constexpr std::string_view watermark_head =
    R"({"data":{},"deadline":0,"revoked_until":-9223372036854775808,"scs-arriving":")";
constexpr std::string_view watermark_end = "\"}";

std::optional<reading> read_arriving(std::string_view payload, std::string_view head,
                                     std::string_view end) noexcept {
  if (!payload.starts_with(head) || !payload.ends_with(end)) return std::nullopt;
  if (payload.size() != head.size() + move_size + end.size()) return std::nullopt;
  return reading{.what = kind::arriving, .move = payload.substr(head.size(), move_size)};
}

}  // namespace

reading read(std::string_view payload) noexcept {
  const reading session{.what = kind::session, .payload = payload};
  if (const auto found = read_arriving(payload, arriving_head, {})) return *found;
  if (const auto found = read_arriving(payload, watermark_head, watermark_end)) return *found;
  if (!payload.starts_with(moved_head)) return session;
  std::string_view rest = payload.substr(moved_head.size());
  if (rest.size() <= move_size || rest[move_size] != ':') return session;
  reading found{.what = kind::moved, .move = rest.substr(0, move_size)};
  rest.remove_prefix(move_size + 1);
  std::size_t user_size = 0;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), user_size);
  if (problem != std::errc{} || end == rest.data() + rest.size() || *end != ':') return session;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  if (rest.size() < user_size) return session;
  found.user = rest.substr(0, user_size);
  found.payload = rest.substr(user_size);
  return found;
}

reading read(const std::optional<record>& found) noexcept {
  return found ? read(std::string_view{found->payload}) : reading{};
}

std::string new_move() {
  const token random = token::generate();
  return std::string{random.text().substr(0, move_size)};
}

std::string moved(std::string_view move, std::string_view user, std::string_view payload) {
  std::string text{moved_head};
  text.append(move).append(":").append(std::to_string(user.size())).append(":");
  return text.append(user).append(payload);
}

std::string arriving(const session_id& id, std::string_view move) {
  if (!is_reserved(id)) return std::string{arriving_head}.append(move);
  return std::string{watermark_head}.append(move).append(watermark_end);
}

}  // namespace scs::stores::marks
