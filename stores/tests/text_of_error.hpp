#pragma once

#include <string>

#include <gtest/gtest.h>

#include <scs/error.hpp>

namespace test {

/// Checks that the statement throws an scs::error with this code, and returns its text.
template <class Statement>
std::string text_of_error(scs::errc expected, Statement statement) {
  try {
    statement();
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), make_error_code(expected)) << failure.what();
    return failure.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace test
