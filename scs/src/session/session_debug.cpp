#include <array>
#include <string>
#include <string_view>

#include <scs/value.hpp>

#include "payload/hidden_tokens.hpp"
#include "payload/json_string.hpp"
#include "session/session_state.hpp"

namespace scs::detail {

namespace {

std::string_view name_of(session_status status) noexcept {
  switch (status) {
    case session_status::modified:
      return "modified";
    case session_status::destroyed:
      return "destroyed";
    case session_status::unmodified:
      break;
  }
  return "unmodified";
}

/// Returns null for an empty text.
std::string json_of(std::string_view text) {
  return text.empty() ? "null" : value_traits<std::string>::to_json(text);
}

}  // namespace

std::string session_state::debug_json() {
  use();
  constexpr std::array<std::string_view, 4> kinds{"unknown", "new", "stored", "gone"};
  const payload contents = data_.merged();
  std::string out = R"({"state":")";
  out += kinds.at(static_cast<std::size_t>(data_.loaded.state()));
  out.append(R"(","status":")").append(name_of(status())).append(1, '"');
  const session_id id = public_id();
  out.append(R"(,"id":)").append(json_of(id.text()));
  out.append(R"(,"user":)").append(without_tokens(json_of(contents.user)));
  out.append(R"(,"deadline":)").append(value_traits<time_point>::to_json(contents.deadline));
  out += R"(,"data":{)";
  for (const payload::member& member : contents.data) {
    if (out.back() != '{') out += ',';
    std::string shown;
    append_json_string(shown, member.key);
    shown.append(1, ':').append(member.json);
    out += without_tokens(shown);
  }
  out += "}}";
  return out;
}

}  // namespace scs::detail
