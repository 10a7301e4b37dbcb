#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/reflection.hpp>
#include <scs/testing.hpp>

namespace {

struct line {
  int id = 0;
  std::string name;
  bool operator==(const line&) const = default;
};
struct cart {
  std::vector<line> lines;
  std::string coupon = "none";
  double sum = 0;
  bool paid = false;
  line last;
  bool operator==(const cart&) const = default;
};
struct by_macro {
  int x = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(by_macro, x)

static_assert(scs::session_value<cart> && scs::session_value<by_macro>);

TEST(reflection, keeps_a_struct_by_its_members_names) {
  scs::testing::visitor tom;
  const cart full{{{1, "a"}, {2, "b"}}, "x", 1.5, true, {3, "c"}};
  tom.arrange([&](scs::session& session) {
    session.put("cart", full);
    session.put("macro", by_macro{7});
  });
  EXPECT_EQ(tom.get<cart>("cart"), full);
  EXPECT_EQ(scs::value_traits<cart>::to_json(full),
            R"({"coupon":"x","last":{"id":3,"name":"c"},"lines":[{"id":1,"name":"a"},)"
            R"({"id":2,"name":"b"}],"paid":true,"sum":1.5})");
  EXPECT_EQ(tom.get<by_macro>("macro")->x, 7);
}

TEST(reflection, reads_what_another_version_of_the_struct_wrote) {
  const auto read = scs::value_traits<cart>::from_json(R"({"sum":2,"more":[1]})");
  EXPECT_EQ(read, (cart{.lines = {}, .sum = 2, .last = {}}));
}

TEST(reflection, refuses_what_is_no_such_struct) {
  scs::testing::visitor tom;
  tom.arrange([](scs::session& session) { session.put("cart", std::string("text")); });
  for (const char* key : {"cart"}) {
    try {
      tom.get<cart>(key);
      ADD_FAILURE() << "was read";
    } catch (const scs::error& refused) {
      EXPECT_EQ(refused.code(), scs::errc::wrong_type);
    }
  }
}

}  // namespace
