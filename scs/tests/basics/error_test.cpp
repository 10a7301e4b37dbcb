#include <exception>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/session_id.hpp>

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
  EXPECT_STREQ(failure.what(), "x\\x0d\\x0aforged \\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\\xff \\n é");
}

TEST(error, can_be_written_to_a_stream_with_the_name_of_its_code) {
  std::ostringstream out;
  out << scs::errc::login_required << '|' << scs::error(scs::errc::store_full, "no room") << '|'
      << scs::error(std::make_error_code(std::errc::io_error), "the disk") << '|'
      << scs::session_id::from_text("h:x");
  EXPECT_EQ(out.str(),
            "login_required|store_full: no room|generic:5: the disk: Input/output error|h:x");
  EXPECT_EQ(scs::to_string(static_cast<scs::errc>(99)), "unknown");
}

#ifdef __cpp_lib_format
TEST(error, can_be_formatted_as_it_is_written_to_a_stream) {
  EXPECT_EQ(std::format("{}|{}|{}|{:>5}", scs::errc::login_required,
                        scs::error(scs::errc::store_full, "no room"),
                        scs::error(std::make_error_code(std::errc::io_error), "the disk"),
                        scs::session_id::from_text("h:x")),
            "login_required|store_full: no room|generic:5: the disk: Input/output error|  h:x");
}
#endif

TEST(error, is_described_with_what_is_nested_in_it_and_nothing_twice) {
  const auto thrown = [](const auto& inner, const auto& outer) {
    try {
      try {
        throw inner;
      } catch (...) {
        std::throw_with_nested(outer);
      }
    } catch (...) {
      return std::current_exception();
    }
  };
  const std::system_error refused(std::make_error_code(std::errc::connection_refused), "redis");
  const auto twice = thrown(
      refused,
      scs::error(scs::errc::store_failed, std::string("the store failed: ") + refused.what()));
  EXPECT_EQ(scs::describe(twice), "the store failed: redis: Connection refused");
  EXPECT_EQ(scs::code_of(twice), scs::errc::store_failed);
  const auto nested = thrown(refused, std::runtime_error("outer"));
  EXPECT_EQ(scs::describe(nested), "outer: redis: Connection refused");
  EXPECT_EQ(scs::code_of(nested), std::errc::connection_refused);
  EXPECT_EQ(scs::describe(std::make_exception_ptr(1)), "an exception of another type");
  EXPECT_EQ(scs::describe(nullptr), "");
  EXPECT_FALSE(scs::code_of(nullptr));
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
