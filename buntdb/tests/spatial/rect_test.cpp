#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/error.hpp>
#include <buntdb/rect.hpp>

#include "jsonl.hpp"

namespace buntdb {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
using numbers = std::vector<double>;

/// Returns the text, parsed and printed again; "[]" for none, as in BuntDB.
std::string reread(const std::string& text) {
  const auto found = parse_rect(text);
  return found ? to_text(*found) : "[]";
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

numbers numbers_of(const nlohmann::json& row) {
  numbers out;
  for (const auto& value : row) {
    out.push_back(value.is_number() ? value.get<double>() : value == "+inf" ? inf : -inf);
  }
  return out;
}

TEST(rect, reads_and_prints_as_the_original) {
  for (const auto& row : buntstore::testing::read_reference("rect.jsonl")) {
    const auto text = row.at("in").get<std::string>();
    SCOPED_TRACE(text);
    const auto found = parse_rect(text);
    const numbers min = numbers_of(row.at("min"));
    ASSERT_EQ(found.has_value(), !min.empty());
    EXPECT_EQ(reread(text), row.at("out").get<std::string>());
    if (!found) continue;
    EXPECT_EQ(numbers(found->min().begin(), found->min().end()), min);
    EXPECT_EQ(numbers(found->max().begin(), found->max().end()), numbers_of(row.at("max")));
    EXPECT_EQ(parse_rect(to_text(*found)), found);
  }
}

TEST(rect, reads_brackets) {
  EXPECT_EQ(reread("[],[]"), "[]");
  EXPECT_EQ(reread("[10 11],[10]"), "[10 11]");
  EXPECT_EQ(reread("[10 11],[11 10]"), "[10 10],[11 11]");
  EXPECT_EQ(reread(",[10]"), "[10]");
  EXPECT_EQ(reread("x,[1 2]"), "[1 2]");
  EXPECT_EQ(reread("[x,[1 2]"), "[1 2]");
  EXPECT_EQ(reread("[],[1 2]"), "[1 2]");
  EXPECT_EQ(reread("[1 2],[3 4],[5 6]"), "[1 2],[3 4]");
  EXPECT_EQ(reread("at [1 2]"), "[1 2]");
  EXPECT_EQ(reread("[1\t2]"), "[0]");
  EXPECT_EQ(reread("[1e999 -1e999]"), "[+Inf -Inf]");
  EXPECT_EQ(reread("[1 2]\n"), "[1 2]");
  EXPECT_EQ(reread(std::string("\0[1 2]", 6)), "[]");
}

TEST(rect, reads_well_known_text) {
  EXPECT_EQ(reread("LINESTRING(3 4, -1 -3, (-20   15 18  ))"), "[-20 -3 18],[3 15 18]");
  EXPECT_EQ(reread("POLYGON  (((1 2 0), 3 4 1, -1 -3 123))"), "[-1 -3 0],[3 4 123]");
  EXPECT_EQ(reread(" mUltiLineString (  (1 2, 3 4),(3 4, (5 6)), (-1 -2 -3))  "),
            "[-1 -2 -3],[5 6 -3]");
  EXPECT_EQ(reread("\t MULTIPOLYGON ( \n ((1 2,2 3),(2 3,8 9)),\n ((4 5,6 7))\n )"), "[1 2],[8 9]");
  EXPECT_EQ(reread("POINT EMPTY"), "[]");
  EXPECT_EQ(reread("POINT(1 2"), "[1]") << "a number must end";
  EXPECT_EQ(reread("POINT(1(2)"), "[0]");
  EXPECT_EQ(reread("POINT M, (1 2)"), "[]");
}

TEST(rect, reads_collections_in_well_known_text) {
  EXPECT_EQ(reread("GEOMETRYCOLLECTION ( POLYGON EMPTY, POINT EMPTY, POINT(1000 2), POINT EMPTY,"
                   " LINESTRING(3 4, -1 -3, (-20 15 18)), GEOMETRYCOLLECTION EMPTY,"
                   " GEOMETRYCOLLECTION(POINT(-1000),POLYGON((10 20,-50 1500))), )"),
            "[-1000 -3 18],[1000 1500 18]");
  EXPECT_EQ(reread("GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2)),POINT(5 6)),POINT(9 9)"),
            "[1 2],[5 6]");
  EXPECT_EQ(reread("GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(?(POINT(1 2))),POINT(5 6))"), "[5 6]");
  EXPECT_EQ(reread("GEOMETRYCOLLECTION"), "[]");
  EXPECT_EQ(reread("GEOMETRY(1 2)"), "[]");
}

TEST(rect, reads_geojson) {
  EXPECT_EQ(reread(R"({"type":"LineString","coordinates":[[3,4], [-1,-3], [-20,15,18]]})"),
            "[-20 -3 18],[3 15 18]");
  EXPECT_EQ(reread(R"({"coordinates":[[[1,2]],[[8,9]]],"type":"mUltiPolygon"})"), "[1 2],[8 9]");
  EXPECT_EQ(reread(R"({"type":"MULTIPOLYGON","coordinates":  [ [[[1 2],[8 9]]])"), "[1 2],[8 9]");
  EXPECT_EQ(reread(R"({"type":"Point","bbox":[5,6,7,8],"coordinates":[1,2]})"), "[1 2]");
  EXPECT_EQ(reread(R"({"a":{"coordinates":[1]},"b":"\"coordinates\":[2]","coordinates":[3]})"),
            "[3]");
  EXPECT_EQ(reread(R"({"coordinates":[1],"coordinates":[2]})"), "[1]");
  EXPECT_EQ(reread(R"({"\u0063oordinates":[1]})"), "[1]");
  EXPECT_EQ(reread(R"({"type":"Feature","geometry":null})"), "[]");
  EXPECT_EQ(reread(R"({"type":"F\u0065ature","geometry":{"coordinates":[1,2]}})"), "[1 2]");
  EXPECT_EQ(reread(R"({"type":"Feature","geometry":"{\"coordinates\":[1,2]}"})"), "[1 2]");
  EXPECT_EQ(reread(R"({"type":"Feature","coordinates":[1,2]})"), "[]");
  EXPECT_EQ(reread(R"({"coordinates":5})"), "[]");
  EXPECT_EQ(reread("{"), "[]");
  EXPECT_EQ(reread(R"({"coordinates)"), "[]");
  EXPECT_EQ(reread(R"({"coordinates":)"), "[]");
}

TEST(rect, reads_collections_in_geojson) {
  EXPECT_EQ(reread(R"({"type":"GeometryCollection", "geometries":[
      {"type":"Feature","geometry":{"type":"Point","coordinates":[0 -10, 17]}},
      {"type":"FeatureCollection","features":[
        {"type":"Feature","geometry":{"type":"Point","coordinates":[0 -10]}},
        {"type":"Feature","geometry":{"type":"Point","coordinates":[0 -11]}}]},
      {"type":"POINT","coordinates":[]},
      {"type":"POINT","coordinates":[1000,2]},
      {"type":"LINESTRING","coordinates":[[3,4], [-1,-3], [[-20,15,18]]]},
      {"type":"GeometryCollection","geometries":[]},
      {"type":"GeometryCollection","geometries":[
        {"type":"Point","coordinates":[-1000]},
        {"type":"Polygon","coordinates":[[[10,20],[-50,1500]]]}],
      ]})"),
            "[-1000 -11 17],[1000 1500 18]");
  EXPECT_EQ(reread(R"({"type":"FeatureCollection","features":{"coordinates":[1,2]}})"), "[1 2]");
  EXPECT_EQ(reread(R"({"type":"FeatureCollection","features":[1,"x",:,{"coordinates":[1,2]}]})"),
            "[1 2]");
}

TEST(rect, knows_none_of_too_many_dimensions_or_with_a_nan) {
  EXPECT_TRUE(parse_rect("[" + repeated("1 ", 20) + "]"));
  EXPECT_FALSE(parse_rect("[" + repeated("1 ", 21) + "]"));
  EXPECT_FALSE(parse_rect("[1],[" + repeated("1 ", 21) + "]"));
  EXPECT_FALSE(parse_rect("POINT(" + repeated("1 ", 21) + ")"));
  EXPECT_FALSE(parse_rect("[1 nan]"));
  EXPECT_FALSE(parse_rect("POINT(nan 1)"));
}

TEST(rect, is_read_from_hostile_text_in_linear_time_and_without_deep_recursion) {
  constexpr int many = 100'000;
  EXPECT_FALSE(parse_rect(repeated("GEOMETRYCOLLECTION(", many)));
  EXPECT_EQ(reread(repeated("GEOMETRYCOLLECTION(", many) + "POINT(1 2)"), "[1 2]");
  EXPECT_FALSE(parse_rect(repeated(R"({"type":"GeometryCollection","geometries":[)", many)));
  EXPECT_FALSE(parse_rect(repeated(R"({"type":"Feature","geometry":)", many)));
  EXPECT_EQ(reread(R"({"coordinates":)" + std::string(many, '[') + "1]"), "[1]");
  EXPECT_EQ(reread("POINT" + std::string(many, '(') + "1)"), "[1]");
  const std::string feature = R"({"type":"Feature","geometry":)";
  EXPECT_TRUE(parse_rect(repeated(feature, 31) + R"({"coordinates":[1]})"));
  EXPECT_FALSE(parse_rect(repeated(feature, 32) + R"({"coordinates":[1]})"));
}

TEST(rect, has_its_corners_in_order) {
  const rect made({3, 1}, {2, inf});
  EXPECT_EQ(made.dimensions(), 2U);
  EXPECT_EQ(made.min(0), 2);
  EXPECT_EQ(made.max(0), 3);
  EXPECT_EQ(made.max(1), inf);
  EXPECT_EQ(to_text(made), "[2 1],[3 +Inf]");
  EXPECT_EQ(to_text(point({33.5, -115.25})), "[33.5 -115.25]");
  EXPECT_EQ(point({1, 2}), rect({1, 2}, {1, 2}));
  EXPECT_NE(point({1, 2}), point({1}));
  EXPECT_NE(point({1, 2}), rect({1, 2}, {1, 3}));
}

TEST(rect, refuses_corners_that_make_none) {
  const auto code_of = [](const numbers& min, const numbers& max) {
    try {
      (void)rect(min, max);
    } catch (const error& refused) {
      return refused.code();
    }
    return std::error_code();
  };
  EXPECT_EQ(code_of({1}, {1, 2}), errc::invalid_argument);
  EXPECT_EQ(code_of({}, {}), errc::invalid_argument);
  EXPECT_EQ(code_of(numbers(21), numbers(21)), errc::invalid_argument);
  EXPECT_EQ(code_of({1, std::nan("")}, {1, 2}), errc::invalid_argument);
  EXPECT_EQ(code_of(numbers(20), numbers(20)), std::error_code());
}

TEST(rect, intersects_what_it_touches_in_the_dimensions_both_have) {
  const rect box({0, 0}, {2, 2});
  EXPECT_TRUE(intersects(box, point({2, 2})));
  EXPECT_FALSE(intersects(box, point({2, 2.1})));
  EXPECT_TRUE(intersects(rect({-inf, 1}, {inf, 1}), box));
  EXPECT_TRUE(intersects(point({1}), box));
  EXPECT_TRUE(intersects(box, point({1, 1, 99})));
  EXPECT_FALSE(intersects(box, point({3})));
  EXPECT_TRUE(intersects(point({inf}), point({inf})));
}

}  // namespace
}  // namespace buntdb
