#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <buntdb/database.hpp>
#include <scs/error.hpp>
#include <scs/stores/bunt.hpp>

#include "conformance/conformance.hpp"
#include "fixtures/trying_fixture.hpp"
#include "limits_suite.hpp"
#include "session_clock.hpp"
#include "temporary_folder.hpp"

namespace test {

namespace {

/// A store with its database in a file.
class bunt_in_a_file {
 public:
  bunt_in_a_file(const scs::clock& clock, buntdb::sync_policy sync)
      : db_(buntdb::database::open(folder_.file("sessions.db"), {.sync = sync, .clock = &clock})) {}
  operator scs::store&() noexcept { return store_; }

 private:
  buntstore::testing::temporary_folder folder_;
  buntdb::database db_;
  scs::stores::bunt store_{db_};
};

make_store_fixture bunt_with(buntdb::sync_policy sync) {
  return on_a_turned_clock([sync](const scs::clock& clock) { return bunt_in_a_file{clock, sync}; });
}

INSTANTIATE_TEST_SUITE_P(bunt, store_conformance,
                         testing::Values(bunt_with(buntdb::sync_policy::every_second)),
                         [](const auto&) { return "every_second"; });
INSTANTIATE_TEST_SUITE_P(bunt_always, store_conformance,
                         testing::Values(bunt_with(buntdb::sync_policy::always)),
                         [](const auto&) { return "always"; });
INSTANTIATE_TEST_SUITE_P(bunt_tried, store_conformance, testing::Values([] {
                           return std::make_unique<trying_fixture>(
                               bunt_with(buntdb::sync_policy::every_second)());
                         }),
                         [](const auto&) { return "every_second"; });

class limited_bunt {
 public:
  explicit limited_bunt(const scs::clock& clock)
      : db_(buntdb::database::open(folder_.file("sessions.db"), {.clock = &clock})) {}
  operator scs::store&() noexcept { return store_; }

 private:
  buntstore::testing::temporary_folder folder_;
  buntdb::database db_;
  scs::stores::bunt store_{db_, {.max_anonymous_sessions = 2}};
};

INSTANTIATE_TEST_SUITE_P(bunt, limited_store,
                         testing::Values(on_a_turned_clock([](const scs::clock& clock) {
                           return limited_bunt{clock};
                         })),
                         [](const auto&) { return "bunt"; });
INSTANTIATE_TEST_SUITE_P(bunt_tried, limited_store, testing::Values([] {
                           return std::make_unique<trying_fixture>(on_a_turned_clock(
                               [](const scs::clock& clock) { return limited_bunt{clock}; })());
                         }),
                         [](const auto&) { return "bunt"; });

const scs::session_id id = scs::token::generate().id();

TEST(bunt_store, counts_the_sessions_without_a_user_that_are_there_when_it_is_made) {
  buntdb::database db = buntdb::database::in_memory();
  const auto expiry = scs::clock::system().now() + hours{1};
  const auto add = [&](scs::stores::bunt& store, std::string_view user) {
    store.commit(scs::token::generate().id(),
                 user.empty() ? R"({"data":{}})" : R"({"data":{},"user":"tom"})", expiry,
                 std::nullopt, user);
  };
  {
    scs::stores::bunt store{db, {.prefix = "p:"}};
    for (const char* user : {"", "tom", "tom", "tom", ""})
      add(store, user);
    store.commit(scs::session_id::from_text("w:=tom"), "{}", expiry, std::nullopt, "");
  }
  scs::stores::bunt other{db};
  add(other, "");
  scs::stores::bunt store{db, {.prefix = "p:", .max_anonymous_sessions = 3}};
  add(store, "");
  EXPECT_THROW(add(store, ""), scs::error);
  add(store, "tom");
}

TEST(bunt_store, keeps_sessions_across_a_reopen) {
  const buntstore::testing::temporary_folder folder;
  const auto expiry = scs::clock::system().now() + hours{1};
  {
    buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
    scs::stores::bunt store{db};
    store.commit(id, "payload", expiry, std::nullopt, "");
  }
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  scs::stores::bunt store{db};
  const auto found = store.find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload");
  EXPECT_LE(found->expiry, expiry);
  EXPECT_GT(found->expiry, expiry - seconds{1});
  EXPECT_EQ(store.commit(id, "next", expiry, found->revision, "").result,
            scs::commit_result::outcome::committed);
}

/// A store whose database has reached its memory limit.
class full_bunt_store : public testing::Test {
 protected:
  full_bunt_store() {
    for (int i = 0; !is_full_; ++i) {
      try {
        store_.commit(scs::token::generate().id(), payload_, expiry_, std::nullopt, "tom");
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), scs::errc::store_full);
        is_full_ = true;
      }
    }
  }

  std::vector<scs::session_id> of_tom() {
    std::vector<scs::session_id> found;
    store_.for_each_of_user("tom", [&](const scs::session_id& each, const scs::record&) {
      found.push_back(each);
      return scs::visit::next;
    });
    return found;
  }

  const scs::time_point expiry_ = scs::clock::system().now() + hours{1};
  const std::string payload_ = R"({"user":"tom","data":")" + std::string(1000, 'd') + "\"}";
  buntdb::database db_ = buntdb::database::in_memory({.max_memory_bytes = 1'000'000});
  scs::stores::bunt store_{db_};
  bool is_full_ = false;
};

TEST_F(full_bunt_store, refuses_new_and_larger_sessions) {
  const auto code_of = [&](const scs::session_id& which, std::size_t size,
                           const std::optional<std::string>& revision) {
    try {
      store_.commit(which, std::string(size, 'p'), expiry_, revision, "");
    } catch (const scs::error& failure) {
      return failure.code();
    }
    return std::error_code();
  };
  // Twice as large as those that filled it: a smaller one may still fit, because the memory that
  // a session takes depends on where its id falls in the trees.
  EXPECT_EQ(code_of(scs::token::generate().id(), 2000, std::nullopt), scs::errc::store_full);
  const scs::session_id some = of_tom().front();
  EXPECT_EQ(code_of(some, 5000, store_.find(some)->revision), scs::errc::store_full);
  EXPECT_EQ(store_.find(some)->payload, payload_);
}

TEST_F(full_bunt_store, lets_sessions_be_touched_changed_and_replaced_by_tombstones) {
  const scs::session_id some = of_tom().front();
  EXPECT_TRUE(store_.touch(some, expiry_ + hours{1}));
  EXPECT_EQ(store_.try_touch(some, expiry_ + hours{2}), true);
  std::string other = payload_;
  other[other.size() - 10] = 'x';
  const auto changed = store_.commit(some, other, expiry_, store_.find(some)->revision, "tom");
  EXPECT_EQ(changed.result, scs::commit_result::outcome::committed);
  const std::string tombstone = R"({"user":"tom","moved_to":"h:)" + std::string(43, 'm') + "\"}";
  EXPECT_EQ(store_.commit(some, tombstone, expiry_, changed.revision, "tom").result,
            scs::commit_result::outcome::committed);
}

TEST_F(full_bunt_store, takes_the_watermark_of_a_revocation) {
  const auto mark = scs::session_id::from_text("w:" + std::string(43, 'w'));
  EXPECT_EQ(store_.commit(mark, std::string(200, 'w'), expiry_, std::nullopt, "").result,
            scs::commit_result::outcome::committed);
}

TEST_F(full_bunt_store, ends_sessions_and_then_takes_new_ones) {
  for (const scs::session_id& each : of_tom())
    EXPECT_TRUE(store_.erase(each));
  EXPECT_EQ(store_.commit(id, payload_, expiry_, std::nullopt, "tom").result,
            scs::commit_result::outcome::committed);
}

TEST(bunt_store, finds_while_somebody_else_writes) {
  const buntstore::testing::temporary_folder folder;
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  scs::stores::bunt store{db};
  store.commit(id, "payload", scs::clock::system().now() + hours{1}, std::nullopt, "");
  const buntdb::transaction writing = db.begin();
  std::optional<scs::record> found;
  std::thread([&] { found = store.find(id); }).join();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload");
}

TEST(bunt_store, grants_a_try_unless_the_disk_or_another_writer_has_to_be_waited_for) {
  using outcome = scs::commit_result::outcome;
  const buntstore::testing::temporary_folder folder;
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  scs::stores::bunt store{db};
  const auto expiry = scs::clock::system().now() + hours{1};
  const auto later = expiry + hours{1};
  const auto made = store.commit(id, "1", expiry, std::nullopt, "");
  const auto tried = store.try_commit(id, "2", expiry, made.revision, "");
  ASSERT_TRUE(tried);
  EXPECT_EQ(tried->result, outcome::committed);
  EXPECT_EQ(store.find(id)->revision, tried->revision);
  EXPECT_EQ(store.try_commit(id, "3", expiry, made.revision, "")->result, outcome::conflict);
  EXPECT_EQ(store.try_touch(id, later), true);
  EXPECT_EQ(store.find(id)->expiry, later);

  {
    const buntdb::transaction writing = db.begin();
    EXPECT_FALSE(store.try_commit(id, "3", expiry, tried->revision, ""));
    EXPECT_FALSE(store.try_touch(id, later + hours{1}));
    std::thread([&] {
      EXPECT_FALSE(store.try_commit(id, "3", expiry, tried->revision, ""));
      EXPECT_FALSE(store.try_touch(id, later + hours{1}));
    }).join();
  }
  // The first session with a user makes the index.
  const auto somebody = R"({"data":{},"user":"tom"})";
  EXPECT_FALSE(store.try_commit(id, somebody, expiry, tried->revision, "tom"));
  const auto named = store.commit(id, somebody, expiry, tried->revision, "tom");
  EXPECT_EQ(store.try_commit(id, somebody, expiry, named.revision, "tom")->result,
            outcome::committed);

  db.change([](buntdb::settings& to) { to.sync = buntdb::sync_policy::always; });
  const auto now = store.find(id);
  EXPECT_FALSE(store.try_commit(id, "3", expiry, now->revision, ""));
  EXPECT_FALSE(store.try_touch(id, later + hours{1}));
  EXPECT_EQ(store.find(id)->revision, now->revision);
}

TEST(bunt_store, leaves_other_data_alone) {
  buntdb::database db = buntdb::database::in_memory();
  db.set("another", "value");
  db.set("h:too short", "value");
  scs::stores::bunt first{db, {.prefix = "first:"}};
  scs::stores::bunt second{db, {.prefix = "second:"}};
  const auto expiry = scs::clock::system().now() + hours{1};
  first.commit(id, "of the first", expiry, std::nullopt, "");
  EXPECT_FALSE(second.find(id));
  second.commit(id, "of the second", expiry, std::nullopt, "");
  int visited = 0;
  const auto visit_one = [&](const scs::session_id& visited_id, const scs::record& record) {
    ++visited;
    EXPECT_EQ(visited_id, id);
    EXPECT_EQ(record.payload, "of the first");
    return scs::visit::next;
  };
  first.for_each(visit_one);
  EXPECT_EQ(visited, 1);
  scs::stores::bunt bare{db};
  bare.for_each([&](const scs::session_id&, const scs::record&) {
    ADD_FAILURE() << "took other data for a session";
    return scs::visit::next;
  });
  EXPECT_TRUE(first.erase(id));
  EXPECT_TRUE(second.find(id));
  EXPECT_EQ(db.get("another"), "value");
}

TEST(bunt_store, finds_users_sessions_that_were_there_before_its_index) {
  const buntstore::testing::temporary_folder folder;
  const auto expiry = scs::clock::system().now() + hours{1};
  const std::string payload = R"({"data":{},"deadline":1,"user":"to\"m"})";
  {
    buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
    scs::stores::bunt store{db, {.prefix = "a*:"}};
    store.commit(id, "nobody's", expiry, std::nullopt, "");
    EXPECT_TRUE(db.begin_read().indexes().empty());  // programs without users do not pay for it
    const auto found = store.find(id);
    store.commit(id, payload, expiry, found->revision, "to\"m");
    EXPECT_EQ(db.begin_read().indexes(), std::vector<std::string>{"scs:users:a*:"});
  }
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  db.set("ab:" + std::string(id.text()), payload);  // does not have the prefix
  scs::stores::bunt store{db, {.prefix = "a*:"}};
  int visited = 0;
  store.for_each_of_user("to\"m", [&](const scs::session_id& found, const scs::record& record) {
    ++visited;
    EXPECT_EQ(found, id);
    EXPECT_EQ(record.payload, payload);
    return scs::visit::next;
  });
  EXPECT_EQ(visited, 1);
}

TEST(bunt_store, makes_its_index_anew_when_the_application_has_dropped_it) {
  buntdb::database db = buntdb::database::in_memory();
  scs::stores::bunt store(db);
  store.commit(id, R"({"user":"ada"})", scs::clock::system().now() + hours{1}, std::nullopt, "ada");
  const auto sessions_of_ada = [&] {
    int found = 0;
    store.for_each_of_user("ada", [&](const scs::session_id&, const scs::record&) {
      ++found;
      return scs::visit::next;
    });
    return found;
  };
  ASSERT_EQ(sessions_of_ada(), 1);
  for (const std::string& index : db.begin_read().indexes())
    db.drop_index(index);
  EXPECT_EQ(sessions_of_ada(), 1);
}

TEST(bunt_store, refuses_a_prefix_that_is_too_long) {
  buntdb::database db = buntdb::database::in_memory();
  EXPECT_THROW((scs::stores::bunt{db, {.prefix = std::string(65, 'p')}}), scs::error);
}

}  // namespace

}  // namespace test
