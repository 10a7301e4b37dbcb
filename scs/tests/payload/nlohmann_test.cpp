#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <scs/nlohmann.hpp>

#include "world.hpp"

namespace user {

struct basket {
  std::string owner;
  std::vector<int> items;
  friend bool operator==(const basket&, const basket&) = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(basket, owner, items)

/// A value of any JSON.
struct any_json {
  std::string text;
};

}  // namespace user

template <>
struct scs::value_traits<user::any_json> {
  static std::string to_json(const user::any_json& value) { return value.text; }
  static std::optional<user::any_json> from_json(std::string_view json) {
    return user::any_json{std::string(json)};
  }
};

namespace test {

namespace {

using scs::errc;

TEST(nlohmann_values, are_what_nlohmann_can_convert) {
  world world;
  browser visitor{world};
  const user::basket basket{"tom é", {1, 2, 3}};
  const std::map<std::string, double> prices{{"a", 1.5}};
  visitor.visit([&](scs::session& session) {
    session.put("basket", basket);
    session.put("prices", prices);
    session.put("json", nlohmann::json{{"x", nullptr}});
    session.put("literal", "text");
    session.put("view", std::string_view{"text"});
  });
  EXPECT_EQ(visitor.get<user::basket>("basket"), basket);
  EXPECT_EQ((visitor.get<std::map<std::string, double>>("prices")), prices);
  EXPECT_EQ(visitor.get<nlohmann::json>("json"), (nlohmann::json{{"x", nullptr}}));
  EXPECT_EQ(visitor.get<std::string>("literal"), "text");
  EXPECT_EQ(visitor.get<std::string>("view"), "text");
}

TEST(nlohmann_values, are_refused_when_they_do_not_fit) {
  world world;
  browser visitor{world};
  scs::session session = visitor.request();
  session.put("n", 1);
  EXPECT_SCS_ERROR(session.get<user::basket>("n"), errc::wrong_type);
  EXPECT_SCS_ERROR(session.put("x", std::vector<double>{1, std::nan("")}), errc::invalid_value);
  EXPECT_SCS_ERROR(session.put("x", user::basket{"\xFF", {}}), errc::invalid_value);
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

/// Must not be copied: copying is recursive, one call for each level.
nlohmann::json nested_json(std::size_t levels) {
  return nlohmann::json::parse(nested(levels));
}

TEST(nlohmann_values, that_nest_too_deep_are_refused_and_end_no_stack) {
  world world;
  browser visitor{world};
  scs::session session = visitor.request();
  session.put("deepest", nested_json(scs::max_json_nesting));
  EXPECT_EQ(session.get<nlohmann::json>("deepest")->dump(), nested(scs::max_json_nesting));
  for (const std::size_t levels : {scs::max_json_nesting + 1, std::size_t{100'000}}) {
    EXPECT_SCS_ERROR(session.put("x", nested_json(levels)), errc::invalid_value);
    std::vector<nlohmann::json> list;
    list.push_back(nested_json(levels));
    EXPECT_SCS_ERROR(session.put("x", list), errc::invalid_value);
    std::map<std::string, std::vector<nlohmann::ordered_json>> map;
    map["k"].push_back(nlohmann::ordered_json::parse(nested(levels)));
    EXPECT_SCS_ERROR(session.put("x", map), errc::invalid_value);
  }
}

TEST(nlohmann_values, that_nest_too_deep_in_the_store_are_of_another_type) {
  world world;
  browser visitor{world};
  visitor.put("x", user::any_json{nested(100'000)});
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.get<nlohmann::json>("x"), errc::wrong_type);
  EXPECT_SCS_ERROR(session.get<std::vector<nlohmann::json>>("x"), errc::wrong_type);
  EXPECT_EQ(session.get<user::any_json>("x")->text, nested(100'000)) << "the session keeps it";
}

TEST(nlohmann_values, may_have_any_number_of_brackets_in_strings) {
  world world;
  browser visitor{world};
  const nlohmann::json brackets{{"[\"[", std::string(1000, '[')}};
  visitor.put("x", brackets);
  EXPECT_EQ(visitor.get<nlohmann::json>("x"), brackets);
}

TEST(nlohmann_values, can_be_updated) {
  world world;
  browser visitor{world};
  visitor.put("items", std::vector<int>{1});
  visitor.visit([](scs::session& session) {
    session.update<std::vector<int>>("items", [](auto items) {
      std::vector<int> more = std::move(items).value_or(std::vector<int>{});
      more.push_back(2);
      return more;
    });
  });
  EXPECT_EQ(visitor.get<std::vector<int>>("items"), (std::vector<int>{1, 2}));
}

}  // namespace

}  // namespace test
