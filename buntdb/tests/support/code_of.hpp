#pragma once

#include <system_error>

#include <buntdb/error.hpp>

namespace buntdb::testing {

/// The code of the buntdb::error that the function throws; none if it throws none.
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
