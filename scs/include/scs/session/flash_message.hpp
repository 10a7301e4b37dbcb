#pragma once

#include <string>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A message that a page shows once. See session::flash().
struct flash_message {
  /// The message, in UTF-8.
  std::string text{};
  /// What kind of message it is, for the page's style. Empty if none was given.
  std::string kind{};
};

}  // namespace scs
