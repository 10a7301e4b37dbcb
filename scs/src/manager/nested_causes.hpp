#pragma once

#include <exception>

#include <scs/error.hpp>

namespace scs::detail {

/// Whether an error has a nested exception.
inline bool nests_another(const error& failure) noexcept {
  return dynamic_cast<const std::nested_exception*>(&failure) != nullptr;
}

}  // namespace scs::detail
