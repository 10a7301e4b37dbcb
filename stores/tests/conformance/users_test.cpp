// The records of a user.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "conformance/conformance.hpp"

namespace test {

TEST_P(store_conformance, visits_all_records_of_a_user_and_no_others) {
  const auto a = new_id(), b = new_id(), c = new_id();
  stored_for(a, "tom");
  stored_for(b, "tom");
  stored_for(c, "ann");
  stored_for(new_id(), "");
  EXPECT_EQ(ids_of("tom"), sorted({a, b}));
  EXPECT_EQ(ids_of("ann"), sorted({c}));
  EXPECT_TRUE(ids_of("bob").empty());
  EXPECT_TRUE(ids_of("").empty()) << "nobody has no sessions";
  EXPECT_EQ(all_payloads().size(), 4U);
}

TEST_P(store_conformance, visits_a_users_records_as_find_gives_them) {
  const auto id = new_id();
  stored_for(id, "tom");
  int visits = 0;
  store().for_each_of_user("tom", [&](const scs::session_id& visited, const scs::record& record) {
    ++visits;
    EXPECT_EQ(visited, id);
    const auto found = store().find(visited);  // a visitor may call the store
    EXPECT_TRUE(found && found->payload == record.payload && found->revision == record.revision &&
                found->expiry == record.expiry);
    store().erase(visited);
    return scs::visit::next;
  });
  EXPECT_EQ(visits, 1);
  EXPECT_TRUE(ids_of("tom").empty());
}

TEST_P(store_conformance, stops_visiting_a_users_records_when_told_to) {
  for (int i = 0; i < 5; ++i)
    stored_for(new_id(), "tom");
  int visits = 0;
  store().for_each_of_user("tom", [&](const scs::session_id&, const scs::record&) {
    return ++visits == 2 ? scs::visit::stop : scs::visit::next;
  });
  EXPECT_EQ(visits, 2);
}

TEST_P(store_conformance, lets_exceptions_of_a_visitor_of_a_user_through) {
  stored_for(new_id(), "tom");
  EXPECT_THROW(
      store().for_each_of_user(
          "tom", [](const scs::session_id&, const scs::record&) -> scs::visit { throw 1; }),
      int);
  EXPECT_EQ(ids_of("tom").size(), 1U);
}

TEST_P(store_conformance, takes_the_user_from_the_last_commit) {
  const auto id = new_id();
  std::string revision = stored_for(id, "");
  EXPECT_TRUE(ids_of("tom").empty());
  revision = commit_for(id, "tom", revision).revision;
  EXPECT_EQ(ids_of("tom"), sorted({id}));
  revision = commit_for(id, "tom", revision).revision;
  EXPECT_EQ(ids_of("tom"), sorted({id})) << "once, after a second commit";
  revision = commit_for(id, "ann", revision).revision;
  EXPECT_TRUE(ids_of("tom").empty());
  EXPECT_EQ(ids_of("ann"), sorted({id}));
  commit_for(id, "", revision);
  EXPECT_TRUE(ids_of("ann").empty());
  EXPECT_TRUE(store().find(id));
}

TEST_P(store_conformance, keeps_the_user_when_a_commit_is_refused) {
  const auto id = new_id();
  const std::string first = stored_for(id, "tom");
  ASSERT_EQ(commit_for(id, "tom", first).result, outcome::committed);
  EXPECT_EQ(commit_for(id, "ann", first).result, outcome::conflict);
  EXPECT_EQ(commit_for(id, "ann", std::nullopt).result, outcome::conflict);
  EXPECT_EQ(commit_for(new_id(), "ann", first).result, outcome::gone);
  EXPECT_EQ(ids_of("tom"), sorted({id}));
  EXPECT_TRUE(ids_of("ann").empty());
}

TEST_P(store_conformance, forgets_the_user_of_what_is_erased_or_has_expired) {
  const auto erased = new_id(), expired = new_id(), ended = new_id(), left = new_id();
  stored_for(erased, "tom");
  stored_for(expired, "tom", seconds{10});
  const std::string revision = stored_for(ended, "tom");
  stored_for(left, "tom");
  store().erase(erased);
  EXPECT_EQ(commit_for(ended, "tom", revision, seconds{-5}).result, outcome::committed);
  advance(seconds{11});
  EXPECT_EQ(ids_of("tom"), sorted({left}));
  stored_for(erased, "ann");
  stored_for(expired, "");
  EXPECT_EQ(ids_of("tom"), sorted({left})) << "an id that comes back is its new user's";
  EXPECT_EQ(ids_of("ann"), sorted({erased}));
}

TEST_P(store_conformance, keeps_the_user_through_a_touch) {
  const auto id = new_id();
  stored_for(id, "tom", seconds{10});
  EXPECT_TRUE(store().touch(id, in(seconds{100})));
  advance(seconds{50});
  EXPECT_EQ(ids_of("tom"), sorted({id}));
  advance(seconds{51});
  EXPECT_TRUE(ids_of("tom").empty());
}

TEST_P(store_conformance, keeps_users_of_any_name_apart) {
  using namespace std::string_literals;
  const std::vector<std::string> names{"tom",
                                       "to",
                                       "tom2",
                                       "Tom",
                                       " tom",
                                       "tom ",
                                       "t*",
                                       "t?m",
                                       "[t]om",
                                       "%",
                                       "t_m",
                                       "'",
                                       "\"",
                                       "\\",
                                       "\\u0000",
                                       "a:b",
                                       "a",
                                       "b",
                                       "a/b",
                                       "{tom}",
                                       "tom\0"s,
                                       "\0"s,
                                       "\r\n",
                                       "\u00e9",
                                       "e\u0301",
                                       "\U0001F600",
                                       "null",
                                       "h:",
                                       std::string(scs::store::max_user_size, 'x'),
                                       std::string(scs::store::max_user_size - 1, 'x')};
  std::vector<scs::session_id> ids;
  for (const std::string& name : names) {
    ids.push_back(new_id());
    stored_for(ids.back(), name);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(ids_of(names[i]), sorted({ids[i]})) << testing::PrintToString(names[i]);
  }
}

TEST_P(store_conformance, keeps_many_users_apart) {
  constexpr int users = 50;
  std::vector<std::vector<scs::session_id>> ids(users);
  for (int session = 0; session < 3; ++session) {
    for (std::size_t user = 0; user < users; ++user) {
      ids[user].push_back(new_id());
      stored_for(ids[user].back(), "user " + std::to_string(user));
    }
  }
  for (std::size_t user = 0; user < users; ++user)
    EXPECT_EQ(ids_of("user " + std::to_string(user)), sorted(ids[user]));
}

}  // namespace test
