#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/collation.hpp>
#include <buntdb/error.hpp>

namespace buntdb {
namespace {

using words = std::vector<std::string>;

/// Sorts the words; words that are neither less nor greater stay in the given order.
words sorted(const ordering& order, words given) {
  std::stable_sort(given.begin(), given.end(),
                   [&](const std::string& a, const std::string& b) { return less(order, a, b); });
  return given;
}

bool same(std::string_view collation, std::string_view a, std::string_view b) {
  const ordering order = by_collation(collation);
  return !less(order, a, b) && !less(order, b, a);
}

/// Expects these words to be in this order, whatever order they are given in.
void expect_order(std::string_view collation, const words& expected) {
  const ordering order = by_collation(collation);
  words given = expected;
  std::reverse(given.begin(), given.end());
  EXPECT_EQ(sorted(order, given), expected) << collation;
  for (std::size_t at = 1; at < expected.size(); ++at) {
    EXPECT_TRUE(less(order, expected[at - 1], expected[at])) << collation << ' ' << expected[at];
  }
}

TEST(collation, has_french_accents_decide_from_the_front) {
  expect_order("FRENCH", {"cote", "coté", "côte", "côté", "coter"});
}

TEST(collation, has_canadian_french_accents_decide_from_the_back) {
  expect_order("CANADIANFRENCH", {"cote", "côte", "coté", "côté", "coter"});
  expect_order("fr-CA", {"cote", "côte", "coté", "côté"});
}

TEST(collation, has_german_umlauts_beside_their_vowels) {
  expect_order("GERMAN", {"Apfel", "Äpfel", "Azteke", "Strasse", "Straße", "Straßen", "Zebra"});
  expect_order("de-u-co-phonebk", {"Ad", "Äpfel", "Af"});  // as if it were Aepfel
}

TEST(collation, has_swedish_letters_behind_z) {
  expect_order("SWEDISH", {"Adam", "Zorn", "Åre", "Ängel", "Öl"});
  expect_order("ENGLISH", {"Adam", "Ängel", "Åre", "Öl", "Zorn"});
}

TEST(collation, has_chinese_by_pronunciation) {
  expect_order("CHINESE", {"北京", "广州", "上海", "中国"});
  expect_order("zh-Hans", {"北京", "广州", "上海", "中国"});
}

TEST(collation, has_lower_case_first_unless_case_is_ignored) {
  expect_order("ENGLISH", {"hello", "Hello", "HELLO", "hellos"});
  expect_order("ENGLISH_CS", {"hello", "Hello"});
  EXPECT_TRUE(same("ENGLISH_CI", "hello", "HELLO"));
  EXPECT_TRUE(same("FRENCH_CI", "ÉTÉ", "été"));
}

TEST(collation, keeps_accents_apart_when_it_ignores_case) {
  expect_order("FRENCH_CI", {"resume", "Résumé"});
  EXPECT_FALSE(same("FRENCH_CI", "resume", "résumé"));
}

TEST(collation, looks_at_nothing_but_letters_if_it_is_loose) {
  EXPECT_TRUE(same("FRENCH_LOOSE", "resume", "RÉSUMÉ"));
  EXPECT_TRUE(same("FRENCH_LOOSE_CI", "resume", "RÉSUMÉ"));
  EXPECT_FALSE(same("FRENCH_LOOSE", "resume", "resumed"));
}

TEST(collation, compares_digits_as_numbers_if_asked) {
  expect_order("DUTCH_NUM", {"item2", "item12", "item101"});
  expect_order("DUTCH", {"item101", "item12", "item2"});
  EXPECT_TRUE(same("DUTCH_NUM_CI", "Item02", "item2"));
}

TEST(collation, takes_names_and_tags_in_any_case) {
  expect_order("swedish_ci", {"Zorn", "Åre"});
  expect_order("sv_num", {"Zorn2", "Zorn10", "Åre"});
  expect_order("SV-SE", {"Zorn", "Åre"});
}

TEST(collation, knows_all_the_languages_it_names) {
  const words names = collation_languages();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string& name : names) {
    EXPECT_TRUE(less(by_collation(name + "_NUM"), "2", "12")) << name;
  }
}

TEST(collation, orders_strings_in_json_and_other_types_as_json_does) {
  const ordering order = by_collation_json("name.last", "GERMAN_CI");
  const words expected = {"{}",
                          R"({"name":{"last":null}})",
                          R"({"name":{"last":7}})",
                          R"({"name":{"last":"Apfel"}})",
                          R"({"name":{"last":"\u00e4pfel"}})",
                          R"({"name":{"last":"Zebra"}})",
                          R"({"name":{"last":["Apfel"]}})"};
  words given = expected;
  std::reverse(given.begin(), given.end());
  EXPECT_EQ(sorted(order, given), expected);
}

TEST(collation, goes_down_and_looks_at_keys_like_any_ordering) {
  EXPECT_TRUE(less(desc(by_collation("SWEDISH")), "Åre", "Zorn"));
  EXPECT_TRUE(less(by_key(by_collation("SWEDISH")), {"Zorn", ""}, {"Åre", ""}));
}

TEST(collation, takes_any_bytes) {
  const ordering order = by_collation("ENGLISH");
  const std::string broken("a\xff\xc3\0b", 5);
  EXPECT_FALSE(less(order, broken, broken));
  EXPECT_TRUE(less(order, "", broken));
  EXPECT_TRUE(less(order, std::string(10'000, 'a'), std::string(10'001, 'a')));
}

TEST(collation, refuses_names_that_mean_nothing) {
  for (const char* name :
       {"", "_CI", "KLINGONESE", "xx", "FRENCH_XX", "FRENCH_", "FRENCH__CI", "fr_CA"}) {
    try {
      by_collation(name);
      ADD_FAILURE() << name;
    } catch (const error& failure) {
      EXPECT_EQ(failure.code(), errc::invalid_argument);
      EXPECT_THAT(failure.what(), testing::HasSubstr('"' + std::string(name) + '"'));
    }
  }
}

TEST(collation, says_where_a_json_path_is_malformed) {
  EXPECT_THROW(by_collation_json("a.#(b", "FRENCH"), error);
}

TEST(collation, cannot_be_written_as_text) {
  EXPECT_FALSE(by_collation("FRENCH").is_portable());
}

}  // namespace
}  // namespace buntdb
