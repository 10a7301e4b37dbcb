// The database's parsers: four times the text takes at most six times the work.
#include <cstring>
#include <functional>
#include <string>

#include <buntdb/match.hpp>
#include <buntdb/ordering.hpp>
#include <buntdb/rect.hpp>

#include "index/definition.hpp"
#include "json/path.hpp"
#include "log/format.hpp"
#include "order/sort_key.hpp"
#include "text/float_text.hpp"
#include "text/glob.hpp"
#include "text/integer_text.hpp"
#include "work.hpp"

namespace {

using namespace buntdb;
using buntstore::growth::expect_linear;
using buntstore::growth::repeated;

void expect_linear_search(const std::string& path, const std::string& front,
                          const std::string& piece, const std::string& back) {
  const json::path ready(path);
  expect_linear(path + " in " + front + piece + back, 4096, [&](std::size_t size) {
    return [&ready, text = front + repeated(piece, size / piece.size()) + back] {
      json::get(text, ready).text();
    };
  });
}

TEST(growth_of_json, is_linear_in_the_text) {
  for (const char* path : {"a.b.c", "a", "#", "#.a", "#.#.#.a", "#(a==1)#", "#(a%\"*x*y\").b",
                           "a*.*b*c.*", "*.*.*.*", "1000000", "@this|a|b", "..#.a"}) {
    expect_linear_search(path, "", "[", "");
    expect_linear_search(path, "", "[{\"a\":", "1");
    expect_linear_search(path, "", "{\"a\":", "1");
    expect_linear_search(path, "[", "{\"a\":1,\"b\":[2]},", "]");
    expect_linear_search(path, "[", "[[1],[2]],", "]");
    expect_linear_search(path, "{", "\"a\":{\"b\":1},", "}");
    expect_linear_search(path, "{\"", "ab", "\":1}");
    expect_linear_search(path, "{\"a\":\"", "\\u00e9\\n", "\"}");
    expect_linear_search(path, "{\"a\":", "9", "}");
    expect_linear_search(path, "", "\"", "");
    expect_linear_search(path, "", "\\\"", "");
    expect_linear_search(path, "", "{\"a\":1}\n", "");
    expect_linear_search(path, "", " ", "1");
  }
}

void expect_linear_match(const std::string& what,
                         const std::function<std::string(std::size_t)>& pattern,
                         const std::function<std::string(std::size_t)>& text) {
  for (const auto how : {glob::letter_case::significant, glob::letter_case::ignored}) {
    expect_linear(what, 4096, [&](std::size_t size) {
      return [how, pattern = pattern(size), text = text(size)] {
        static_cast<void>(glob(pattern, how).matches(text));
      };
    });
  }
}

TEST(growth_of_patterns, is_linear_in_the_pattern_and_in_the_text) {
  const auto same = [](const char* text) { return [text](std::size_t) { return text; }; };
  const auto many = [](const char* text) {
    return [text](std::size_t size) { return repeated(text, size / std::strlen(text)); };
  };
  expect_linear_match("*a*a*a*b", same("*a*a*a*b"), many("a"));
  expect_linear_match("many stars", many("*a"), many("a"));
  expect_linear_match(
      "many stars that do not match",
      [&](std::size_t size) { return repeated("*a", size / 4) + "b"; }, many("a"));
  expect_linear_match(
      "a long part that is nearly there everywhere",
      [](std::size_t size) { return "*" + std::string(size / 2, 'a') + "b*"; }, many("a"));
  expect_linear_match(
      "a long end", [](std::size_t size) { return "*b" + std::string(size / 2, 'a'); }, many("a"));
  expect_linear_match("question marks", many("?*"), many("a"));
  expect_linear_match("question marks in a part", same("*a?a?a?a?b"), many("a"));
  expect_linear_match(
      "many parts with question marks", [](std::size_t size) { return repeated("*a?b", size / 4); },
      many("a"));
  expect_linear_match("bytes that are no text", many("*\xFF"), many("\xFF"));
}

void expect_linear_rect(const std::string& front, const std::string& piece,
                        const std::string& back) {
  expect_linear(front + piece + back, 4096, [&](std::size_t size) {
    return [text = front + repeated(piece, size / piece.size()) + back] { parse_rect(text); };
  });
}

TEST(growth_of_rectangles, is_linear_in_the_text) {
  expect_linear_rect("[", "1", "]");
  expect_linear_rect("[", "1 ", "]");
  expect_linear_rect("[1 2],", "[", "");
  expect_linear_rect("[1", " ", "]");
  expect_linear_rect("", "GEOMETRYCOLLECTION(", "POINT(1 2)");
  expect_linear_rect("GEOMETRYCOLLECTION(", "POINT(1 2),", ")");
  expect_linear_rect("GEOMETRYCOLLECTION(", "x(", ")");
  expect_linear_rect("LINESTRING(", "1 2,", "3 4)");
  expect_linear_rect("LINESTRING", "(", "");
  expect_linear_rect("{\"coordinates\":", "[", "1");
  expect_linear_rect("{\"type\":\"MultiPoint\",\"coordinates\":[", "[1,2],", "[3,4]]}");
  expect_linear_rect("{\"type\":\"FeatureCollection\",\"features\":[",
                     "{\"type\":\"Feature\",\"geometry\":{\"coordinates\":[1,2]}},", "]}");
  expect_linear_rect("", "{\"type\":\"GeometryCollection\",\"geometries\":[", "");
  expect_linear_rect("", "{\"type\":\"Feature\",\"geometry\":", "");
  expect_linear_rect("{", "\"type\":\"Feature\",", "\"geometry\":1}");
  expect_linear_rect("{\"type\":\"Feature\",\"geometry\":\"", "\\\"", "\"}");
  expect_linear_rect("{\"type\":\"", "\\u0041", "\"}");
}

TEST(growth_of_numbers, is_linear_in_their_digits) {
  for (const char* digit : {"9", "0", "1_", "."}) {
    for (const char* front : {"", "-", "0x", "0.", "1e"}) {
      expect_linear(std::string(front) + digit, 4096, [&](std::size_t size) {
        return [text = front + repeated(digit, size)] {
          static_cast<void>(text::parse_float(text));
          static_cast<void>(text::parse_int(text));
          static_cast<void>(text::parse_uint(text));
        };
      });
    }
  }
}

void expect_linear_sort_key(const std::string& what, const ordering& order,
                            const std::string& front, const std::string& piece,
                            const std::string& back) {
  for (const ordering& each : {order, desc(order)}) {
    expect_linear(what, 4096, [&](std::size_t size) {
      return [&each, text = front + repeated(piece, size / piece.size()) + back] {
        std::string key;
        order::append_piece(each.definition(), {.key = text, .value = text},
                            order::piece_position::within, key);
      };
    });
  }
}

TEST(growth_of_sort_keys, is_linear_in_the_value) {
  using namespace std::string_literals;
  for (const std::string& piece : {"\0"s, "a"s, "\0a"s, "A\xFF"s, "\1"s}) {
    expect_linear_sort_key("a string", by_string(), "", piece, "");
    expect_linear_sort_key("bytes", by_binary(), "", piece, "");
    expect_linear_sort_key("a key", by_key(by_binary()), "", piece, "");
    expect_linear_sort_key("a part", by_key_part(":", 1, by_binary()), "a:", piece, "");
    expect_linear_sort_key("nested JSON", by_json("a"), "{\"a\":[\"", piece, "\"]}");
    expect_linear_sort_key(
        "a sort key", by_sort_key([](std::string_view value, std::string& out) { out += value; }),
        "", piece, "");
  }
  expect_linear_sort_key("escapes", by_json("a"), "{\"a\":\"", "\\u0000", "\"}");
  expect_linear_sort_key("a list", by_json("#.a"), "[", "{\"a\":\"x\"},", "]");
  expect_linear_sort_key("many parts", by_key_part(":", 1'000'000, by_binary()), "", ":", "");
  expect_linear_sort_key("a number", by_float(), "", "9", "");
}

TEST(growth_of_definitions, is_linear_in_their_text) {
  expect_linear("desc: again and again", 4096, [](std::size_t size) {
    return [text = repeated("desc:", size / 5) + "int"] { parse_ordering(text); };
  });
  expect_linear("a long separator", 4096, [](std::size_t size) {
    return [text = "key_part:1:" + repeated("\\:", size / 2) + ":int"] { parse_ordering(text); };
  });
  expect_linear("an index in the file", 4096, [](std::size_t size) {
    std::string record(log::format::reserved_prefix);
    record += "index+1:a7:ordered0:1:*" + repeated("3:int", size / 5);
    return [record] { engine::read_kept(record); };
  });
}

}  // namespace
