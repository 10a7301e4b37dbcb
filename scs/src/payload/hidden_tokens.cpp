#include "payload/hidden_tokens.hpp"

#include <algorithm>

#include <buntstore/internal/base64.hpp>
#include <scs/token.hpp>

namespace scs::detail {

namespace {

bool is_token_byte(char c) noexcept {
  return buntstore::base64::url_digits[static_cast<unsigned char>(c)] >= 0;
}

/// Long numbers are not hidden, because that would make the JSON invalid.
bool may_be_token(std::string_view run) noexcept {
  return run.size() >= token::size &&
         run.find_first_not_of("0123456789eE-") != std::string_view::npos;
}

/// Returns the size of the first character of a JSON text.
std::size_t first_size(std::string_view json) noexcept {
  if (json.front() != '\\') return 1;
  constexpr std::size_t unicode_escape_size = 6;
  return std::min(json.size(), json.substr(1, 1) == "u" ? unicode_escape_size : 2);
}

/// Replaces what could be a token. size_of returns the size of a text's first character, which
/// cannot be part of a token.
template <class Size>
std::string hide_tokens(std::string_view text, Size size_of) {
  constexpr std::string_view hidden = "(the token)";
  std::string shown;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_token_byte);
    const std::string_view run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    shown += may_be_token(run) ? hidden : run;
    text.remove_prefix(run.size());
    if (text.empty()) break;
    const std::size_t other = size_of(text);
    shown += text.substr(0, other);
    text.remove_prefix(other);
  }
  return shown;
}

}  // namespace

// The session's own token is not always known: iterate() has none, nor is there one after
// destroy(). The data may also contain another session's token, kept for merge(). So everything
// that could be a token is hidden.
std::string without_tokens(std::string_view json) {
  return hide_tokens(json, first_size);
}

std::string without_tokens_in_text(std::string_view text) {
  return hide_tokens(text, [](std::string_view) { return std::size_t{1}; });
}

}  // namespace scs::detail
