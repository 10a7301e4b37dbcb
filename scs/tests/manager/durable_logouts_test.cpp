// Rule 4: a logout ends the session immediately, and is answered when it is durable.

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/nonblocking_store.hpp>
#include <scs/scs.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/stores/memory.hpp>

#include "world.hpp"

namespace test {

namespace {

using scs::errc;
using scs::event_kind;

/// A store in memory whose erasures count as on disk only after a sync.
class store_with_a_disk final : public scs::nonblocking_store, public scs::durable_erasures {
 public:
  int syncs = 0;
  bool disk_is_broken = false;

  std::optional<scs::record> find(const scs::session_id& id) override { return kept_.find(id); }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    return kept_.commit(id, payload, expiry, expected_revision, user);
  }
  std::optional<scs::commit_result> try_commit(const scs::session_id& id, std::string_view payload,
                                               scs::time_point expiry,
                                               const std::optional<std::string>& revision,
                                               std::string_view user) override {
    return commit(id, payload, expiry, revision, user);
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    return kept_.touch(id, expiry);
  }
  std::optional<bool> try_touch(const scs::session_id& id, scs::time_point expiry) override {
    return touch(id, expiry);
  }
  std::optional<scs::record> erase(const scs::session_id& id) override { return kept_.erase(id); }
  void for_each(const visitor& visit) override { kept_.for_each(visit); }
  void for_each_of_user(std::string_view user, const visitor& visit) override {
    kept_.for_each_of_user(user, visit);
  }
  void sync_erasures() override {
    ++syncs;
    if (disk_is_broken) throw scs::error(errc::store_failed, "the disk is broken");
  }

 private:
  scs::stores::memory kept_;
};

struct durable_logout : testing::Test {
  explicit durable_logout(bool durable = true) {
    auto owned = std::make_unique<store_with_a_disk>();
    store = owned.get();
    scs::session_options options;
    options.durable_logouts = durable;
    options.on_event = [this](const scs::event& happened) { events.push_back(happened.kind); };
    sessions = std::make_unique<scs::session_manager>(std::move(owned), std::move(options));
  }

  std::string logged_in() {
    scs::session session = sessions->load(std::string_view{});
    session.set_user("tom");
    const std::string set = find_header(sessions->commit(session), "Set-Cookie");
    return set.substr(0, set.find(';'));
  }
  std::string user_of(const std::string& cookie) { return sessions->load(cookie).user(); }

  store_with_a_disk* store = nullptr;
  std::vector<event_kind> events;
  std::unique_ptr<scs::session_manager> sessions;
};

TEST_F(durable_logout, has_ended_the_session_before_it_waits_for_the_disk_in_the_commit) {
  const std::string cookie = logged_in();
  EXPECT_EQ(store->syncs, 0) << "a login waits for no disk";
  scs::session session = sessions->load(cookie);
  session.destroy();
  EXPECT_EQ(user_of(cookie), "");
  EXPECT_EQ(store->syncs, 0);
  sessions->commit(session);
  EXPECT_EQ(store->syncs, 1);
  sessions->commit(session);
  EXPECT_EQ(store->syncs, 1) << "once";
}

TEST_F(durable_logout, is_refused_on_a_thread_that_must_not_block) {
  scs::session session = sessions->load(logged_in());
  session.destroy();
  EXPECT_FALSE(sessions->try_commit(session));
  EXPECT_FALSE(sessions->try_abandon(session));
  EXPECT_EQ(store->syncs, 0);
  sessions->commit(session);
  EXPECT_TRUE(sessions->try_commit(session)) << "nothing is left to wait for";
  EXPECT_TRUE(sessions->try_abandon(session));
}

TEST_F(durable_logout, waits_for_the_disk_if_the_handler_has_thrown) {
  scs::session session = sessions->load(logged_in());
  session.destroy();
  EXPECT_THAT(find_header(sessions->abandon(session), "Set-Cookie"),
              testing::HasSubstr("Max-Age=0"));
  EXPECT_EQ(store->syncs, 1);
}

TEST_F(durable_logout, fails_with_a_broken_disk_and_has_taken_place) {
  const std::string cookie = logged_in();
  store->disk_is_broken = true;
  scs::session session = sessions->load(cookie);
  session.destroy();
  EXPECT_SCS_ERROR(sessions->commit(session), errc::store_failed);
  EXPECT_THAT(find_header(sessions->abandon(session), "Set-Cookie"),
              testing::HasSubstr("Max-Age=0"));
  EXPECT_THAT(events, testing::Contains(event_kind::logout_not_durable));
  EXPECT_EQ(user_of(cookie), "");
}

TEST_F(durable_logout, is_what_a_revocation_is) {
  for (const auto& revoke : std::vector<std::function<void(const std::string&)>>{
           [&](const std::string&) { sessions->revoke_all("tom"); },
           [&](const std::string& cookie) { sessions->revoke(sessions->load(cookie).id()); },
           [&](const std::string& cookie) {
             EXPECT_TRUE(sessions->revoke("tom", sessions->load(cookie).id()));
           },
           [&](const std::string&) {
             sessions->iterate([](scs::session& each) {
               each.destroy();
               return scs::visit::next;
             });
           }}) {
    const std::string cookie = logged_in();
    const int before = store->syncs;
    revoke(cookie);
    EXPECT_GT(store->syncs, before);
    EXPECT_EQ(user_of(cookie), "");
  }
}

TEST_F(durable_logout, of_all_others_is_waited_for_in_the_commit) {
  scs::session session = sessions->load(logged_in());
  sessions->revoke_others(session);
  EXPECT_EQ(store->syncs, 0);
  EXPECT_FALSE(sessions->try_commit(session));
  sessions->commit(session);
  EXPECT_EQ(store->syncs, 1);
}

struct hasty_logout : durable_logout {
  hasty_logout() : durable_logout(false) {}
};

TEST_F(hasty_logout, waits_for_no_disk) {
  scs::session session = sessions->load(logged_in());
  session.destroy();
  EXPECT_TRUE(sessions->try_commit(session));
  sessions->revoke_all("tom");
  EXPECT_EQ(store->syncs, 0);
}

}  // namespace

}  // namespace test
