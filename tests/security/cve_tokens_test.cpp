// Vulnerabilities of other products, as in cve_test.cpp: how ids are made.

#include <array>
#include <bitset>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "world.hpp"

namespace test {

namespace {

/// Checks that in many tokens, each of the 256 bits is set about as often as not.
void expect_balanced_bits(const std::vector<std::string>& tokens) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t bits = 256;
  std::array<int, bits + 2> set{};
  for (const std::string& token : tokens) {
    for (std::size_t i = 0; i < token.size(); ++i) {
      const std::bitset<6> digit{alphabet.find(token[i])};
      for (std::size_t bit = 0; bit < 6; ++bit)
        set[6 * i + bit] += digit[5 - bit] ? 1 : 0;
    }
  }
  const double half = static_cast<double>(tokens.size()) / 2;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    EXPECT_NEAR(set[bit], half, half * 0.06) << "bit " << bit;  // more than six standard deviations
  }
}

// drogon: ids from a small space of random values.
TEST(cve, CVE_2022_3959_ids_come_from_a_small_space) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 12'000; ++i)
    tokens.push_back(new_token());
  EXPECT_EQ(std::set<std::string>(tokens.begin(), tokens.end()).size(), tokens.size());
  // Not even a sixth of a token occurs twice.
  std::set<std::string> parts;
  for (const std::string& token : tokens)
    parts.insert(token.substr(20, 10));
  EXPECT_EQ(parts.size(), tokens.size());
  expect_balanced_bits(tokens);
}

// A weak generator: earlier values predict later ones, or a seed repeats them.
TEST(cve, weak_random_ids_come_from_a_generator_that_can_be_seeded) {
  std::set<std::string> seen;
  for (unsigned round = 0; round < 50; ++round) {
    std::srand(1);
    srandom(1);
    srand48(1);
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(seen.insert(new_token()).second);
  }
}

}  // namespace

}  // namespace test
