#include "headers/cookie.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <scs/error.hpp>

#include "reference_table.hpp"

namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): it is used
using std::string_literals::operator""s;

std::vector<std::string> values_of(const std::vector<std::string>& lines, std::string_view name) {
  const std::vector<std::string_view> views(lines.begin(), lines.end());
  std::vector<std::string> values;
  scs::for_each_cookie(views, name, [&](std::string_view value) {
    values.emplace_back(value);
    return true;
  });
  return values;
}

std::string text_of(const scs::token& token) {
  return std::string{token.text()};
}

TEST(cookie_header, is_read_as_go_reads_it) {
  for (const auto& line : test::reference_table("cookie_header.jsonl")) {
    const auto values = values_of(line["headers"].get<std::vector<std::string>>(), "session");
    EXPECT_EQ(!values.empty(), line["found"].get<bool>()) << line;
    if (!values.empty() && line["found"].get<bool>()) {
      EXPECT_EQ(values[0], line["value"].get<std::string>()) << line;
    }
  }
}

TEST(cookie_header, gives_all_values_in_order) {
  EXPECT_EQ(values_of({"session=1; x=2; session=3", "session=\"4\""}, "session"),
            (std::vector<std::string>{"1", "3", "4"}));
}

TEST(cookie_header, matches_names_byte_by_byte) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    EXPECT_EQ(values_of({c + "session=1"s}, "session").size(), blank || c == ';' ? 1U : 0U) << byte;
    EXPECT_TRUE(values_of({"sess"s + c + "on=1"}, "session").empty() || c == 'i') << byte;
    EXPECT_TRUE(values_of({"session"s + c + "=1"}, "session").empty() || c == ';' || c == '=')
        << byte;
  }
}

TEST(cookie_header, passes_over_values_with_bytes_that_no_cookie_has) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool allowed = byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
    EXPECT_EQ(values_of({"session=a"s + c + "b"}, "session").size(), allowed ? 1U : 0U) << byte;
  }
}

TEST(cookie_header, gives_at_most_four_different_tokens) {
  std::string line = "session=short; session=" + std::string(42, 'x') + "!";
  std::vector<std::string> made;
  for (int i = 0; i < 6; ++i) {
    made.push_back(text_of(scs::token::generate()));
    line.append("; session=").append(made.back()).append("; session=").append(made.front());
  }
  const std::string_view view = line;
  const scs::token_candidates found = scs::find_tokens({&view, 1}, "session");
  ASSERT_EQ(found.count, 4U);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(found.tokens[i]->text(), made[i]);
}

TEST(cookie_header, takes_a_thousand_cookies_and_a_megabyte) {
  const std::string token = text_of(scs::token::generate());
  std::string thousand;
  for (int i = 0; i < 1000; ++i)
    thousand += "name" + std::to_string(i) + "=value; ";
  std::vector<std::string> hostile{thousand,
                                   std::string(1 << 20, ';'),
                                   std::string(1 << 20, ' '),
                                   std::string(1 << 20, '='),
                                   std::string(1 << 20, '"'),
                                   "session=" + std::string(1 << 20, 'A')};
  std::string repeated;
  while (repeated.size() < 1 << 20)
    repeated += "session=;session;";
  hostile.push_back(repeated);
  std::string blanks;
  while (blanks.size() < 1 << 20)
    blanks += ";  \t";
  hostile.push_back(blanks);
  for (const std::string& start : hostile) {
    const std::string line = std::string{start}.append("; session=").append(token);
    const std::string_view view = line;
    const scs::token_candidates found = scs::find_tokens({&view, 1}, "session");
    ASSERT_EQ(found.count, 1U);
    EXPECT_EQ(found.tokens[0]->text(), token);
  }
}

TEST(set_cookie, is_written_as_go_writes_it) {
  for (const auto& line : test::reference_table("set_cookie.jsonl")) {
    const auto text = [&](const char* field) { return line[field].get<std::string>(); };
    const std::string name = text("name"), value = text("value"), path = text("path"),
                      domain = text("domain");
    scs::set_cookie cookie{.name = name, .value = value, .path = path, .domain = domain};
    cookie.http_only = line["http_only"].get<bool>();
    cookie.secure = line["secure"].get<bool>();
    if (line.contains("expires_unix")) {
      cookie.expires = scs::time_point{std::chrono::seconds{line["expires_unix"].get<int>()}};
    }
    if (const int age = line["max_age"].get<int>(); age != 0) {
      cookie.max_age = std::chrono::seconds{age};
    }
    switch (line["same_site"].get<int>()) {
      case 2:
        cookie.same_site = scs::same_site_policy::lax;
        break;
      case 3:
        cookie.same_site = scs::same_site_policy::strict;
        break;
      case 4:
        cookie.same_site = scs::same_site_policy::none;
        break;
      default:
        break;
    }
    EXPECT_EQ(scs::to_header_value(cookie), text("out"));
  }
}

TEST(set_cookie, has_all_attributes_in_order) {
  const scs::set_cookie cookie{
      .name = "n",
      .value = "v",
      .path = "/p",
      .domain = "example.com",
      .expires = scs::time_point{std::chrono::seconds{1'795'563'895}},
      .max_age = std::chrono::seconds{60},
      .http_only = true,
      .secure = true,
      .same_site = scs::same_site_policy::strict,
      .partitioned = true,
  };
  EXPECT_EQ(scs::to_header_value(cookie),
            "n=v; Path=/p; Domain=example.com; Expires=Tue, 24 Nov 2026 23:44:55 GMT; Max-Age=60; "
            "HttpOnly; Secure; SameSite=Strict; Partitioned");
}

/// Returns the option that the error names. Empty if the options are accepted.
std::string field_at_fault(const scs::cookie_options& options) {
  try {
    scs::validate_cookie(options);
    return "";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::invalid_options);
    const std::string what = failure.what();
    return what.substr(0, what.find(':'));
  }
}

TEST(cookie_options, have_a_name_that_fits_the_others) {
  EXPECT_EQ(scs::validate_cookie({}).name, "__Host-Http-session");
  EXPECT_EQ(scs::validate_cookie({.http_only = false}).name, "__Host-session");
  EXPECT_EQ(scs::validate_cookie({.secure = false}).name, "session");
  EXPECT_EQ(scs::validate_cookie({.domain = "example.com"}).name, "session");
  EXPECT_EQ(scs::validate_cookie({.path = "/app"}).name, "session");
  EXPECT_EQ(scs::validate_cookie({.name = "mine"}).name, "mine");
}

TEST(cookie_options, are_refused_with_bytes_that_break_headers) {
  for (const char c : {'\r', '\n', '\0', ';', '\t', '\x7F', '\xE9'}) {
    EXPECT_EQ(field_at_fault({.name = "a"s + c}), "cookie.name");
    EXPECT_EQ(field_at_fault({.path = "/a"s + c}), "cookie.path");
    EXPECT_EQ(field_at_fault({.domain = "a"s + c + "com"}), "cookie.domain");
  }
  for (const char c : {' ', '=', ',', '"', '(', '@'}) {
    EXPECT_EQ(field_at_fault({.name = "a"s + c}), "cookie.name");
    EXPECT_EQ(field_at_fault({.domain = "a"s + c}), "cookie.domain");
  }
}

TEST(cookie_options, are_refused_when_they_contradict_each_other) {
  using scs::same_site_policy;
  EXPECT_EQ(field_at_fault({.name = "__Host-a", .domain = "example.com"}), "cookie.domain");
  EXPECT_EQ(field_at_fault({.name = "__Host-a", .path = "/a"}), "cookie.path");
  EXPECT_EQ(field_at_fault({.name = "__Host-a", .secure = false}), "cookie.secure");
  EXPECT_EQ(field_at_fault({.name = "__host-a", .secure = false}), "cookie.secure");
  EXPECT_EQ(field_at_fault({.name = "__Secure-a", .secure = false}), "cookie.secure");
  EXPECT_EQ(field_at_fault({.name = "__Secure-a", .domain = "example.com"}), "");
  EXPECT_EQ(field_at_fault({.name = "__http-a", .secure = false}), "cookie.secure");
  EXPECT_EQ(field_at_fault({.name = "__Http-a", .http_only = false}), "cookie.http_only");
  EXPECT_EQ(field_at_fault({.name = "__Host-Http-a", .http_only = false}), "cookie.http_only");
  EXPECT_EQ(field_at_fault({.name = "__Host-Http-a", .domain = "example.com"}), "cookie.domain");
  EXPECT_EQ(field_at_fault({.name = "__Host-Http-a"}), "");
  EXPECT_EQ(field_at_fault({.secure = false, .same_site = same_site_policy::none}),
            "cookie.same_site");
  EXPECT_EQ(field_at_fault({.same_site = same_site_policy::none}), "");
  EXPECT_EQ(field_at_fault({.secure = false, .partitioned = true}), "cookie.partitioned");
}

TEST(cookie_options, are_refused_when_browsers_would_drop_or_misread_them) {
  EXPECT_EQ(field_at_fault({.name = std::string(4096 - 43, 'a')}), "");
  EXPECT_EQ(field_at_fault({.name = std::string(4096 - 42, 'a')}), "cookie.name");
  EXPECT_EQ(field_at_fault({.path = "/" + std::string(1024, 'a')}), "cookie.path");
  EXPECT_EQ(field_at_fault({.path = ""}), "cookie.path");
  EXPECT_EQ(field_at_fault({.path = "relative"}), "cookie.path");
  for (const char* domain : {"a..b", "-a.com", "a-.com", "a.", "."}) {
    EXPECT_EQ(field_at_fault({.domain = domain}), "cookie.domain") << domain;
  }
  EXPECT_EQ(field_at_fault({.domain = std::string(64, 'a') + ".com"}), "cookie.domain");
}

TEST(cookie_options, lose_the_leading_dot_of_a_domain) {
  EXPECT_EQ(scs::validate_cookie({.domain = ".example.com"}).domain, "example.com");
}

}  // namespace
