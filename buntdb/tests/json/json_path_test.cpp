#include <string>

#include <gtest/gtest.h>

#include <buntdb/error.hpp>

#include "json/path.hpp"
#include "jsonl.hpp"

namespace buntdb::json {
namespace {

using buntstore::testing::read_reference;

std::string name_of(type type) {
  switch (type) {
    case type::null:
      return "Null";
    case type::false_value:
      return "False";
    case type::number:
      return "Number";
    case type::string:
      return "String";
    case type::true_value:
      return "True";
    case type::json:
      return "JSON";
  }
  return "?";
}

TEST(reference_json_path, selects_what_the_original_does) {
  for (const auto& row : read_reference("json_path.jsonl")) {
    const auto text = row.at("json").get<std::string>();
    const path path(row.at("path").get<std::string>());
    const value found = get(text, path);
    EXPECT_EQ(found.exists(), row.at("exists").get<bool>()) << row;
    EXPECT_EQ(name_of(found.type()), row.at("type").get<std::string>()) << row;
    EXPECT_EQ(found.raw(), row.at("raw").get<std::string>()) << row;
    EXPECT_EQ(found.text(), row.at("string").get<std::string>()) << row;
    EXPECT_EQ(found.number(), row.at("num").get<double>()) << row;
  }
}

constexpr std::string_view people =
    R"({"friends":[{"first":"Dale","last":"Murphy","age":44,"nets":["ig","fb","tw"],"ok":true},)"
    R"({"first":"Roger","last":"Craig","age":68,"nets":["fb","tw"],"ok":false},)"
    R"({"first":"Jane","last":"Murphy","age":47,"nets":["ig","tw"],"ok":null}],)"
    R"("n":[1,5,-3,2.50,1e2],"s":["a","b\"c","","\u00e9t\u00e9"],"deep":[[1,2],[],[3,[4]]],)"
    R"("a*b":1,"a.b":2,"a|b":3,"a\\b":4,"@type":5,"#":6,"x":{"y":1},"x":{"z":2},"héllo":7})";

std::string raw_of(std::string_view text, std::string_view of) {
  return std::string(get(text, path(of)).raw());
}
std::string raw_of(std::string_view of) {
  return raw_of(people, of);
}

TEST(json_path, takes_escaped_characters_as_they_are) {
  EXPECT_EQ(raw_of(R"(a\*b)"), "1");
  EXPECT_EQ(raw_of(R"(a\.b)"), "2");
  EXPECT_EQ(raw_of(R"(a\|b)"), "3");
  EXPECT_EQ(raw_of(R"(a\\b)"), "4");
  EXPECT_EQ(raw_of(R"(\@type)"), "5");
  EXPECT_EQ(raw_of(R"(*\*b)"), "1");
}

TEST(json_path, takes_an_unknown_modifier_and_a_lone_hash_for_keys) {
  EXPECT_EQ(raw_of("@type"), "5");
  EXPECT_EQ(raw_of("#"), "6");
}

TEST(json_path, covers_characters_not_bytes_with_a_question_mark) {
  EXPECT_EQ(raw_of("h?llo"), "7");
  EXPECT_EQ(raw_of("h??llo"), "");
  EXPECT_EQ(raw_of("*?llo"), "7");
}

TEST(json_path, looks_at_every_member_that_has_the_key) {
  EXPECT_EQ(raw_of("x.z"), "2");
  EXPECT_EQ(raw_of("x"), R"({"y":1})");
  EXPECT_EQ(raw_of("x|z"), "");
  EXPECT_EQ(raw_of("*.z"), "2");
}

TEST(json_path, finds_keys_that_are_escaped_in_the_text) {
  EXPECT_EQ(raw_of(R"({"\u0061\"b":1})", "a\"b"), "1");
  EXPECT_EQ(raw_of(R"({"a\/b":1})", "a/*"), "1");
}

TEST(json_path, queries_by_strings) {
  EXPECT_EQ(raw_of("friends.#(first>=\"Jane\")#.first"), R"(["Roger","Jane"])");
  EXPECT_EQ(raw_of("friends.#(first<Jane).first"), R"("Dale")");
  EXPECT_EQ(raw_of("friends.#(last=Murphy)#.age"), "[44,47]");
  EXPECT_EQ(raw_of("friends.#(last!=Murphy).age"), "68");
  EXPECT_EQ(raw_of("friends.#( last == \"Murphy\" )#.age"), "[44,47]");
  EXPECT_EQ(raw_of("friends.#[last==\"Murphy\"]#.age"), "[44,47]");
  EXPECT_EQ(raw_of(R"(s.#(=="b\"c"))"), R"("b\"c")");
  EXPECT_EQ(raw_of("s.#(==\"été\")"), R"("\u00e9t\u00e9")");
  EXPECT_EQ(raw_of("s.#(%\"?t?\")"), R"("\u00e9t\u00e9")");
  EXPECT_EQ(raw_of("s.#(!%\"*\")#"), "[]");
}

TEST(json_path, queries_by_numbers) {
  EXPECT_EQ(raw_of("n.#(>2)#"), "[5,2.50,1e2]");
  EXPECT_EQ(raw_of("n.#(<=1)#"), "[1,-3]");
  EXPECT_EQ(raw_of("n.#(==100)"), "1e2");
  EXPECT_EQ(raw_of("n.#(>\"2\")#"), "[5,2.50,1e2]");
  EXPECT_EQ(raw_of("n.#(>2)#|#"), "3");
  EXPECT_EQ(raw_of("n.#(>2)#|0"), "5");
  EXPECT_EQ(raw_of("n.#(>1000)#"), "[]");
  EXPECT_EQ(raw_of("n.#(>1000)"), "");
}

TEST(json_path, queries_by_truth) {
  EXPECT_EQ(raw_of("friends.#(ok==true)#.first"), R"(["Dale"])");
  EXPECT_EQ(raw_of("friends.#(ok<=true)#.first"), R"(["Roger"])");
  EXPECT_EQ(raw_of("friends.#(ok==~false)#.first"), R"(["Roger","Jane"])");
  EXPECT_EQ(raw_of("friends.#(ok==null)#.first"), "[]");
}

TEST(json_path, queries_whether_something_is_there) {
  EXPECT_EQ(raw_of("friends.#(ok)#.age"), "[44,68,47]");
  EXPECT_EQ(raw_of("friends.#(no)#.age"), "[]");
  EXPECT_EQ(raw_of("friends.#(nets.2).first"), R"("Dale")");
}

TEST(json_path, queries_within_queries) {
  EXPECT_EQ(raw_of("friends.#(nets.#(==\"ig\"))#.first"), R"(["Dale","Jane"])");
  EXPECT_EQ(raw_of("friends.#(nets.#>2).first"), R"("Dale")");
}

TEST(json_path, takes_the_first_match_even_if_the_rest_selects_nothing_in_it) {
  EXPECT_EQ(raw_of("friends.#(last==\"Murphy\").nets.2"), R"("tw")");
  EXPECT_EQ(raw_of("friends.#(last!=\"x\").nope"), "");
}

// A query has no key, and must not select the member whose key is empty.
TEST(json_path, selects_no_member_by_a_query) {
  for (const char* query : {"#(a==1)", "#(a==1)#", "#(a==1).b", "#(a==1)#.b", "#(%\"*\").b"}) {
    EXPECT_EQ(raw_of(R"({"":5})", query), "") << query;
    EXPECT_EQ(raw_of(R"({"":{"a":1,"b":2}})", query), "") << query;
  }
  // As in gjson, its text is a key like any other.
  EXPECT_EQ(raw_of(R"json({"#(a==1)":5})json", "#(a==1)"), "5");
  EXPECT_EQ(raw_of(R"json({"#(a==1)#":{"b":5}})json", "#(a==1)#.b"), "5");
}

TEST(json_path, ends_where_a_query_for_all_finds_no_element) {
  constexpr std::string_view text = R"({"f":[{"a":2,"b":[1]}],"g":[{"f":[{"a":2}],"x":1}]})";
  for (const char* path :
       {"f.#(a==1)#.b|0", "f.#(a==1)#.b|#", "f.#(a==1)#.b|0|x", "f.#(a==1)#.b.c|0",
        "f.#(a==1)#.#(x)#|0", "f|#(a==1)#.b|0", "f|@this.#(a==1)#.b|0", "*.#(a==1)#.b|0"}) {
    EXPECT_EQ(raw_of(text, path), "[]") << path;
  }
  EXPECT_EQ(raw_of("{\"a\":2}\n", "..#(a==1)#.b|0"), "[]");
  // Not if the query is the last step, or finds an element without the rest.
  EXPECT_EQ(raw_of(text, "f.#(a==1)#|0"), "");
  EXPECT_EQ(raw_of(text, "f.#(a==1)#|#"), "0");
  EXPECT_EQ(raw_of(text, "f.#(a==2)#.c|0"), "");
  EXPECT_EQ(raw_of(text, "f.#(a==2)#.b|0"), "[1]");
  EXPECT_EQ(raw_of(text, "f.#.c|0"), "");
  EXPECT_EQ(raw_of(text, "g.#(x==1).f.#(a==1)#.b|0"), "");
}

TEST(json_path, lists_lists) {
  EXPECT_EQ(raw_of("friends.#.nets.0"), R"(["ig","fb","ig"])");
  EXPECT_EQ(raw_of("friends.#.nets.#"), "[3,2,2]");
  EXPECT_EQ(raw_of("friends.#.nets.#(==\"fb\")"), R"(["fb","fb"])");
  EXPECT_EQ(raw_of("friends.#.nets|1|0"), R"("fb")");
  EXPECT_EQ(raw_of("deep.#.#"), "[2,0,2]");
  EXPECT_EQ(raw_of("deep.2.1.0"), "4");
  EXPECT_EQ(raw_of("n.#.x"), "[]");
  EXPECT_EQ(raw_of("n.#.@this"), "[1,5,-3,2.50,1e2]");
}

TEST(json_path, reads_lines) {
  constexpr std::string_view lines = "{\"a\":1}\n{\"a\":2}\n";
  EXPECT_EQ(raw_of(lines, "..#"), "2");
  EXPECT_EQ(raw_of(lines, "..1.a"), "2");
  EXPECT_EQ(raw_of(lines, "..#.a"), "[1,2]");
  EXPECT_EQ(raw_of(lines, "..#(a>1).a"), "2");
}

TEST(json_path, keeps_the_text_of_what_it_made) {
  const value count = get(people, path("friends.#.nets.#|0"));
  const value moved = count;
  EXPECT_EQ(moved.raw(), "3");
  EXPECT_EQ(moved.number(), 3);
}

TEST(json_value, is_written_in_plain_decimals) {
  const auto text_of = [](std::string_view raw) { return value(raw).text(); };
  EXPECT_EQ(text_of("1e23"), "100000000000000000000000");
  EXPECT_EQ(text_of("1.50"), "1.5");
  EXPECT_EQ(text_of("-1.5e3"), "-1500");
  EXPECT_EQ(text_of("-12.5e-3"), "-0.0125");
  EXPECT_EQ(text_of("0.1e1"), "1");
  EXPECT_EQ(text_of("12345678901234567890123"), "12345678901234567890123");
  EXPECT_EQ(text_of("1e400"), "+Inf");
}

TEST(json_value, replaces_half_a_surrogate_pair) {
  EXPECT_EQ(value(R"("\ud83d\ude00")").text(), "\U0001F600");
  EXPECT_EQ(value(R"("\ud83dx")").text(), "\uFFFDx");
  EXPECT_EQ(value(R"("\ude00\ud83d")").text(), "\uFFFD");
}

TEST(json_path, is_never_lost_in_damaged_text) {
  const std::string text(people);
  const path paths[] = {path("friends.#(nets.#(==\"tw\"))#.first"), path("*.#.*"), path("x.z"),
                        path("s.#(%\"*\")#|#"), path("..#.a")};
  for (std::size_t size = 0; size < text.size(); ++size) {
    // A separate buffer, so that ASan detects reads past its end.
    const std::string cut = text.substr(0, size);
    for (const path& path : paths) {
      EXPECT_EQ(get(cut, path).text(), get(cut, path).text());
    }
    std::string changed = text;
    changed[size] = "\"\\{}[],:\0"[size % 9];
    for (const path& path : paths)
      get(changed, path).text();
  }
}

TEST(json_path, goes_through_a_text_once_however_deep_it_is) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_EQ(raw_of(deep, "0.0.0").size(), 2'000'000U - 6);
  EXPECT_EQ(raw_of(deep, "1"), "");
}

std::string refusal_of(std::string_view of) {
  try {
    const path made(of);
  } catch (const error& failure) {
    EXPECT_EQ(failure.code(), errc::invalid_argument);
    return failure.what();
  }
  return {};
}

TEST(json_path, is_refused_with_the_position) {
  const struct {
    std::string_view path;
    std::string_view where;
  } cases[] = {
      {"a.#(b", "byte 2 "},         {"a.#(b==\"c)", "byte 7 "},
      {"a\\", "byte 1 "},           {"a.#(b==1)c", "byte 9 "},
      {"a.#(b!1)", "byte 5 "},      {"a.[b,c]", "byte 2 "},
      {"{a}", "byte 0 "},           {"a.@reverse", "byte 2 "},
      {"!\"x\"", "byte 0 "},        {"a.#(b.#(c\\)).d", "byte 2 "},
      {"x.#(a.#(b!2))", "byte 9 "},
  };
  for (const auto& c : cases) {
    EXPECT_NE(refusal_of(c.path).find(c.where), std::string::npos)
        << c.path << ": " << refusal_of(c.path);
  }
}

TEST(json_path, is_refused_if_it_is_endless) {
  EXPECT_NE(refusal_of(std::string(4097, 'a')), "");
  std::string steps = "a";
  for (int step = 0; step < 128; ++step)
    steps += ".a";
  EXPECT_NE(refusal_of(steps), "");
  std::string nested = "a";
  for (int depth = 0; depth < 9; ++depth)
    nested = "#(" + nested + ")";
  EXPECT_NE(refusal_of(nested), "");
}

}  // namespace
}  // namespace buntdb::json
