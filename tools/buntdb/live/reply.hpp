#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// One value of RESP2 in a server's answer.
struct reply {
  enum class kind { status, error, integer, text, null, array };

  kind type = kind::null;
  std::string text{};  ///< of status, error and text
  std::int64_t integer = 0;
  std::vector<reply> elements{};
};
