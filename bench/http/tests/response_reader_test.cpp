#include "http/load/response_reader.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace bench::http {
namespace {

TEST(response_reader, takes_an_answer_byte_by_byte) {
  const std::string bytes =
      "HTTP/1.1 201 Created\r\ncontent-LENGTH: 3\r\n"
      "Set-Cookie: session=abc; Path=/; HttpOnly\r\n\r\nyes";
  response_reader reader;
  EXPECT_FALSE(reader.has_begun());
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    ASSERT_FALSE(reader.add(bytes.substr(i, 1))) << i;
    ASSERT_TRUE(reader.has_begun()) << i;
  }
  const auto whole = reader.add(bytes.substr(bytes.size() - 1));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->status, 201);
  EXPECT_TRUE(whole->keep_alive);
  EXPECT_EQ(whole->cookie, "session=abc");
  EXPECT_EQ(whole->body, "yes");
  EXPECT_FALSE(reader.has_begun());
}

TEST(response_reader, forgets_the_answer_before) {
  response_reader reader;
  const auto first = reader.add(
      "HTTP/1.1 404 Not Found\r\nConnection: Close\r\nSet-Cookie: a=b\r\nContent-Length: "
      "0\r\n\r\n");
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->keep_alive);
  const auto second = reader.add("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->keep_alive);
  EXPECT_EQ(second->cookie, "");
}

TEST(response_reader, ends_an_answer_without_length_with_the_connection) {
  response_reader reader;
  EXPECT_FALSE(reader.add("HTTP/1.1 200 OK\r\n\r\nall of"));
  EXPECT_FALSE(reader.add(" it"));
  const auto whole = reader.close();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->body, "all of it");
  EXPECT_FALSE(whole->keep_alive);
}

TEST(response_reader, has_no_answer_where_the_connection_ends_too_soon) {
  response_reader reader;
  EXPECT_FALSE(reader.close());
  EXPECT_FALSE(reader.add("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhal"));
  EXPECT_FALSE(reader.close());
}

TEST(response_reader, refuses_what_it_does_not_understand) {
  for (const char* const bytes :
       {"SMTP ready\r\n\r\n", "HTTP/1.1 ok\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy"}) {
    response_reader reader;
    EXPECT_THROW(reader.add(bytes), std::runtime_error) << bytes;
  }
}

}  // namespace
}  // namespace bench::http
