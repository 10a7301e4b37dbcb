// Logouts and power failures (docs/security.md), on a simulated disk that keeps only what was
// synced.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

#include "session_clock.hpp"
#include "support/memory_file_system.hpp"
#include "support/test_database.hpp"

namespace test {

namespace {

using buntdb::testing::io_call;
using buntdb::testing::memory_file_system;
using buntdb::testing::test_database;

/// A manager with its sessions in a file of the simulated disk.
struct server {
  server(memory_file_system& disk, const session_clock& clock, bool durable_logouts,
         buntdb::sync_policy sync = buntdb::sync_policy::every_second)
      : db(disk, clock, sync) {
    scs::session_options options;
    options.durable_logouts = durable_logouts;
    options.clock = &clock;
    sessions = std::make_unique<scs::session_manager>(std::make_unique<scs::stores::bunt>(*db),
                                                      std::move(options));
  }

  std::string log_in() {
    scs::session session = sessions->load(std::string_view{});
    session.set_user("tom");
    std::string set = sessions->commit(session).at(0).value;
    set.resize(set.find(';'));
    return set;
  }
  void log_out(const std::string& cookie) {
    scs::session session = sessions->load(cookie);
    session.destroy();
    sessions->commit(session);
  }
  std::string user_of(const std::string& cookie) { return sessions->load(cookie).user(); }

  test_database db;
  std::unique_ptr<scs::session_manager> sessions;
};

struct logout_in_a_file : testing::Test {
  /// Returns whether a session that `end` ends is back after a power failure right after the
  /// answer.
  template <class End>
  bool comes_back(End end, bool durable_logouts,
                  buntdb::sync_policy sync = buntdb::sync_policy::every_second) {
    memory_file_system disk;
    std::string cookie;
    std::unique_ptr<memory_file_system> left;
    {
      server before{disk, clock, durable_logouts, sync};
      cookie = before.log_in();
      before.db->sync();
      end(before, cookie);
      EXPECT_EQ(before.user_of(cookie), "");
      left = disk.after_power_cut(memory_file_system::unsynced_data::dropped);
    }
    server after{*left, clock, durable_logouts, sync};
    return after.user_of(cookie) == "tom";
  }

  session_clock clock;
};

TEST_F(logout_in_a_file, survives_a_power_cut_right_after_its_answer) {
  const auto log_out = [](server& at, const std::string& cookie) { at.log_out(cookie); };
  EXPECT_FALSE(comes_back(log_out, true));
  EXPECT_TRUE(comes_back(log_out, false)) << "or the test would see nothing";
  EXPECT_TRUE(comes_back(log_out, true, buntdb::sync_policy::never)) << "as its owner wants it";
  EXPECT_FALSE(comes_back(log_out, false, buntdb::sync_policy::always));
}

TEST_F(logout_in_a_file, of_a_device_or_of_all_survives_it) {
  const auto revoke_one = [](server& at, const std::string& cookie) {
    EXPECT_TRUE(at.sessions->revoke("tom", at.sessions->load(cookie).id()));
  };
  const auto revoke_all = [](server& at, const std::string&) {
    EXPECT_EQ(at.sessions->revoke_all("tom"), 1U);
  };
  const auto revoke_others = [](server& at, const std::string&) {
    scs::session other = at.sessions->load(at.log_in());
    EXPECT_EQ(at.sessions->revoke_others(other), 1U);
    at.sessions->commit(other);
  };
  EXPECT_FALSE(comes_back(revoke_one, true));
  EXPECT_FALSE(comes_back(revoke_all, true));
  EXPECT_FALSE(comes_back(revoke_others, true));
  EXPECT_TRUE(comes_back(revoke_one, false));
  EXPECT_TRUE(comes_back(revoke_all, false));
  EXPECT_TRUE(comes_back(revoke_others, false));
}

TEST_F(logout_in_a_file, syncs_only_if_something_was_erased_since_the_last_sync) {
  memory_file_system disk;
  server at{disk, clock, true};
  const std::string cookie = at.log_in();
  const auto syncs = [&] { return disk.count(io_call::sync); };
  const auto before = syncs();
  at.log_out("__Host-Http-session=" + std::string(scs::token::generate().text()));
  EXPECT_EQ(syncs(), before) << "a made-up token makes nobody wait";
  at.log_out(cookie);
  EXPECT_EQ(syncs(), before + 1);
  at.log_out(cookie);
  EXPECT_EQ(syncs(), before + 1);
}

TEST_F(logout_in_a_file, is_an_error_and_has_taken_place_if_the_disk_fails) {
  memory_file_system disk;
  server at{disk, clock, true};
  const std::string cookie = at.log_in();
  disk.fail_all(io_call::sync, EIO);
  scs::session session = at.sessions->load(cookie);
  session.destroy();
  EXPECT_THROW(at.sessions->commit(session), scs::error);
  at.sessions->abandon(session);
  EXPECT_EQ(at.user_of(cookie), "");
}

TEST(expired_sessions_of_bunt, are_told_with_their_user_when_the_database_removes_them) {
  session_clock clock;
  test_database db{clock};
  std::vector<scs::event> events;
  int others = 0;
  db->change([&](buntdb::settings& to) {
    to.expiry.on_expired = [&](std::span<const buntdb::expired_item> items) {
      others += static_cast<int>(items.size());
    };
  });
  {
    scs::session_options options;
    options.lifetime = std::chrono::hours{1};
    options.clock = &clock;
    options.report_expired_sessions = true;
    options.on_event = [&](const scs::event& happened) { events.push_back(happened); };
    scs::session_manager sessions{std::make_unique<scs::stores::bunt>(*db), std::move(options)};
    scs::session session = sessions.load(std::string_view{});
    session.set_user("tom");
    sessions.commit(session);
    const scs::session_id id = session.id();
    db->set("other", "data", {.expires_at = clock.now() + std::chrono::hours{1}});
    events.clear();
    clock.advance(std::chrono::hours{2});
    db.sweep();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (others < 2 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, scs::event_kind::expired);
    EXPECT_EQ(events[0].user, "tom");
    EXPECT_EQ(events[0].id, id);
    EXPECT_EQ(others, 2) << "the application's own hook goes on";
  }
  events.clear();
  db->set(std::string(45, 'h'), "data", {.expires_at = clock.now() + std::chrono::hours{1}});
  clock.advance(std::chrono::hours{2});
  db.sweep();
  EXPECT_TRUE(events.empty()) << "the manager is gone";
}

}  // namespace

}  // namespace test
