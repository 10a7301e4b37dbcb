#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <scs/csrf.hpp>

namespace {

scs::csrf_request sent(std::string site, std::string origin, std::string host = "example.com") {
  return {.method = "POST",
          .sec_fetch_site = std::move(site),
          .origin = std::move(origin),
          .host = std::move(host)};
}

TEST(csrf_methods, are_safe_only_as_they_are_written_in_the_standard) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE"})
    EXPECT_TRUE(scs::is_safe_method(method)) << method;
  for (const char* method :
       {"POST", "PUT", "DELETE", "PATCH", "get", "", "GET ", "CONNECT", "GETX"})
    EXPECT_FALSE(scs::is_safe_method(method)) << method;
}

TEST(csrf_origins, are_judged_by_what_the_browser_says_first) {
  EXPECT_TRUE(request_is_same_origin(sent("same-origin", "https://example.com")));
  EXPECT_TRUE(request_is_same_origin(sent("none", "")));
  for (const char* site :
       {"cross-site", "same-site", "same-origin,same-origin", "Same-Origin", " ", "same-originx"}) {
    EXPECT_FALSE(request_is_same_origin(sent(site, "https://example.com"))) << site;
    EXPECT_FALSE(request_is_same_origin(sent(site, ""))) << site;
  }
}

TEST(csrf_origins, are_compared_with_the_host_where_the_browser_says_no_more) {
  EXPECT_TRUE(request_is_same_origin(sent("", "https://example.com")));
  EXPECT_TRUE(request_is_same_origin(sent("", "http://Example.COM")));
  EXPECT_TRUE(request_is_same_origin(sent("", "http://example.com:8080", "example.com:8080")));
  EXPECT_TRUE(request_is_same_origin(sent("", "http://[::1]:80", "[::1]:80")));
  for (const char* origin :
       {"null", "https://example.com.evil.org", "https://evil.org", "https://example.com:8443",
        "https://example.com/", "https://user@example.com", "example.com", "://", "https://",
        "https://example.com,https://example.com", "https://evil.org/://example.com"}) {
    EXPECT_FALSE(request_is_same_origin(sent("", origin))) << origin;
  }
  EXPECT_FALSE(request_is_same_origin(sent("", "https://", ""))) << "no host equals no host";
  EXPECT_FALSE(request_is_same_origin(sent("", "null", "null")));
}

TEST(csrf_origins, of_a_program_that_is_no_browser_are_not_asked_for) {
  EXPECT_TRUE(request_is_same_origin(sent("", "")));
}

TEST(csrf_origins, are_trusted_when_they_are_equal_to_a_trusted_one) {
  const std::vector<std::string> trusted{"https://login.example.com"};
  EXPECT_TRUE(request_is_same_origin(sent("same-site", "https://login.example.com"), trusted));
  EXPECT_TRUE(request_is_same_origin(sent("", "https://login.example.com"), trusted));
  for (const char* origin : {"http://login.example.com", "https://login.example.com.evil.org",
                             "https://login.example.com:8443", "https://LOGIN.example.com"}) {
    EXPECT_FALSE(request_is_same_origin(sent("cross-site", origin), trusted)) << origin;
  }
}

}  // namespace
