#include <set>
#include <string>
#include <system_error>

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

TEST(error, has_a_text_of_one_line_whatever_is_quoted_in_it) {
  const scs::error failure{scs::errc::store_failed, "x\r\nforged \x1b[31m\u009b\u202e\xff \\n é"};
  EXPECT_STREQ(
      failure.what(),
      "x\\x0d\\x0aforged \\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\\xff \\n é: session store failed");
}

TEST(error, is_compared_by_the_categorys_name) {
  struct other : std::error_category {
    explicit other(const char* text) : text_(text) {}
    const char* name() const noexcept override { return text_; }
    std::string message(int) const override { return {}; }
    const char* text_;
  };
  const other same_library{"scs"}, another_library{"buntdb"};
  const int value = static_cast<int>(scs::errc::too_large);
  EXPECT_TRUE((std::error_code{value, same_library}) == scs::errc::too_large);
  EXPECT_TRUE(scs::errc::too_large == (std::error_code{value, scs::error_category()}));
  EXPECT_TRUE((std::error_code{value + 1, same_library}) != scs::errc::too_large);
  EXPECT_TRUE((std::error_code{value, another_library}) != scs::errc::too_large);
}

}  // namespace
