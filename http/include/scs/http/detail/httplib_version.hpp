#pragma once

#include <string_view>

#include <httplib.h>

// Faults of older versions of cpp-httplib that its users have to be protected from, and the
// versions that ended them. docs/security.md says what each one means.

namespace scs::http::detail {

/// "0.11.4" is 11'04, "1.2" would be 1'02'00.
constexpr int httplib_version_number(std::string_view text) noexcept {
  constexpr int parts = 3;
  int number = 0;
  for (int i = 0; i < parts; ++i) {
    int part = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      part = 10 * part + (text.front() - '0');
      text.remove_prefix(1);
    }
    number = 100 * number + part;
    if (!text.empty()) text.remove_prefix(1);
  }
  return number;
}

constexpr int httplib_version = httplib_version_number(CPPHTTPLIB_VERSION);

/// Whether the library reads what is left of a request's body before it takes the next request from
/// the connection, and refuses requests whose end is in doubt. (0.40 began to read it, 0.45 does so
/// after every method, 0.52 refuses.)
constexpr bool httplib_drains_bodies = httplib_version >= 52'00;

/// Whether set_payload_max_length() holds for bodies that come in chunks.
constexpr bool httplib_counts_chunks = httplib_version >= 23'00;

/// Whether it holds for the size of a body after it was decompressed.
constexpr bool httplib_counts_decompressed = httplib_version >= 30'01;

}  // namespace scs::http::detail
