#pragma once

#include <system_error>

#include <buntdb/error.hpp>

namespace buntdb::testing {

/// Returns the code of the buntdb::error that the function throws, or no code if it throws none.
template <class Function>
std::error_code code_of(Function function) {
  try {
    function();
  } catch (const error& failure) {
    return failure.code();
  }
  return {};
}

}  // namespace buntdb::testing
