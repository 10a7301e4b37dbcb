#include <set>

#include <gtest/gtest.h>

#include <scs/error.hpp>

namespace {

TEST(error, has_a_text_for_every_code) {
  std::set<std::string> texts;
  for (int code = 1; code <= static_cast<int>(scs::errc::crypto_failed); ++code) {
    const std::error_code value = static_cast<scs::errc>(code);
    EXPECT_STREQ(value.category().name(), "scs");
    EXPECT_NE(value.message(), "unknown error");
    EXPECT_TRUE(texts.insert(value.message()).second);
  }
  EXPECT_EQ(scs::error_category().message(9999), "unknown error");
}

}  // namespace
