#include "resp/request_parser.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using buntdb::control::protocol_error;
using buntdb::control::request_parser;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t limit = 1000;

std::vector<std::vector<std::string>> requests_in(std::string_view bytes, std::size_t piece) {
  request_parser parser(limit);
  std::vector<std::vector<std::string>> found;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    while (!input.empty())
      if (auto request = parser.take(input)) found.push_back(std::move(*request));
  }
  EXPECT_FALSE(parser.is_within_request());
  EXPECT_EQ(parser.held_bytes(), 0U);
  return found;
}

TEST(request_parser, takes_requests_in_whatever_pieces_they_come) {
  const std::string whole =
      "*2\r\n$3\r\nget\r\n$5\r\na\r\nb!\r\n*1\r\n$4\r\nping\r\n"
      "*2\r\n$0\r\n\r\n$1\r\n*\r\n";
  for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
    EXPECT_THAT(requests_in(whole, piece), ElementsAre(ElementsAre("get", "a\r\nb!"),
                                                       ElementsAre("ping"), ElementsAre("", "*")))
        << piece;
  }
}

TEST(request_parser, refuses_what_is_no_request) {
  const std::vector<std::string> refused{
      "ping\r\n",
      "GET / HTTP/1.1\r\n",
      "*0\r\n",
      "*-1\r\n",
      "*\r\n",
      "*1\n$4\r\nping\r\n",
      "*1x\r\n",
      "*+1\r\n",
      "*99999999999999999999999\r\n",
      "*100000\r\n",
      "*1\r\n*1\r\n",
      "*1\r\n$-1\r\n",
      "*1\r\n$1001\r\n",
      "*2\r\n$600\r\n" + std::string(600, 'x') + "\r\n$401\r\n",
      "*1\r\n$4\r\npingxx",
      "*1\r\n$4\r\nping\r*",
      std::string(100, '*'),
      std::string("\0", 1),
  };
  for (const std::string& bytes : refused) {
    for (const std::size_t piece : {bytes.size(), std::size_t{1}}) {
      request_parser parser(limit);
      std::string_view rest = bytes;
      EXPECT_THROW(
          while (!rest.empty()) {
            std::string_view input = rest.substr(0, piece);
            rest.remove_prefix(input.size());
            while (!input.empty())
              parser.take(input);
          },
          protocol_error)
          << bytes.substr(0, 40);
    }
  }
}

TEST(request_parser, takes_no_memory_for_what_is_only_announced) {
  request_parser parser(std::size_t{1} << 40U);
  std::string_view input = "*65536\r\n$1099511627\r\nabc";
  EXPECT_EQ(parser.take(input), std::nullopt);
  EXPECT_THAT(std::string(input), IsEmpty());
  EXPECT_TRUE(parser.is_within_request());
  EXPECT_EQ(parser.held_bytes(), sizeof(std::string) + 3);
}

}  // namespace
