#pragma once

#include <string>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A header to append to a response. Neither member contains CR, LF or NUL.
struct header {
  std::string name{};
  std::string value{};

  friend bool operator==(const header&, const header&) = default;
};

}  // namespace scs
