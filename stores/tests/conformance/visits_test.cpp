// for_each().

#include <algorithm>
#include <set>
#include <string>

#include "conformance/conformance.hpp"

namespace test {

TEST_P(store_conformance, visits_all_that_are_live) {
  for (int i = 0; i < 100; ++i)
    stored(new_id(), "live " + std::to_string(i));
  stored(new_id(), "expired", seconds{10});
  const auto erased = new_id();
  stored(erased, "erased");
  store().erase(erased);
  advance(seconds{11});
  const auto payloads = all_payloads();
  EXPECT_EQ(payloads.size(), 100U);
  EXPECT_EQ(std::set<std::string>(payloads.begin(), payloads.end()).size(), 100U);
  EXPECT_TRUE(std::all_of(payloads.begin(), payloads.end(),
                          [](const std::string& p) { return p.starts_with("live"); }));
}

TEST_P(store_conformance, visits_records_as_find_gives_them) {
  const auto id = new_id();
  stored(id);
  int visits = 0;
  store().for_each([&](const scs::session_id& visited, const scs::record& record) {
    ++visits;
    EXPECT_EQ(visited, id);
    const auto found = store().find(visited);  // a visitor may call the store
    EXPECT_TRUE(found && found->payload == record.payload && found->revision == record.revision &&
                found->expiry == record.expiry);
    store().erase(visited);
    return scs::visit::next;
  });
  EXPECT_EQ(visits, 1);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, stops_visiting_when_told_to) {
  for (int i = 0; i < 10; ++i)
    stored(new_id());
  int visits = 0;
  store().for_each([&](const scs::session_id&, const scs::record&) {
    return ++visits == 3 ? scs::visit::stop : scs::visit::next;
  });
  EXPECT_EQ(visits, 3);
}

}  // namespace test
