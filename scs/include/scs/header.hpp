#pragma once

#include <string>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A header to append to a response. Contains neither CR, LF nor NUL.
struct header {
  std::string name{};
  std::string value{};

  friend bool operator==(const header&, const header&) = default;
};

}  // namespace scs
