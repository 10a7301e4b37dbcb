#include <cmath>
#include <map>

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

}  // namespace user

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
