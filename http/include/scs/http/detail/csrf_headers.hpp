#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <scs/csrf.hpp>

namespace scs::http::detail {

/// Reads the headers that say where a request comes from. Several lines of one name are joined. No
/// browser sends those, and the result equals nothing.
template <class Library, class Request>
csrf_request csrf_request_in(const Request& request, std::string_view method) {
  csrf_request found{.method = std::string(method)};
  const auto read = [&](std::string_view name, std::string& value) {
    bool is_first = true;
    Library::for_each_header(request, name, [&](std::string_view line) {
      if (!std::exchange(is_first, false)) value += ',';
      value += line;
    });
  };
  read("X-CSRF-Token", found.token);
  read("Sec-Fetch-Site", found.sec_fetch_site);
  read("Origin", found.origin);
  read("Host", found.host);
  return found;
}

}  // namespace scs::http::detail
