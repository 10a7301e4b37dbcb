// The command `sessions` of a control socket.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/control.hpp>
#include <buntdb/database.hpp>
#include <scs/error.hpp>
#include <scs/gob_codec.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/session_commands.hpp>

#include "temporary_folder.hpp"
#include "test_client.hpp"

namespace {

using buntdb::control::test::request_of;
using buntdb::control::test::test_client;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class session_commands : public testing::Test {
 protected:
  explicit session_commands(scs::id_mode ids = scs::id_mode::hashed,
                            std::shared_ptr<const scs::payload_codec> codec = {})
      : sessions_(std::make_unique<scs::stores::bunt>(db_), options_of(ids, std::move(codec))),
        others_(std::make_unique<scs::stores::bunt>(db_, scs::stores::bunt_options{"other:"})),
        socket_(
            db_, folder_.file("app.db"),
            {.commands = scs::stores::session_commands(db_, {{&sessions_}, {&others_, "other:"}})}),
        client_(socket_.path()) {}

  scs::session_options options_of(scs::id_mode ids,
                                  std::shared_ptr<const scs::payload_codec> codec) {
    scs::session_options options;
    options.ids = ids;
    options.codec = std::move(codec);
    options.on_event = [this](const scs::event& happened) {
      if (happened.kind != scs::event_kind::destroyed) return;
      const std::lock_guard lock(events_mutex_);
      events_.push_back(happened.id ? std::string(happened.id->text()) : "");
    };
    return options;
  }

  /// Stores a session, and returns the cookie that its browser sends.
  static std::string begin(scs::session_manager& sessions, const std::string& user) {
    scs::session session = sessions.load("");
    session.put("k", 1);
    if (!user.empty()) session.set_user(user, "a browser");
    for (const scs::header& header : sessions.commit(session)) {
      if (header.name == "Set-Cookie") return header.value.substr(0, header.value.find(';'));
    }
    return "";
  }

  static std::string id_of(scs::session_manager& sessions, const std::string& cookie) {
    scs::session session = sessions.load(cookie);
    return std::string(session.id().text());
  }

  static bool is_live(scs::session_manager& sessions, const std::string& cookie) {
    scs::session session = sessions.load(cookie);
    return session.exists("k");
  }

  std::string ask(const std::vector<std::string>& request) { return client_.ask(request); }

  std::mutex events_mutex_;
  std::vector<std::string> events_;
  buntstore::testing::temporary_folder folder_;
  buntdb::database db_ = buntdb::database::open(folder_.file("app.db"));
  scs::session_manager sessions_;
  scs::session_manager others_;
  buntdb::control_socket socket_;
  test_client client_;
};

TEST_F(session_commands, list_sessions_under_the_ids_that_the_application_knows) {
  const std::string ann = begin(sessions_, "ann");
  const std::string nobody = begin(sessions_, "");
  const std::string other = begin(others_, "ann");
  const std::string id = id_of(sessions_, ann);
  const std::string all = ask({"sessions", "list"});
  EXPECT_THAT(all, AllOf(StartsWith("[0, [["), HasSubstr("id, " + id + ", state, live, user, ann"),
                         HasSubstr(id_of(sessions_, nobody)), HasSubstr("prefix, other:"),
                         HasSubstr("where, a browser"), Not(HasSubstr("values, "))));
  EXPECT_EQ(all.find(ann.substr(ann.find('=') + 1)), std::string::npos) << "a token";
  const std::string others = ask({"sessions", "list", "prefix", "other:"});
  EXPECT_THAT(others, AllOf(HasSubstr(id_of(others_, other)), Not(HasSubstr(id))));
  EXPECT_THAT(ask({"sessions", "list", "user", "ann"}), Not(HasSubstr(id_of(sessions_, nobody))));
  EXPECT_THAT(ask({"sessions", "list", "id", id.substr(0, 8), "values"}),
              AllOf(HasSubstr(id), HasSubstr("values, [k, 1]")));
  EXPECT_EQ(ask({"sessions", "list", "id", "h:AAAAAAAA"}), "[0, []]");
}

TEST_F(session_commands, revoke_by_id_so_that_the_next_request_is_a_strangers) {
  const std::string ann = begin(sessions_, "ann");
  const std::string bob = begin(sessions_, "bob");
  const std::string id = id_of(sessions_, ann);
  EXPECT_EQ(ask({"sessions", "revoke", "id", id}), "1");
  EXPECT_FALSE(is_live(sessions_, ann));
  EXPECT_TRUE(is_live(sessions_, bob));
  EXPECT_THAT(events_, testing::ElementsAre(id)) << "events tell of it";
  EXPECT_EQ(ask({"sessions", "revoke", "id", id}), "0");
}

TEST_F(session_commands, revoke_a_session_that_was_renewed_by_its_old_id) {
  const std::string old = begin(sessions_, "ann");
  const std::string old_id = id_of(sessions_, old);
  scs::session session = sessions_.load(old);
  session.renew();
  std::string renewed;
  for (const scs::header& header : sessions_.commit(session))
    if (header.name == "Set-Cookie") renewed = header.value.substr(0, header.value.find(';'));
  ASSERT_TRUE(is_live(sessions_, renewed));
  EXPECT_THAT(ask({"sessions", "list"}), Not(HasSubstr(old_id)));
  EXPECT_THAT(ask({"sessions", "list", "all"}), HasSubstr(old_id + ", state, renewed"));
  EXPECT_EQ(ask({"sessions", "revoke", "id", old_id}), "1");
  EXPECT_FALSE(is_live(sessions_, renewed));
}

TEST_F(session_commands, revoke_all_of_a_user_and_logins_under_way) {
  const std::string first = begin(sessions_, "ann");
  const std::string second = begin(sessions_, "ann");
  const std::string elsewhere = begin(others_, "ann");
  const std::string bob = begin(sessions_, "bob");
  scs::session under_way = sessions_.load("");
  under_way.set_user("ann", "somewhere else");
  EXPECT_EQ(ask({"sessions", "revoke", "prefix", "", "user", "ann"}), "2");
  EXPECT_TRUE(is_live(others_, elsewhere));
  EXPECT_THROW(sessions_.commit(under_way), scs::error) << "it had begun before";
  EXPECT_EQ(ask({"sessions", "revoke", "user", "ann"}), "1");
  EXPECT_FALSE(is_live(sessions_, first));
  EXPECT_FALSE(is_live(sessions_, second));
  EXPECT_FALSE(is_live(others_, elsewhere));
  EXPECT_TRUE(is_live(sessions_, bob));
  EXPECT_EQ(ask({"sessions", "revoke", "user", "ann"}), "0");
}

TEST_F(session_commands, log_everybody_out) {
  std::vector<std::string> cookies;
  for (const std::string user : {"ann", "bob", "", ""})
    cookies.push_back(begin(sessions_, user));
  const std::string other = begin(others_, "");
  db_.set("unrelated", "stays");
  EXPECT_EQ(ask({"sessions", "revoke", "all"}), "5");
  for (const std::string& cookie : cookies)
    EXPECT_FALSE(is_live(sessions_, cookie));
  EXPECT_FALSE(is_live(others_, other));
  EXPECT_EQ(db_.get("unrelated"), "stays");
  EXPECT_EQ(ask({"sessions", "list", "all"}), "[0, []]");
  EXPECT_TRUE(is_live(sessions_, begin(sessions_, "ann"))) << "logins go on";
}

TEST_F(session_commands, refuse_what_they_do_not_understand_without_repeating_a_token) {
  const std::string token(43, 'T');
  for (const std::vector<std::string>& request : {std::vector<std::string>{"sessions"},
                                                  {"sessions", "nonsense"},
                                                  {"sessions", "list", "nonsense"},
                                                  {"sessions", "list", "user"},
                                                  {"sessions", "list", "id", token},
                                                  {"sessions", "list", "prefix", "none:"},
                                                  {"sessions", "revoke"},
                                                  {"sessions", "revoke", "id"},
                                                  {"sessions", "revoke", "id", token},
                                                  {"sessions", "revoke", "id", "h:abcd"},
                                                  {"sessions", "revoke", "user", ""},
                                                  {"sessions", "revoke", "user", "a", "b"},
                                                  {"sessions", "revoke", "all", "of them"}}) {
    EXPECT_THAT(ask(request), AllOf(StartsWith("-INVALID_ARGUMENT "), Not(HasSubstr(token))));
  }
}

TEST_F(session_commands, tell_long_lists_page_by_page) {
  for (int i = 0; i < 1200; ++i)
    begin(i % 2 == 0 ? sessions_ : others_, "");
  client_.send(request_of({"sessions", "list"}));
  std::size_t found = 0;
  int pages = 0;
  for (std::optional<reply> answer = client_.receive(); answer; answer = client_.receive()) {
    found += answer->elements.at(1).elements.size();
    ++pages;
    if (answer->elements.at(0).text == "0") break;
    client_.send(request_of({"next", answer->elements.at(0).text}));
  }
  EXPECT_EQ(found, 1200U);
  EXPECT_EQ(pages, 3) << "600 of each, 500 on a page at most";
}

TEST_F(session_commands, work_while_visitors_come_and_go) {
  std::atomic<bool> ends{false};
  std::vector<std::thread> visitors;
  for (int number = 0; number < 3; ++number) {
    visitors.emplace_back([&, number] {
      for (int i = 0; i < 150 && !ends.load(); ++i) {
        try {
          begin(sessions_, "user" + std::to_string(number));
        } catch (const scs::error&) {  // NOLINT(bugprone-empty-catch): revoked at its login
        }
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(ask({"sessions", "revoke", "user", "user0"}), Not(StartsWith("-")));
    EXPECT_THAT(ask({"sessions", "list", "user", "user1"}), StartsWith("["));
    EXPECT_THAT(ask({"sessions", "revoke", "all"}), Not(StartsWith("-")));
  }
  ends.store(true);
  for (std::thread& each : visitors)
    each.join();
}

/// As on a site that has migrated from Go's SCS.
class raw_session_commands : public session_commands {
 protected:
  raw_session_commands()
      : session_commands(scs::id_mode::raw, std::make_shared<scs::gob_codec>()) {}
};

TEST_F(raw_session_commands, name_a_session_by_the_hash_of_its_token) {
  const std::string cookie = begin(sessions_, "ann");
  const std::string token = cookie.substr(cookie.find('=') + 1);
  const std::string id = id_of(sessions_, cookie);
  ASSERT_THAT(id, StartsWith("h:"));
  const std::string list = ask({"sessions", "list", "values"});
  EXPECT_THAT(list, AllOf(HasSubstr("id, " + id + ", state, live, user, ann"),
                          HasSubstr("key_is_token, 1"), Not(HasSubstr(token))));
  EXPECT_EQ(ask({"sessions", "revoke", "id", id}), "1");
  EXPECT_FALSE(is_live(sessions_, cookie));
}

TEST(session_commands_of, need_managers_with_prefixes_of_their_own) {
  buntdb::database db = buntdb::database::in_memory();
  scs::session_manager sessions(std::make_unique<scs::stores::bunt>(db));
  EXPECT_THROW(scs::stores::session_commands(db, {}), scs::error);
  EXPECT_THROW(scs::stores::session_commands(db, {{}}), scs::error);
  EXPECT_THROW(scs::stores::session_commands(db, {{&sessions}, {&sessions}}), scs::error);
}

}  // namespace
