#include "text/glob.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jsonl.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

constexpr auto ignored = glob::letter_case::ignored;

bool matches(std::string_view pattern, std::string_view key) {
  return glob(pattern).matches(key);
}

TEST(glob, answers_as_the_original) {
  int matched = 0;
  for (const auto& row : buntstore::testing::read_reference("match.jsonl")) {
    const auto pattern = row.at("pattern").get<std::string>();
    const auto key = row.at("key").get<std::string>();
    const bool expected = row.at("match").get<bool>();
    const glob ready(pattern);
    EXPECT_EQ(ready.matches(key), expected) << pattern << " on " << key;
    if (!expected) continue;
    ++matched;
    EXPECT_TRUE(key.starts_with(ready.literal_prefix())) << pattern << " on " << key;
    EXPECT_TRUE(!ready.is_literal() || key == ready.literal_prefix());
  }
  EXPECT_GT(matched, 100);
}

TEST(glob, takes_stars_for_any_bytes) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("**", "any\xFF"));
  EXPECT_TRUE(matches("a*b*c", "a-bb-b-cc"));
  EXPECT_FALSE(matches("a*b*c", "a-c-b"));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("*ab", "aab"));
  EXPECT_TRUE(matches("*aab*", "aaaab"));
  EXPECT_TRUE(matches("\xE4*", "世"));
}

/// Implements the definition, character by character, and is as slow as that implies.
bool matches_by_definition(std::string_view pattern, std::string_view key) {
  if (pattern.empty()) return key.empty();
  if (pattern.front() == '*') {
    for (std::size_t taken = 0; taken <= key.size(); ++taken) {
      if (matches_by_definition(pattern.substr(1), key.substr(taken))) return true;
    }
    return false;
  }
  if (key.empty() || (pattern.front() != '?' && pattern.front() != key.front())) return false;
  return matches_by_definition(pattern.substr(1), key.substr(1));
}

/// Calls visit with every text of these letters up to a length.
void for_each_text(std::string_view letters, std::size_t max_size, const std::string& beginning,
                   const std::function<void(const std::string&)>& visit) {
  visit(beginning);
  if (beginning.size() == max_size) return;
  for (const char letter : letters)
    for_each_text(letters, max_size, beginning + letter, visit);
}

TEST(glob, finds_every_part_wherever_it_is) {
  std::vector<std::string> keys;
  for_each_text("ab", 6, "", [&](const std::string& key) { keys.push_back(key); });
  for_each_text("ab*?", 5, "", [&](const std::string& pattern) {
    const glob ready(pattern);
    const glob ignoring(pattern, ignored);
    for (const std::string& key : keys) {
      const bool expected = matches_by_definition(pattern, key);
      ASSERT_EQ(ready.matches(key), expected) << pattern << " on " << key;
      ASSERT_EQ(ignoring.matches(key), expected) << pattern << " on " << key;
    }
  });
  const std::string fibonacci = "abaababaabaababaababa";
  for (std::size_t size = 1; size <= fibonacci.size(); ++size) {
    for (std::size_t at = 0; at + size <= fibonacci.size(); ++at)
      EXPECT_TRUE(matches("*" + fibonacci.substr(at, size) + "*", fibonacci));
  }
}

TEST(glob, refuses_long_parts_with_question_marks) {
  const std::string most(glob::max_part_with_any - 1, 'a');
  EXPECT_TRUE(matches("*?" + most, "b" + most));
  for (const char* front : {"*?a", "x*?a", "*b*?a"}) {
    for (const char* back : {"", "*"}) {
      EXPECT_EQ(testing::code_of([&] { glob(front + most + back); }), errc::invalid_argument);
    }
  }
  EXPECT_TRUE(matches("?" + most + most, "b" + most + most)) << "before any star, anything goes";
  EXPECT_TRUE(matches("*" + most + most, "b" + most + most)) << "and without a question mark";
}

TEST(glob, takes_a_question_mark_for_one_character_however_many_bytes) {
  EXPECT_TRUE(matches("?", "世"));
  EXPECT_FALSE(matches("??", "世"));
  EXPECT_FALSE(matches("*??", "世")) << "a star does not split a character";
  EXPECT_FALSE(matches("*?界", "界"));
  EXPECT_TRUE(matches("?*?", "世界"));
  EXPECT_TRUE(matches("😀?é", "😀界é"));
  EXPECT_TRUE(matches("a?c",
                      "a\xFF"
                      "c"));
  EXPECT_TRUE(matches("??", "\xE4\xB8")) << "each byte of a torn character counts as one";
  EXPECT_TRUE(matches("??", "\xC0\x80"));
  EXPECT_TRUE(matches("???", "\xED\xA0\x80")) << "a surrogate is no character";
}

TEST(glob, compares_invalid_bytes_as_they_are) {
  EXPECT_TRUE(matches("\xFE*", "\xFE"));
  EXPECT_FALSE(matches("*\xFE", "\xFF"));
  EXPECT_FALSE(matches("*\xFE", "\xEF\xBF\xBD"));
  EXPECT_TRUE(matches("?\xFE", "a\xFE"));
}

TEST(glob, resolves_escapes) {
  EXPECT_TRUE(matches("\\*\\?\\\\\\a", "*?\\a"));
  EXPECT_FALSE(matches("\\*", "a"));
  EXPECT_TRUE(matches("*\\**", "a*b"));
  EXPECT_FALSE(matches("*\\**", "ab"));
  EXPECT_TRUE(matches("\\世", "世"));
}

TEST(glob, takes_a_lone_backslash_at_the_end_as_the_original_does) {
  for (const char* key : {"", "a", "a\\", "\\"}) {
    EXPECT_FALSE(matches("a\\", key));
    EXPECT_FALSE(matches("?\\", key));
    EXPECT_FALSE(matches("\\", key));
    EXPECT_FALSE(matches("\\*\\", key));
  }
  EXPECT_TRUE(matches("*\\", "a\\"));
  EXPECT_FALSE(matches("*\\", "a"));
  EXPECT_TRUE(matches("*\\\\\\", "a\\\\"));
  EXPECT_FALSE(matches("*\\\\\\", "a\\"));
}

TEST(glob, knows_what_all_matching_keys_begin_with) {
  EXPECT_EQ(glob("user:*").literal_prefix(), "user:");
  EXPECT_EQ(glob("世界?x").literal_prefix(), "世界");
  EXPECT_EQ(glob("a\\*b\\\\?").literal_prefix(), "a*b\\");
  EXPECT_EQ(glob("?a").literal_prefix(), "");
  EXPECT_EQ(glob("User*", ignored).literal_prefix(), "");
}

TEST(glob, knows_whether_it_matches_one_key_or_all) {
  EXPECT_TRUE(glob("a\\*").is_literal());
  EXPECT_EQ(glob("a\\*").literal_prefix(), "a*");
  EXPECT_TRUE(glob("").is_literal());
  EXPECT_FALSE(glob("a*").is_literal());
  EXPECT_FALSE(glob("a\\").is_literal());
  EXPECT_FALSE(glob("a", ignored).is_literal());
  EXPECT_FALSE(glob("a", ignored).matches_everything());
  EXPECT_TRUE(glob("*").matches_everything());
  EXPECT_TRUE(glob("***", ignored).matches_everything());
  EXPECT_FALSE(glob("*?").matches_everything());
  EXPECT_FALSE(glob("").matches_everything());
  EXPECT_FALSE(glob("a*").matches_everything());
}

TEST(glob, ignores_case_in_all_scripts) {
  EXPECT_TRUE(glob("USER:*:Name", ignored).matches("user:7:NAME"));
  EXPECT_FALSE(glob("USER:*", ignored).matches("uses:7"));
  EXPECT_TRUE(glob("éàß?", ignored).matches("ÉÀßX"));
  EXPECT_TRUE(glob("ŁÓDŹ*", ignored).matches("łódź1"));
  EXPECT_TRUE(glob("ΑΣ*ω", ignored).matches("ασ-Ω"));
  EXPECT_TRUE(glob("ПРИВЕТ", ignored).matches("привет"));
  EXPECT_TRUE(glob("ՀԱՅ", ignored).matches("հայ"));
  EXPECT_TRUE(glob("ა", ignored).matches("Ა"));
  EXPECT_TRUE(glob("Ǆx", ignored).matches("ǅX"));
  EXPECT_TRUE(glob("İ", ignored).matches("i"));
  EXPECT_TRUE(glob("K", ignored).matches("k")) << "the Kelvin sign";
  EXPECT_TRUE(glob("𐐀", ignored).matches("𐐨"));
  EXPECT_FALSE(glob("×", ignored).matches("÷"));
  EXPECT_FALSE(glob("\xFF", ignored).matches("\xDF"));
}

TEST(glob, takes_no_exponential_time) {
  std::string pattern;
  for (int i = 0; i < 30; ++i)
    pattern += "a*";
  pattern += "b";
  EXPECT_FALSE(matches(pattern, std::string(60'000, 'a')));
}

}  // namespace
}  // namespace buntdb
