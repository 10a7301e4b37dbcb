// for_each().

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include <scs/store/counting_store.hpp>
#include <scs/store/watermark.hpp>

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

TEST_P(store_conformance, visits_the_records_of_revocations) {
  std::set<scs::session_id> wanted;
  for (const std::string& user : {std::string{"tom"}, std::string(200, 'x')}) {
    wanted.insert(scs::watermark_id(user));
    stored(scs::watermark_id(user), R"({"data":{},"deadline":1,"revoked_until":1})");
  }
  std::set<scs::session_id> found;
  store().for_each([&](const scs::session_id& id, const scs::record& record) {
    EXPECT_EQ(record.user, "");
    found.insert(id);
    return scs::visit::next;
  });
  EXPECT_EQ(found, wanted);
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

TEST_P(store_conformance, says_whose_records_it_visits) {
  std::map<scs::session_id, std::string> wanted;
  for (const std::string user : {"", "tom", "t\u00f6m \"x\"", "ann"}) {
    const auto id = new_id();
    stored_for(id, user);
    wanted[id] = user;
  }
  const auto changed = new_id();
  const std::string revision = stored_for(changed, "tom");
  commit_for(changed, "ann", revision);
  wanted[changed] = "ann";
  std::map<scs::session_id, std::string> found;
  const auto note = [&](const scs::session_id& id, const scs::record& record) {
    found[id] = record.user;
    return scs::visit::next;
  };
  store().for_each(note);
  EXPECT_EQ(found, wanted);
  found.clear();
  store().for_each_of_user("ann", note);
  std::erase_if(wanted, [](const auto& of) { return of.second != "ann"; });
  EXPECT_EQ(found, wanted);
}

TEST_P(store_conformance, counts_its_sessions_if_it_can) {
  auto* const counting = dynamic_cast<scs::counting_store*>(&store());
  const std::optional<std::uint64_t> before =
      counting == nullptr ? std::nullopt : counting->count();
  if (!before) return;  // a manager returns that
  const auto erased = new_id();
  stored(erased);
  stored_for(new_id(), "tom");
  stored(new_id(), "brief", seconds{10});
  stored(scs::watermark_id("tom"));
  EXPECT_EQ(counting->count(), *before + 3);
  store().erase(erased);
  EXPECT_EQ(counting->count(), *before + 2);
  advance(seconds{12});
  const auto deadline = std::chrono::steady_clock::now() + seconds{5};
  while (counting->count() != *before + 1 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_EQ(counting->count(), *before + 1);
}

}  // namespace test
