// How the tool parses answers.

#include "live/reply_parser.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_client.hpp"

namespace {

using buntdb::control::test::text_of;
using testing::ElementsAre;

std::vector<std::string> answers_in(std::string_view bytes, std::size_t piece) {
  reply_parser parser;
  std::vector<std::string> found;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    while (!input.empty())
      if (const auto answer = parser.take(input)) found.push_back(text_of(*answer));
  }
  return found;
}

TEST(reply_parser, takes_answers_in_whatever_pieces_they_come) {
  const std::string whole =
      "+OK\r\n-ERR no\r\n:-42\r\n$4\r\na\r\nb\r\n$-1\r\n$0\r\n\r\n"
      "*2\r\n$1\r\n0\r\n*2\r\n:1\r\n*0\r\n*0\r\n";
  for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
    EXPECT_THAT(answers_in(whole, piece),
                ElementsAre("+OK", "-ERR no", "-42", "a\r\nb", "null", "", "[0, [1, []]]", "[]"))
        << piece;
  }
}

TEST(reply_parser, refuses_what_is_no_answer) {
  std::string deep;
  for (std::size_t i = 0; i <= reply_parser::max_depth; ++i)
    deep += "*1\r\n";
  for (const std::string& bytes :
       {std::string("HTTP/1.1 200 OK\r\n"), std::string(":x\r\n"), std::string(":\r\n"),
        std::string("$-2\r\n"), std::string("$99999999999\r\n"), std::string("*-1\r\n"),
        std::string("*9999999999999\r\n"), std::string("+OK\n"), std::string("$1\r\nabc"),
        std::string("\r\n"), std::string(100'000, '+'), deep}) {
    EXPECT_THROW(answers_in(bytes, bytes.size()), bad_reply) << bytes.substr(0, 40);
    EXPECT_THROW(answers_in(bytes, 1), bad_reply) << bytes.substr(0, 40);
  }
}

}  // namespace
