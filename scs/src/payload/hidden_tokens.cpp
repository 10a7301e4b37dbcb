#include "payload/hidden_tokens.hpp"

#include <algorithm>

#include <buntstore/internal/base64.hpp>
#include <scs/token.hpp>

namespace scs::detail {

namespace {

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

}  // namespace

// A session's own token is not known everywhere: nobody has it in iterate() and after destroy(),
// and another session's may have been kept for merge().
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

}  // namespace scs::detail
