// Exceptions of other libraries' stores and codecs may quote their arguments. If an argument could
// open a session, no text, event or log may contain it.

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/client_store.hpp>
#include <scs/payload_codec.hpp>

#include "world.hpp"

namespace test {

namespace {

using testing::HasSubstr;
using testing::Not;

enum class wrapping { none, in_our_error, no_exception };

[[noreturn]] void throw_quoting(std::string_view secret, wrapping how) {
  const std::string text = "no such key: " + std::string{secret};
  if (how == wrapping::no_exception) throw text;
  if (how == wrapping::none) throw std::runtime_error(text);
  try {
    throw std::runtime_error(text);
  } catch (...) {
    std::throw_with_nested(scs::error(scs::errc::store_full, "this store is full"));
  }
}

/// Keeps nothing. From some moment on, each function fails with a message that contains the id.
class quoting_store final : public scs::store {
 public:
  explicit quoting_store(wrapping how) : how_(how) {}

  std::optional<scs::record> find(const scs::session_id& id) override { fail(id); }
  scs::commit_result commit(const scs::session_id& id, std::string_view, scs::time_point,
                            const std::optional<std::string>&, std::string_view) override {
    fail(id);
  }
  bool touch(const scs::session_id& id, scs::time_point) override { fail(id); }
  std::optional<scs::record> erase(const scs::session_id& id) override { fail(id); }
  void for_each(const visitor&) override { throw_quoting(last, how_); }
  void for_each_of_user(std::string_view, const visitor&) override { throw_quoting(last, how_); }

  std::string last = "none";

 private:
  [[noreturn]] void fail(const scs::session_id& id) {
    last = id.text();
    throw_quoting(id.text(), how_);
  }

  const wrapping how_;
};

/// Collects the message of each failing call in every form in which it can be logged.
struct written_texts {
  scs::session_options options{
      .on_event = [this](const scs::event& event) { texts += scs::log_line(event) + '\n'; }};

  template <class Call>
  void failing(Call call) {
    try {
      call();
      ADD_FAILURE() << "it did not fail";
    } catch (const scs::error& failure) {
      texts.append(failure.what()).append(1, '\n');
      texts += scs::describe(std::current_exception()) + '\n';
    }
  }

  std::string texts;
};

struct quoted_ids : testing::TestWithParam<wrapping>, written_texts {
  std::string texts_under(scs::id_mode mode) {
    texts.clear();
    options.ids = mode;
    auto made = std::make_unique<quoting_store>(GetParam());
    quoting_store& store = *made;
    scs::session_manager sessions{std::move(made), options};
    const std::string cookie = sessions.cookie_name() + '=' + new_token();
    scs::session found = sessions.load(std::string_view{cookie});
    failing([&] { found.exists("x"); });
    failing([&] { found.destroy(); });
    id = store.last;
    scs::session fresh = sessions.load(std::string_view{});
    fresh.put("x", 1);
    failing([&] { sessions.commit(fresh); });  // and the event cleanup_failed
    failing([&] { sessions.sessions_of("ann"); });
    failing([&] { sessions.iterate([](scs::session&) { return scs::visit::next; }); });
    fresh_id = store.last;
    return texts;
  }

  std::string id, fresh_id;
};

TEST_P(quoted_ids, are_told_where_they_are_hashes_and_nowhere_where_they_are_tokens) {
  const std::string raw = texts_under(scs::id_mode::raw);
  EXPECT_THAT(raw, Not(HasSubstr(id)));
  EXPECT_THAT(raw, Not(HasSubstr(fresh_id)));
  EXPECT_THAT(raw, Not(HasSubstr("no such key")));
  EXPECT_THAT(raw, HasSubstr("cleanup_failed"));
  EXPECT_THAT(raw, HasSubstr(GetParam() == wrapping::in_our_error ? "this store is full"
                                                                  : "the session store failed"));
  const std::string hashed = texts_under(scs::id_mode::hashed);
  if (GetParam() == wrapping::no_exception) return;  // which has no text
  EXPECT_THAT(hashed, HasSubstr("no such key: " + id)) << "or the search finds nothing";
}

INSTANTIATE_TEST_SUITE_P(exceptions, quoted_ids,
                         testing::Values(wrapping::none, wrapping::in_our_error,
                                         wrapping::no_exception));

struct quoting_client_store final : scs::client_store {
  scs::open_result open(std::string_view, std::string_view value, scs::time_point) override {
    throw_quoting(value, wrapping::none);
  }
  std::string seal(std::string_view, const scs::sealed_session& session) override {
    throw_quoting(session.payload, wrapping::none);
  }
  std::uint64_t epoch_of(std::string_view user) override { throw_quoting(user, wrapping::none); }
};

struct quoted_cookies : testing::Test, written_texts {};

TEST_F(quoted_cookies, are_told_nowhere) {
  scs::session_manager sessions{std::make_unique<quoting_client_store>(), options};
  const std::string cookie = sessions.cookie_name() + "=sealed-value";
  scs::session session = sessions.load(std::string_view{cookie});
  failing([&] { session.exists("x"); });
  scs::session fresh = sessions.load(std::string_view{});
  fresh.put("cart", "confidential");
  failing([&] { sessions.commit(fresh); });
  EXPECT_THAT(texts, HasSubstr("the session store failed"));
  EXPECT_THAT(texts, Not(HasSubstr("sealed-value")));
  EXPECT_THAT(texts, Not(HasSubstr("confidential")));
  scs::session login = sessions.load(std::string_view{});
  login.set_user("ann");
  failing([&] { sessions.commit(login); });
  EXPECT_THAT(texts, HasSubstr("no such key: ann")) << "that is for the log";
}

/// Quotes the payload, in which a tombstone contains the id of another session.
struct quoting_codec final : scs::payload_codec {
  std::string encode(const scs::payload& contents) const override {
    return scs::json_codec{}.encode(contents);
  }
  scs::payload decode(std::string_view text) const override { throw_quoting(text, wrapping::none); }
};

struct quoted_payloads : testing::Test, written_texts {};

TEST_F(quoted_payloads, are_told_where_ids_are_hashes_and_nowhere_where_they_are_tokens) {
  for (const scs::id_mode mode : {scs::id_mode::hashed, scs::id_mode::raw}) {
    texts.clear();
    options.ids = mode;
    options.codec = std::make_shared<quoting_codec>();
    scs::session_manager sessions{std::make_unique<scs::stores::memory>(), options};
    const std::string token = new_token();
    const auto id = scs::token::parse(token)->id(mode);
    sessions.store().commit(id, "leads to a token", sessions.options().clock->now() + hours{1},
                            std::nullopt, {});
    const std::string cookie = sessions.cookie_name() + '=' + token;
    EXPECT_FALSE(sessions.load(std::string_view{cookie}).exists("x"));
    EXPECT_THAT(texts, HasSubstr("payload_undecodable"));
    if (mode == scs::id_mode::raw) {
      EXPECT_THAT(texts, Not(HasSubstr("leads to a token")));
    } else {
      EXPECT_THAT(texts, HasSubstr("leads to a token"));
    }
  }
}

}  // namespace

}  // namespace test
