#include "code.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <kainjow/mustache.hpp>

namespace {

constexpr std::array<std::string_view, 18> keywords{
    "auto",   "bool",     "case", "class", "const",   "else",
    "false",  "for",      "if",   "int",   "mutable", "return",
    "struct", "template", "true", "using", "void",    "while"};

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

/// The piece of code at the beginning of `rest`, and its class, which is empty for
/// plain code.
struct piece {
  std::size_t size;
  std::string_view kind;
};

piece next_piece(std::string_view rest) {
  if (rest.starts_with("//"))
    return {std::min(rest.find('\n'), rest.size()), "comment"};
  if (rest.starts_with("/*"))
    return {std::min(rest.find("*/"), rest.size() - 2) + 2, "comment"};
  if (rest.front() == '"') {
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != '"')
      end += rest[end] == '\\' ? 2U : 1U;
    return {std::min(end + 1, rest.size()), "string"};
  }
  if (!is_word(rest.front())) return {1, ""};
  const std::size_t size = static_cast<std::size_t>(
      std::find_if_not(rest.begin(), rest.end(), is_word) - rest.begin());
  const bool keyword = std::find(keywords.begin(), keywords.end(),
                                 rest.substr(0, size)) != keywords.end();
  return {size, keyword ? "keyword" : ""};
}

std::string highlighted(std::string_view code) {
  std::string html;
  while (!code.empty()) {
    const piece next = next_piece(code);
    const std::string text =
        kainjow::mustache::html_escape(std::string(code.substr(0, next.size)));
    html += next.kind.empty() ? text
                              : "<span class=\"" + std::string(next.kind) + "\">" +
                                    text + "</span>";
    code.remove_prefix(next.size);
  }
  return html;
}

}  // namespace

std::string code_figure(const embedded_code& region) {
  const std::string file = "examples/demo/" + std::string(region.file);
  const std::string label = "The code: " + std::string(region.name);
  return "<figure class=\"code\"><figcaption>" + file +
         "</figcaption><pre tabindex=\"0\" role=\"region\" "
         "aria-label=\"" +
         kainjow::mustache::html_escape(label) + "\"><code>" +
         highlighted(region.text) + "</code></pre></figure>";
}
