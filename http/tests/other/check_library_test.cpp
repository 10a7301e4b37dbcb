// check_library() on a library that does not exist, as it should be and with each of the faults
// that real libraries have.

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/http/check_library.hpp>

namespace {

using scs::http::check_library;
using scs::http::check_received;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

enum class fault {
  none,
  takes_cookies_out,  // Drogon does: they are in a map of their own
  keeps_one_line,     // a map with one value for each name
  reverses_lines,     // cpp-httplib 0.18 to 0.52
  minds_letter_case,
  erases_one_line,
  resets_no_headers,
  resets_no_body,
  sends_no_raw_headers,  // Pistache 0.0.5 does
};

using fields = std::vector<std::pair<std::string, std::string>>;

struct message {
  int status = 200;
  fields headers{};
  std::string body{};
};

template <fault Fault>
struct stand_in {
  struct request : message {};
  struct response : message {};

  static bool same(std::string_view a, std::string_view b) {
    if (Fault == fault::minds_letter_case) return a == b;
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
  }

  template <class Call>
  static void for_each_header(const message& of, std::string_view name, Call call) {
    fields lines = of.headers;
    if (Fault == fault::reverses_lines) std::reverse(lines.begin(), lines.end());
    for (const auto& [there, value] : lines) {
      if (same(there, name)) call(value);
    }
  }
  static void append_header(message& to, std::string_view name, std::string_view value) {
    if (Fault == fault::keeps_one_line) erase_header(to, name);
    to.headers.emplace_back(name, value);
  }
  static void erase_header(message& of, std::string_view name) {
    const auto is_one = [&](const auto& line) { return same(line.first, name); };
    if (Fault == fault::erases_one_line) {
      const auto found = std::ranges::find_if(of.headers, is_one);
      if (found != of.headers.end()) of.headers.erase(found);
    } else {
      std::erase_if(of.headers, is_one);
    }
  }
  static void reset(message& answer, int status, std::string_view text) {
    answer.status = status;
    if (Fault != fault::resets_no_headers) answer.headers.clear();
    if (Fault != fault::resets_no_body) answer.body.clear();
    answer.body += text;
  }

  /// What the library makes of the lines that a client sends.
  static request received(std::string_view lines) {
    request made;
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find("\r\n"));
      lines.remove_prefix(line.size() + 2);
      const auto colon = line.find(": ");
      if (Fault != fault::takes_cookies_out)
        append_header(made, line.substr(0, colon), line.substr(colon + 2));
    }
    return made;
  }
  static std::string sent(const response& answer) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n";
    if (Fault != fault::sends_no_raw_headers) {
      for (const auto& [name, value] : answer.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    }
    return text + "\r\n" + answer.body;
  }
};

struct result {
  std::vector<std::string> in_handler;
  std::vector<std::string> alone;
  std::vector<std::string> received;
};

template <fault Fault>
result check() {
  using library = stand_in<Fault>;
  const auto request = library::received(scs::http::check_request_lines);
  typename library::response response;
  response.headers = {{"X-Handler", "of the handler"}};
  response.body = "of the handler";
  result found;
  found.in_handler = check_library<library>(request, response);
  found.alone = check_library<library>();
  found.received = check_received(library::sent(response), "of the handler");
  return found;
}

TEST(check_library, finds_nothing_where_all_is_well) {
  const result found = check<fault::none>();
  EXPECT_THAT(found.in_handler, IsEmpty());
  EXPECT_THAT(found.alone, IsEmpty());
  EXPECT_THAT(found.received, IsEmpty());
}

TEST(check_library, says_that_no_cookie_line_arrives) {
  const result found = check<fault::takes_cookies_out>();
  EXPECT_THAT(found.in_handler, ElementsAre(HasSubstr("begins a new session")));
  EXPECT_THAT(found.alone, IsEmpty()) << "it takes a request to see that";
}

TEST(check_library, says_that_one_of_two_lines_is_lost) {
  const result found = check<fault::keeps_one_line>();
  EXPECT_THAT(found.in_handler, ElementsAre(HasSubstr("finds one of two lines"),
                                            HasSubstr("\"Set-Cookie\") twice, and 1 lines"),
                                            HasSubstr("\"X-Scs-Check\") twice, and 1 lines")));
  EXPECT_THAT(found.alone, testing::SizeIs(2));
  EXPECT_THAT(found.received, ElementsAre(HasSubstr("Set-Cookie: scs_check=1")));
}

TEST(check_library, says_that_lines_are_reversed) {
  const result found = check<fault::reverses_lines>();
  EXPECT_THAT(found.in_handler,
              ElementsAre(HasSubstr("reverses the lines"), HasSubstr("in another order"),
                          HasSubstr("in another order")));
}

TEST(check_library, says_that_the_letter_case_matters) {
  const result found = check<fault::minds_letter_case>();
  EXPECT_THAT(found.in_handler, testing::Contains(HasSubstr("minds the letter case")));
  EXPECT_THAT(found.alone, ElementsAre(HasSubstr("erase_header(response, name) leaves lines")));
}

TEST(check_library, says_that_erasing_leaves_a_line) {
  EXPECT_THAT(check<fault::erases_one_line>().alone,
              ElementsAre(HasSubstr("erase_header(response, name) leaves lines")));
}

TEST(check_library, says_that_a_reset_response_is_not_empty) {
  const result headers = check<fault::resets_no_headers>();
  EXPECT_THAT(headers.in_handler,
              ElementsAre(HasSubstr("reset(response) leaves a line of Set-Cookie"),
                          HasSubstr("leaves a line of X-Scs-Check")));
  EXPECT_THAT(headers.received, ElementsAre(HasSubstr("leaves something of the handler")));
  const result body = check<fault::resets_no_body>();
  EXPECT_THAT(body.in_handler, IsEmpty()) << "the class cannot read a body";
  EXPECT_THAT(body.received, ElementsAre(HasSubstr("leaves something of the handler")));
}

TEST(check_library, says_which_lines_were_not_sent) {
  const result found = check<fault::sends_no_raw_headers>();
  EXPECT_THAT(found.in_handler, IsEmpty());
  EXPECT_THAT(found.received, ElementsAre(HasSubstr("scs_check=1"), HasSubstr("scs_check=2"),
                                          HasSubstr("Cache-Control: no-store")));
  EXPECT_THAT(check_received("", ""), testing::SizeIs(5));
}

}  // namespace
