#pragma once

#include <string>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a page shows once; see session::flash().
struct flash_message {
  std::string text{};
  /// What kind of message it is, for the page's style; empty if nobody said.
  std::string kind{};
};

}  // namespace scs
