#include <string>

#include <gtest/gtest.h>

#include <scs/http/detail/header_rules.hpp>

namespace scs::http::detail {
namespace {

TEST(header_rules, finds_a_member_of_a_list) {
  EXPECT_TRUE(lists("Cookie", "cookie"));
  EXPECT_TRUE(lists("Accept , COOKIE\t,x", "Cookie"));
  EXPECT_TRUE(lists("", ""));
  EXPECT_FALSE(lists("", "Cookie"));
  EXPECT_FALSE(lists("Cookies, X-Cookie", "Cookie"));
  EXPECT_FALSE(lists(",,", "Cookie"));
}

TEST(header_rules, refuses_what_would_break_a_response) {
  EXPECT_NO_THROW(check_header({"Set-Cookie", "a=b; Path=/"}));
  for (const char* bad : {"a\r\nb", "a\nb", "a\rb"}) {
    EXPECT_THROW(check_header({"Name", bad}), error);
    EXPECT_THROW(check_header({bad, "value"}), error);
  }
  EXPECT_THROW(check_header({"Name", std::string("a\0b", 3)}), error);
  EXPECT_THROW(check_header({"", "value"}), error);
}

}  // namespace
}  // namespace scs::http::detail
