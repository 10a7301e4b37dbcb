#include <set>
#include <string>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/token.hpp>

namespace {

constexpr std::string_view some_token = "9UgWaPEoSWFxh3Gg_IgUvq13iqWQSVP2aL_2ibL3udI";

TEST(token, is_43_characters_of_base64url) {
  const scs::token made = scs::token::generate();
  EXPECT_EQ(made.text().size(), 43U);
  EXPECT_EQ(made.text().find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string_view::npos);
  EXPECT_EQ(scs::token::parse(made.text()), made);
}

TEST(token, comes_never_twice) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const scs::token made = scs::token::generate();
    EXPECT_TRUE(seen.emplace(made.text()).second);
  }
}

TEST(token, has_the_sha256_of_its_text_as_id) {
  // printf 9UgW... | openssl dgst -sha256 -binary | basenc --base64url
  const auto id = scs::token::parse(some_token)->id();
  EXPECT_EQ(id.text(), "h:8RvtGSV_mYRwYsXcfYT9qPPuhnIt2C-pPHO-ZU0WdhU");
}

TEST(token, is_its_own_id_in_raw_mode) {
  const auto id = scs::token::parse(some_token)->id(scs::id_mode::raw);
  EXPECT_EQ(id.text(), some_token);
}

TEST(token, is_refused_with_another_length) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, 'A');
    EXPECT_EQ(scs::token::parse(text).has_value(), size == 43);
  }
}

TEST(token, is_refused_with_any_byte_outside_of_its_alphabet) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string text{some_token};
    const char c = static_cast<char>(byte);
    const bool allowed = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                         (c >= 'a' && c <= 'z') || c == '-' || c == '_';
    for (const std::size_t position : {std::size_t{0}, std::size_t{20}, std::size_t{42}}) {
      text = some_token;
      text[position] = c;
      EXPECT_EQ(scs::token::parse(text).has_value(), allowed) << byte;
    }
  }
}

TEST(token, is_never_an_id) {
  const auto id = scs::token::generate().id();
  EXPECT_FALSE(scs::token::parse(id.text()));
  EXPECT_FALSE(scs::token::parse(id.text().substr(2)).value().id() == id);
}

TEST(session_id, keeps_any_bytes_up_to_its_limit) {
  const std::string text(scs::session_id::max_size, '\0');
  const auto id = scs::session_id::from_text(text);
  EXPECT_EQ(id.text(), text);
  EXPECT_FALSE(id.empty());
  EXPECT_TRUE(scs::session_id{}.empty());
  EXPECT_NE(id, scs::session_id{});
}

TEST(session_id, refuses_what_is_longer) {
  try {
    scs::session_id::from_text(std::string(scs::session_id::max_size + 1, 'x'));
    FAIL();
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::too_large);
  }
}

}  // namespace
