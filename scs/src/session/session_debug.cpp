#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <buntstore/internal/base64.hpp>
#include <scs/token.hpp>
#include <scs/value.hpp>

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

bool is_token_byte(char c) noexcept {
  return buntstore::base64::url_digits[static_cast<unsigned char>(c)] >= 0;
}

/// A long number is none; without it in full the JSON would be broken.
bool may_be_token(std::string_view run) noexcept {
  return run.size() >= token::size &&
         run.find_first_not_of("0123456789eE-") != std::string_view::npos;
}

/// How much the first character of a JSON text takes.
std::size_t first_size(std::string_view json) noexcept {
  if (json.front() != '\\') return 1;
  constexpr std::size_t unicode_escape_size = 6;
  return std::min(json.size(), json.substr(1, 1) == "u" ? unicode_escape_size : 2);
}

/// Whatever is as long as a token, and of its bytes, may be one: this session's, which nobody knows
/// in iterate() or after destroy(), or another's that was kept for merge().
std::string without_tokens(std::string_view json) {
  constexpr std::string_view hidden = "(the token)";
  std::string shown;
  while (!json.empty()) {
    const auto end = std::find_if_not(json.begin(), json.end(), is_token_byte);
    const std::string_view run = json.substr(0, static_cast<std::size_t>(end - json.begin()));
    shown += may_be_token(run) ? hidden : run;
    json.remove_prefix(run.size());
    if (json.empty()) break;
    const std::size_t other = first_size(json);
    shown += json.substr(0, other);
    json.remove_prefix(other);
  }
  return shown;
}

/// Null if there is no text.
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
