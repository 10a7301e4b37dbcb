#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include <buntstore/internal/siphash.hpp>
#include <scs/session_id.hpp>
#include <scs/token.hpp>

namespace {

constexpr buntstore::siphash::secret paper_key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

// The test vectors of the reference implementation (veorq/SipHash, vectors.h): the hashes of texts
// of 0, 1, … bytes 00 01 02 ….
TEST(siphash, is_that_of_the_paper) {
  constexpr std::array<std::uint64_t, 9> expected{
      0x726fdb47dd0e0e31U, 0x74f839c593dc67fdU, 0x0d6c8009d9a94f5aU,
      0x85676696d7fb7e2dU, 0xcf2794e0277187b7U, 0x18765564cd99a68dU,
      0xcbc9466e58fee3ceU, 0xab0200f58b01d137U, 0x93f5f5799a932462U};
  std::string text;
  for (const std::uint64_t hash : expected) {
    EXPECT_EQ(buntstore::siphash::of(paper_key, text), hash) << text.size();
    text += static_cast<char>(text.size());
  }
  std::string fifteen;
  for (char c = 0; c < 15; ++c)
    fifteen += c;
  EXPECT_EQ(buntstore::siphash::of(paper_key, fifteen), 0xa129ca6149be45e5U) << "the paper's own";
}

TEST(keyed_hash, is_the_same_within_a_process_and_not_that_of_the_library) {
  EXPECT_EQ(scs::keyed_hash("tom"), scs::keyed_hash(std::string("tom")));
  EXPECT_NE(scs::keyed_hash("tom"), std::hash<std::string_view>{}("tom"));
  EXPECT_NE(scs::keyed_hash("tom"), buntstore::siphash::of({}, "tom")) << "the key is zero";
}

TEST(keyed_hash, is_taken_for_ids_that_hold_what_somebody_chose) {
  const auto watermark = scs::session_id::from_text("w:=tom");
  EXPECT_EQ(std::hash<scs::session_id>{}(watermark), scs::keyed_hash("w:=tom"));
  const scs::session_id drawn = scs::token::generate().id();
  EXPECT_EQ(std::hash<scs::session_id>{}(drawn), std::hash<std::string_view>{}(drawn.text()));
}

}  // namespace
