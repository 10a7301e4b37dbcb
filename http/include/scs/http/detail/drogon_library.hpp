#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drogon/Cookie.h>
#include <drogon/HttpRequest.h>
#include <drogon/HttpResponse.h>
#include <drogon/utils/Utilities.h>

#include <buntstore/wipe.hpp>
#include <scs/http/detail/header_rules.hpp>

namespace scs::http::detail {

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  });
  return lower;
}

inline std::string_view without_spaces(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Drogon has it since 1.9.7.
template <class Cookie>
void set_partitioned(Cookie& cookie) {
  if constexpr (requires { cookie.setPartitioned(true); }) cookie.setPartitioned(true);
}

inline void set_attribute(drogon::Cookie& cookie, std::string_view name, std::string_view value) {
  if (same_text(name, "Path")) {
    cookie.setPath(std::string(value));
  } else if (same_text(name, "Domain")) {
    cookie.setDomain(std::string(value));
  } else if (same_text(name, "Secure")) {
    cookie.setSecure(true);
  } else if (same_text(name, "HttpOnly")) {
    cookie.setHttpOnly(true);
  } else if (same_text(name, "Max-Age")) {
    int seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    cookie.setMaxAge(seconds);
  } else if (same_text(name, "Expires")) {
    cookie.setExpiresDate(drogon::utils::getHttpDate(std::string(value)));
  } else if (same_text(name, "SameSite")) {
    cookie.setSameSite(drogon::Cookie::convertString2SameSite(lower_case(value)));
  } else if (same_text(name, "Partitioned")) {
    set_partitioned(cookie);
  }
}

/// Returns the cookie that the value of a Set-Cookie line sets.
inline drogon::Cookie cookie_of(std::string_view line) {
  drogon::Cookie cookie;
  cookie.setHttpOnly(false);
  bool is_first = true;
  while (!line.empty()) {
    const std::string_view part = line.substr(0, line.find(';'));
    line.remove_prefix(std::min(part.size() + 1, line.size()));
    const auto equals = part.find('=');
    const std::string_view name = without_spaces(part.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos
                                       ? std::string_view()
                                       : without_spaces(part.substr(equals + 1));
    if (std::exchange(is_first, false)) {
      cookie.setKey(std::string(name));
      cookie.setValue(std::string(value));
    } else {
      set_attribute(cookie, name, value);
    }
  }
  return cookie;
}

/// Accesses headers in Drogon's types.
///
/// 1. Drogon keeps one line of each name. Further lines are added to it, after a comma.
/// 2. Drogon keeps cookies apart from the headers, in the request and in the response, and one
///    cookie of each name: of several in a request, the last one.
struct drogon_library {
  template <class Call>
  static void for_each_header(const drogon::HttpRequest& request, std::string_view name,
                              Call call) {
    if (!same_text(name, "Cookie")) {
      call_with(request.headers(), name, call);
      return;
    }
    if (request.cookies().empty()) return;
    std::string line;
    for (const auto& [key, value] : request.cookies()) {
      if (!line.empty()) line += "; ";
      line.append(key).append(1, '=').append(value);
    }
    call(std::string_view(line));
    buntstore::wipe(line);
  }

  template <class Call>
  static void for_each_header(const drogon::HttpResponse& response, std::string_view name,
                              Call call) {
    call_with(response.headers(), name, call);
    if (same_text(name, "Content-Type") && !response.contentTypeString().empty())
      call(std::string_view(response.contentTypeString()));
    if (!same_text(name, "Set-Cookie")) return;
    for (const auto& [key, cookie] : response.cookies()) {
      constexpr std::string_view before = "Set-Cookie: ";
      std::string line = cookie.cookieString();
      call(std::string_view(line).substr(before.size(), line.size() - before.size() - 2));
      buntstore::wipe(line);
    }
  }

  static void append_header(drogon::HttpResponse& to, std::string_view name,
                            std::string_view value) {
    if (same_text(name, "Set-Cookie")) {
      to.addCookie(cookie_of(value));
    } else if (const auto there = to.headers().find(lower_case(name));
               there != to.headers().end()) {
      to.addHeader(std::string(name), there->second + ", " + std::string(value));
    } else {
      to.addHeader(std::string(name), std::string(value));
    }
  }

  static void erase_header(drogon::HttpResponse& of, std::string_view name) {
    of.removeHeader(std::string(name));
    if (!same_text(name, "Set-Cookie")) return;
    std::vector<std::string> keys;
    for (const auto& [key, cookie] : of.cookies())
      keys.push_back(key);
    for (const std::string& key : keys)
      of.removeCookie(key);
  }

 private:
  template <class Headers, class Call>
  static void call_with(const Headers& headers, std::string_view name, Call& call) {
    const auto there = headers.find(lower_case(name));
    if (there != headers.end()) call(std::string_view(there->second));
  }
};

/// Whether the body is sent after the head was, by a callback.
template <class Response>
bool is_stream(const Response& response) {
  if constexpr (requires { response.asyncStreamCallback(); }) {  // since Drogon 1.9.3
    if (response.asyncStreamCallback()) return true;
  }
  return static_cast<bool>(response.streamCallback());
}

/// Copies the status and the headers of a response, but not its body.
inline drogon::HttpResponsePtr copy_of_head(const drogon::HttpResponse& from) {
  drogon::HttpResponsePtr to = drogon::HttpResponse::newHttpResponse();
  const auto defaults = to->headers();  // which the application may have removed
  for (const auto& [name, value] : defaults)
    to->removeHeader(name);
  to->setStatusCode(from.statusCode());
  for (const auto& [name, value] : from.headers())
    to->addHeader(name, value);
  for (const auto& [key, cookie] : from.cookies())
    to->addCookie(cookie);
  return to;
}

/// Returns a copy of a response with a body.
inline drogon::HttpResponsePtr copy_of_whole(const drogon::HttpResponse& from) {
  drogon::HttpResponsePtr to = copy_of_head(from);
  const std::string type = from.contentTypeString();
  from.getBody();  // writes JSON as text, before its length is known
  if (to->headers().contains("content-length")) {
    // It comes from another server: Drogon sends these headers only, and sets the length.
    to->setPassThrough(true);
    if (!type.empty()) to->addHeader("content-type", type);
    if (!to->headers().contains("date")) to->addHeader("date", drogon::utils::getHttpFullDate());
  } else {
    to->setContentTypeString(type);
  }
  to->setBody(std::string(from.getBody()));
  return to;
}

/// Returns a copy of a response that sends a file. If that cannot be opened any more, it returns
/// Drogon's response to this.
inline drogon::HttpResponsePtr copy_of_file(const drogon::HttpResponse& from) {
  const auto& [offset, length] = from.sendfileRange();
  drogon::HttpResponsePtr to =
      drogon::HttpResponse::newFileResponse(from.sendfileName(), offset, length, false);
  if (to->statusCode() == drogon::k200OK || to->statusCode() == drogon::k206PartialContent) {
    to->setStatusCode(from.statusCode());
    for (const auto& [name, value] : from.headers())
      to->addHeader(name, value);
    to->setContentTypeString(from.contentTypeString());
  } else {
    to = copy_of_whole(*to);  // may be a page that Drogon shares
  }
  for (const auto& [key, cookie] : from.cookies())
    to->addCookie(cookie);
  return to;
}

/// Returns a response to which headers may be added. Drogon and applications send the same object
/// to several visitors: pages for errors, files, and any that they keep. A cookie in it would reach
/// those visitors. Nothing in an object shows whether it is shared, so all but streams are copied.
inline drogon::HttpResponsePtr own_response(const drogon::HttpResponsePtr& from) {
  if (is_stream(*from)) return from;
  return from->sendfileName().empty() ? copy_of_whole(*from) : copy_of_file(*from);
}

/// Returns a response without a body, for a status that allows none: Drogon would add a
/// Content-Length or a Transfer-Encoding.
inline drogon::HttpResponsePtr without_body(const drogon::HttpResponse& from) {
  drogon::HttpResponsePtr to = copy_of_head(from);
  to->removeHeader("content-length");
  to->removeHeader("transfer-encoding");
  to->setPassThrough(true);  // then Drogon sends these headers only
  to->addHeader("Date", drogon::utils::getHttpFullDate());
  return to;
}

/// Returns the request's method. Drogon replaces HEAD by GET before a handler is called.
inline std::string_view method_of(const drogon::HttpRequest& request) {
  return request.isHead() ? "HEAD" : request.methodString();
}

}  // namespace scs::http::detail
