#pragma once

#include <charconv>
#include <version>

#ifdef _LIBCPP_VERSION
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>
#include <system_error>

#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif
#endif

namespace buntstore::internal {

using std::from_chars;

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 200000

/// std::from_chars() for double, which libc++ has since version 20.
inline std::from_chars_result from_chars(const char* first, const char* last, double& value,
                                         std::chars_format format = std::chars_format::general) {
  // Never freed: threads may use it until the program ends.
  static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  const bool is_hex = format == std::chars_format::hex;
  std::string text(first, last);
  // strtod() also accepts white space, '+' and "0x".
  const char begin = text[text.starts_with('-') ? 1 : 0];
  if (begin == '+' || begin == '-' || (begin >= 0 && begin <= ' ')) {
    return {first, std::errc::invalid_argument};
  }
  text.resize(std::min(text.size(), text.find_first_of("xX")));
  if (is_hex) text.insert(text.starts_with('-') ? 1 : 0, "0x");
  char* end = nullptr;
  errno = 0;
  const double found = ::strtod_l(text.c_str(), &end, c_locale);
  const char* const stop = first + (end - text.c_str()) - (is_hex ? 2 : 0);
  if (stop <= first) return {first, std::errc::invalid_argument};
  // A number that is too small for a normal double is not an error.
  if (errno == ERANGE && (found == 0 || std::isinf(found))) {
    return {stop, std::errc::result_out_of_range};
  }
  value = found;
  return {stop, std::errc{}};
}

#endif

}  // namespace buntstore::internal
