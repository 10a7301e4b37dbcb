// Rule 4 (destruction): a logout that is answered is permanent. That includes one that finds
// nothing to end, because an earlier one took place and threw.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <scs/error.hpp>
#include <scs/scs.hpp>

#include "conformance/conformance.hpp"
#include "store_front.hpp"

namespace test {

namespace {

/// While no replica confirms, each change of the store takes place and throws, as with
/// redis_options::wait_replicas.
class replicated_store final : public store_front {
 public:
  replicated_store(scs::store& inner, const bool& confirmed)
      : store_front(inner), confirmed_(confirmed) {}

  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    auto done = store_front::commit(id, payload, expiry, expected_revision, user);
    require_confirmation();
    return done;
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    const bool done = store_front::touch(id, expiry);
    if (scs::is_reserved(id)) require_confirmation();
    return done;
  }
  std::optional<scs::record> erase(const scs::session_id& id) override {
    auto done = store_front::erase(id);
    require_confirmation();
    return done;
  }

 private:
  void require_confirmation() const {
    if (!confirmed_) throw scs::error(scs::errc::store_failed, "0 of 1 replicas confirmed");
  }

  const bool& confirmed_;
};

/// A user's browser at a site whose store may have lost its replica.
struct replicated_site {
  replicated_site(scs::store& store, const scs::clock& clock)
      : sessions(std::make_unique<replicated_store>(store, confirmed),
                 {.cookie = {.secure = false}, .clock = &clock}) {}

  /// Returns the cookie of a session of tom. Its token before the last renewal is stored in
  /// `before`.
  std::string logged_in(std::string* before = nullptr) {
    std::string cookie;
    for (int i = 0; i < 2; ++i) {
      if (before != nullptr) *before = cookie;
      scs::session session = sessions.load(std::string_view{cookie});
      session.set_user("tom");
      for (const scs::header& line : sessions.commit(session)) {
        if (line.name == "Set-Cookie") cookie = line.value.substr(0, line.value.find(';'));
      }
    }
    return cookie;
  }

  /// A request that ends its session.
  void log_out(const std::string& cookie) {
    scs::session session = sessions.load(std::string_view{cookie});
    session.destroy();
    sessions.commit(session);
  }

  bool confirmed = true;
  scs::session_manager sessions;
};

bool fails(const std::function<void()>& call) {
  try {
    call();
    return false;
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::store_failed) << failure.what();
    return true;
  }
}

}  // namespace

TEST_P(store_conformance, confirms_a_logout_that_finds_nothing_left_to_end) {
  replicated_site at{store(), clock()};
  std::string before;
  const std::string cookie = at.logged_in(&before);
  const scs::session_id id = at.sessions.load(std::string_view{cookie}).id();
  const std::vector<std::function<void()>> endings{
      [&] { at.log_out(cookie); },
      [&] { at.log_out(before); },  // by the token before the renewal
      [&] { at.sessions.revoke(id); },
      [&] { at.sessions.revoke("tom", id); },
      [&] { at.sessions.revoke_all("tom"); },
  };
  at.confirmed = false;
  for (std::size_t i = 0; i < endings.size(); ++i) {
    EXPECT_TRUE(fails(endings[i])) << "ending " << i;
    EXPECT_TRUE(fails(endings[i])) << "ending " << i << ", which found nothing";
  }
  at.confirmed = true;
  for (std::size_t i = 0; i < endings.size(); ++i)
    EXPECT_FALSE(fails(endings[i])) << "ending " << i;
  EXPECT_EQ(at.sessions.load(std::string_view{cookie}).user(), "");
}

TEST_P(store_conformance, confirms_each_revocation_of_the_others) {
  replicated_site at{store(), clock()};
  const std::string other = at.logged_in();
  const std::string cookie = at.logged_in();
  scs::session session = at.sessions.load(std::string_view{cookie});
  EXPECT_EQ(session.user(), "tom");
  at.confirmed = false;
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(fails([&] { at.sessions.revoke_others(session); }));
  at.confirmed = true;
  at.sessions.revoke_others(session);
  EXPECT_EQ(at.sessions.load(std::string_view{other}).user(), "");
}

TEST_P(store_conformance, erases_what_is_absent_without_a_trace) {
  const auto id = new_id();
  EXPECT_FALSE(store().erase(id));
  EXPECT_FALSE(store().erase(id));
  EXPECT_FALSE(store().find(id));
  EXPECT_TRUE(all_payloads().empty());
  stored(id, "new");
  EXPECT_EQ(payload_of(id), "new");
}

}  // namespace test
