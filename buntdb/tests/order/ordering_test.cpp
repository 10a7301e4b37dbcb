#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/error.hpp>
#include <buntdb/ordering.hpp>

#include "jsonl.hpp"

namespace buntdb {
namespace {

using buntstore::testing::read_reference;

std::string message_of(const auto& function) {
  try {
    function();
  } catch (const error& failure) {
    EXPECT_EQ(failure.code(), errc::invalid_argument);
    return failure.what();
  }
  return {};
}

TEST(reference_compare, orders_values_as_the_original_does) {
  for (const auto& row : read_reference("compare.jsonl")) {
    const ordering order = parse_ordering(row.at("less").get<std::string>());
    EXPECT_EQ(less(order, row.at("a").get<std::string>(), row.at("b").get<std::string>()),
              row.at("lt").get<bool>())
        << row;
  }
}

TEST(ordering, goes_the_other_way_round_twice) {
  EXPECT_TRUE(less(desc(by_int()), "2", "1"));
  EXPECT_TRUE(less(desc(desc(by_int())), "1", "2"));
}

TEST(ordering, looks_at_the_key) {
  EXPECT_TRUE(less(by_key(), {"a", "2"}, {"b", "1"}));
  EXPECT_TRUE(less(desc(by_key(by_int())), {"10", ""}, {"9", ""}));
  EXPECT_TRUE(less(by_key(desc(by_int())), {"10", ""}, {"9", ""}));
}

TEST(ordering, looks_at_a_part_of_the_key) {
  const ordering order = by_key_part(":", 1, by_int());
  EXPECT_TRUE(less(order, {"user:9:b", ""}, {"user:10:a", ""}));
  EXPECT_FALSE(less(order, {"user:10:a", ""}, {"user:9:b", ""}));
  EXPECT_FALSE(less(order, {"a:1", ""}, {"b:1", ""}));
  EXPECT_TRUE(less(by_key_part("::", 2), {"a::b", ""}, {"a::b::c", ""}));
  EXPECT_TRUE(less(by_key_part(":", 0), {"a", ""}, {"b:1", ""}));
}

TEST(ordering, takes_any_function_on_values_or_entries) {
  const ordering shorter(
      [](std::string_view a, std::string_view b) { return a.size() < b.size(); });
  EXPECT_TRUE(less(shorter, "z", "aa"));
  EXPECT_FALSE(less(shorter, "aa", "bb"));
  EXPECT_TRUE(less(desc(shorter), "aa", "z"));
  EXPECT_TRUE(less(by_key(shorter), {"z", "1"}, {"aa", "2"}));
  const ordering by_both([](const entry& a, const entry& b) {
    return std::string(a.value).append(a.key) < std::string(b.value).append(b.key);
  });
  EXPECT_TRUE(less(by_both, {"a", "1"}, {"b", "1"}));
  const ordering throwing(
      [](std::string_view, std::string_view) -> bool { throw std::runtime_error("no"); });
  EXPECT_THROW(less(throwing, "a", "b"), std::runtime_error);
}

TEST(ordering, takes_a_function_that_gives_sort_keys) {
  const ordering last_byte = by_sort_key(
      [](std::string_view value, std::string& out) { out += value.substr(value.size() - 1); });
  EXPECT_TRUE(less(last_byte, "za", "ab"));
  EXPECT_TRUE(less(by_json("n", last_byte), R"({"n":"za"})", R"({"n":"ab"})"));
  EXPECT_TRUE(less(by_json("n", desc(last_byte)), R"({"n":"ab"})", R"({"n":"za"})"));
}

TEST(ordering, has_nan_neither_before_nor_behind_anything) {
  for (const char* other : {"-inf", "0", "nan", "inf"}) {
    EXPECT_FALSE(less(by_float(), "nan", other));
    EXPECT_FALSE(less(by_float(), other, "nan"));
  }
}

TEST(ordering, refuses_what_it_cannot_be_made_of) {
  EXPECT_NE(message_of([] { by_custom({}); }), "");
  EXPECT_NE(message_of([] { by_sort_key({}); }), "");
  EXPECT_NE(message_of([] { by_key_part("", 1); }), "");
  EXPECT_NE(message_of([] { by_key_part(":", 1, by_key()); }), "");
  EXPECT_NE(message_of([] { by_json("a", by_key()); }), "");
  EXPECT_NE(message_of([] { by_json("a", by_custom([](auto&, auto&) { return false; })); }), "");
}

TEST(ordering, says_where_a_json_path_is_malformed) {
  EXPECT_NE(message_of([] { by_json(R"(a.#(b=="c")"); }).find("byte 2"), std::string::npos);
}

TEST(ordering_text, is_read_back) {
  for (const char* text :
       {"string", "binary", "int", "uint", "float", "json:name.last", "json_cs:a:b", "desc:int",
        "desc:json:#(a==\"desc:\").b", "key:binary", "desc:key:int", R"(key_part:1:\::string)",
        R"(desc:key_part:20:\\\:x:json:a)"}) {
    const ordering read = parse_ordering(text);
    EXPECT_TRUE(read.is_portable());
    EXPECT_EQ(to_text(read), text);
  }
}

TEST(ordering_text, means_what_was_written) {
  const ordering order = parse_ordering(to_text(desc(by_key_part(":", 1, by_int()))));
  EXPECT_TRUE(less(order, {"a:10", ""}, {"a:9", ""}));
  EXPECT_TRUE(less(parse_ordering("desc:desc:int"), "1", "2"));
  EXPECT_TRUE(less(parse_ordering("key:desc:int"), {"2", ""}, {"1", ""}));
}

TEST(ordering_text, does_not_hold_functions) {
  const ordering custom([](std::string_view a, std::string_view b) { return a < b; });
  const ordering keyed = by_sort_key([](std::string_view, std::string&) {});
  for (const ordering& order : {custom, desc(custom), keyed, by_json("a", keyed),
                                by_json("a", desc(by_string())), by_json("a", by_int())}) {
    EXPECT_FALSE(order.is_portable());
    EXPECT_NE(message_of([&] { to_text(order); }), "");
  }
}

TEST(ordering_text, is_refused_with_the_position) {
  for (const char* text :
       {"", "strings", "desc", "desc:", "key", "key_part:x:a:int", "key_part:1:int",
        "key_part:1::int", "key:key:int", "Int", "json_ci:a"}) {
    EXPECT_NE(message_of([&] { parse_ordering(text); }).find("byte "), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace buntdb
