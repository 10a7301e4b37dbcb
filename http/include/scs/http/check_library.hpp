#pragma once

#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include <scs/http/detail/header_rules.hpp>
#include <scs/http/generic.hpp>

// Checks whether a class for scs::http::with<Library>() does what sessions need. The compiler
// checks only that the functions exist. Some libraries remove the Cookie lines from the headers, or
// keep only one line of each name. No call fails then, but every request begins a new session.
//
// In your test of the real library:
//
//   1. Serve a handler that puts a text into the response and then calls check_library() with its
//      request and response.
//   2. Send a GET request with the lines of check_request_lines.
//   3. Expect that check_library() has returned no faults. Pass the received text to
//      check_received(), and expect no faults there, either.

namespace scs::http {

/// The header lines to send. Each ends with CR LF.
inline constexpr std::string_view check_request_lines =
    "Cookie: scs_check=first\r\ncookie: scs_check=second\r\n";

namespace detail {

inline constexpr std::string_view check_lines[] = {"scs_check=1; Path=/", "scs_check=2; Path=/"};
inline constexpr std::string_view check_text = "scs::http::check_library";

template <class Library, class Message>
std::vector<std::string> lines_of(const Message& message, std::string_view name) {
  std::vector<std::string> values;
  Library::for_each_header(message, name,
                           [&](std::string_view value) { values.emplace_back(value); });
  return values;
}

/// The faults of a request that was sent with check_request_lines.
template <class Library>
void check_request(std::vector<std::string>& faults, const typename Library::request& request) {
  // Lines of one name may be joined: "; " for cookies (RFC 9113, 8.2.3).
  std::string all;
  for (const std::string& line : lines_of<Library>(request, "Cookie"))
    all.append(line).append("; ");
  const auto first = all.find("scs_check=first");
  const auto second = all.find("scs_check=second");
  if (first == all.npos && second == all.npos) {
    faults.emplace_back(
        "for_each_header(request, \"Cookie\") finds no line: every request begins a new session. "
        "The library may keep cookies apart from the headers: make a line of them");
  } else if (first == all.npos || second == all.npos) {
    faults.emplace_back(
        "for_each_header(request, \"Cookie\") finds one of two lines: the session's may be lost");
  } else if (first > second) {
    faults.emplace_back(
        "for_each_header(request, \"Cookie\") reverses the lines: another session may win than "
        "with other adapters");
  }
  if (lines_of<Library>(request, "cOOKIE") != lines_of<Library>(request, "Cookie"))
    faults.emplace_back("for_each_header(request, name) minds the letter case of the name");
}

template <class Library>
void check_response(std::vector<std::string>& faults, typename Library::response& response) {
  constexpr std::string_view names[] = {"Set-Cookie", "X-Scs-Check"};
  Library::erase_header(response, "Set-Cookie");
  for (const std::string_view line : check_lines) {
    for (const std::string_view name : names)
      Library::append_header(response, name, line);
  }
  for (const std::string_view name : names) {
    const std::vector<std::string> there = lines_of<Library>(response, name);
    if (there != std::vector<std::string>{std::string(check_lines[0]), std::string(check_lines[1])})
      faults.push_back("append_header(response, \"" + std::string(name) + "\") twice, and " +
                       std::to_string(there.size()) + " lines can be read back in another order" +
                       " or not as they were");
  }
  Library::erase_header(response, "x-SCS-check");
  if (!lines_of<Library>(response, "X-Scs-Check").empty())
    faults.emplace_back("erase_header(response, name) leaves lines of this name");
  Library::append_header(response, "X-Scs-Check", "1");
  Library::reset(response, 503, check_text);
  for (const std::string_view name : names) {
    if (!lines_of<Library>(response, name).empty())
      faults.push_back("reset(response) leaves a line of " + std::string(name) +
                       ": what a handler did before it failed would be sent");
  }
}

}  // namespace detail

/// Call it in a handler of the real library, for a request that was sent with check_request_lines.
/// Returns a sentence for each fault of Library, and nothing if it has none. It replaces the
/// response by the one that check_received() expects. Throws what Library's functions throw.
template <http_library Library>
std::vector<std::string> check_library(const typename Library::request& request,
                                       typename Library::response& response) {
  std::vector<std::string> faults;
  detail::check_request<Library>(faults, request);
  detail::check_response<Library>(faults, response);
  for (const std::string_view line : detail::check_lines)
    Library::append_header(response, "Set-Cookie", line);
  Library::append_header(response, "Cache-Control", "no-store");
  return faults;
}

/// Does the same without a server, for a new response only, so it finds fewer faults.
template <http_library Library>
requires std::default_initializable<typename Library::response> std::vector<std::string>
check_library() {
  std::vector<std::string> faults;
  typename Library::response response{};
  detail::check_response<Library>(faults, response);
  return faults;
}

/// Returns a sentence for each fault in the response that a client has received. `text` is the
/// whole response, from the status line to the end of the body. `of_handler` is a text that the
/// handler put into the body or a header before it called check_library(), or empty.
inline std::vector<std::string> check_received(std::string_view text, std::string_view of_handler) {
  std::vector<std::string> faults;
  const std::string_view head = text.substr(0, text.find("\r\n\r\n"));
  const auto has_line = [head](std::string_view name, std::string_view value) {
    for (std::string_view rest = head; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      const auto colon = line.find(':');
      if (colon != line.npos && detail::same_text(line.substr(0, colon), name) &&
          detail::trimmed(line.substr(colon + 1)) == value)
        return true;
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    }
    return false;
  };
  if (head.substr(0, head.find("\r\n")).find(" 503") == head.npos)
    faults.emplace_back("the status of reset() was not sent");
  for (const std::string_view line : detail::check_lines) {
    if (!has_line("Set-Cookie", line))
      faults.push_back("a line was not sent: Set-Cookie: " + std::string(line));
  }
  if (!has_line("Cache-Control", "no-store"))
    faults.emplace_back("a line was not sent: Cache-Control: no-store");
  if (text.find(detail::check_text) == text.npos)
    faults.emplace_back("the text of reset() was not sent");
  if (!of_handler.empty() && text.find(of_handler) != text.npos)
    faults.emplace_back("reset() leaves something of the handler, which was sent");
  return faults;
}

}  // namespace scs::http
