#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>

#include "cookie/base64url.hpp"
#include "session_clock.hpp"

/// What docs/store-cookie.md shows.
scs::session_manager sessions_in_cookies(
    const std::string& secret, const std::string& previous_secret,
    const std::function<std::uint64_t(std::string_view)>& epoch_of_user);

namespace test {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using outcome = scs::open_result::outcome;

constexpr std::string_view name = "__Host-session";
const std::string secret = "a secret of thirty-two bytes, or more";
const std::string other_secret = "another one of thirty-two bytes, or more";

scs::stores::cookiestore store_with(std::vector<std::string> secrets) {
  return scs::stores::cookiestore{{.secrets = std::move(secrets)}};
}

/// What the statement throws must be an scs::error with this code; gives its text.
template <class Statement>
std::string text_of_error(scs::errc expected, Statement statement) {
  try {
    statement();
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), make_error_code(expected)) << failure.what();
    return failure.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

// --- base64url ---

TEST(base64url, gives_back_every_text_of_bytes) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(scs::stores::from_base64url(scs::stores::to_base64url(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
  EXPECT_EQ(scs::stores::to_base64url("\xFB\xEF\xFE?"), "--_-Pw");  // RFC 4648's alphabet
}

TEST(base64url, takes_no_second_text_for_the_same_bytes) {
  for (const char* text : {"A", "AB", "AAB", "AAAAA", "AA==", "AA\n", "A A", "+/+/", "Pz"}) {
    EXPECT_FALSE(scs::stores::from_base64url(text)) << text;
  }
}

// --- sealing ---

struct sealing : testing::Test {
  std::string seal(std::string payload = "payload", seconds lifetime = hours{1},
                   std::uint64_t epoch = 0) {
    return store.seal(name, {std::move(payload), now + lifetime, epoch});
  }
  outcome open(std::string_view value) { return store.open(name, value, now).result; }

  session_clock clock;
  scs::time_point now = clock.now();
  scs::stores::cookiestore store = store_with({secret});
};

TEST_F(sealing, gives_back_what_was_sealed) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U, 2900U}) {
    const std::string payload(size, '\x80');
    const auto opened = store.open(name, seal(payload, hours{1}, 1ULL << 63 | 5), now);
    ASSERT_EQ(opened.result, outcome::live) << size;
    EXPECT_EQ(opened.session.payload, payload);
    EXPECT_EQ(opened.session.expiry, now + hours{1});
    EXPECT_EQ(opened.session.epoch, 1ULL << 63 | 5);
    EXPECT_FALSE(opened.reseal);
  }
}

TEST_F(sealing, shows_nothing_of_the_payload_and_never_the_same_value_twice) {
  const std::string first = seal("the visitor's secret");
  EXPECT_NE(first, seal("the visitor's secret"));
  EXPECT_EQ(scs::stores::from_base64url(first)->find("secret"), std::string::npos);
  EXPECT_EQ(
      first.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
}

TEST_F(sealing, refuses_a_value_with_any_bit_flipped) {
  const std::string value = seal();
  for (std::size_t i = 0; i < value.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = value;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      EXPECT_EQ(open(changed), outcome::refused) << "character " << i << ", bit " << bit;
    }
  }
  // And of the bytes behind the text.
  const std::string bytes = scs::stores::from_base64url(value).value();
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string changed = bytes;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ 1 << i % 8);
    EXPECT_EQ(open(scs::stores::to_base64url(changed)), outcome::refused) << "bit " << i;
  }
  EXPECT_EQ(open(value), outcome::live);
}

TEST_F(sealing, refuses_a_value_that_was_cut_or_grew) {
  const std::string value = seal();
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_EQ(open(value.substr(0, size)), outcome::refused) << size;
    EXPECT_EQ(open(value.substr(value.size() - size)), outcome::refused) << size;
  }
  for (const char* more : {"A", "AA", "AAA", "AAAA", "=", " ", "\n"}) {
    EXPECT_EQ(open(value + more), outcome::refused);
  }
  const std::string second = seal();
  EXPECT_EQ(open(value + second), outcome::refused);
  EXPECT_EQ(open(value.substr(0, 60) + second.substr(60)), outcome::refused) << "two halves";
}

TEST_F(sealing, refuses_what_was_sealed_for_a_cookie_of_another_name) {
  const std::string value = seal();
  for (const char* other : {"session", "__Host-sessio", "__Host-session2", "__host-session", ""}) {
    EXPECT_EQ(store.open(other, value, now).result, outcome::refused) << other;
  }
}

TEST_F(sealing, refuses_what_another_secret_has_sealed) {
  EXPECT_EQ(store_with({other_secret}).open(name, seal(), now).result, outcome::refused);
  std::string nearly = secret;
  nearly.back() = static_cast<char>(nearly.back() ^ 1);
  EXPECT_EQ(store_with({nearly}).open(name, seal(), now).result, outcome::refused);
}

TEST_F(sealing, opens_with_old_secrets_and_seals_with_the_first) {
  const std::string old_value = seal();
  scs::stores::cookiestore rotated = store_with({other_secret, "a third " + secret, secret});
  const auto opened = rotated.open(name, old_value, now);
  EXPECT_EQ(opened.result, outcome::live);
  EXPECT_TRUE(opened.reseal);
  const std::string new_value = rotated.seal(name, opened.session);
  EXPECT_EQ(store.open(name, new_value, now).result, outcome::refused);
  const auto again = store_with({other_secret}).open(name, new_value, now);
  EXPECT_EQ(again.result, outcome::live);
  EXPECT_FALSE(again.reseal);
}

TEST_F(sealing, ends_at_its_expiry_to_the_nanosecond) {
  const std::string value = seal("payload", seconds{10});
  EXPECT_EQ(store.open(name, value, now + seconds{10} - nanoseconds{1}).result, outcome::live);
  EXPECT_EQ(store.open(name, value, now + seconds{10}).result, outcome::expired);
  EXPECT_EQ(store.open(name, value, scs::time_point::max()).result, outcome::expired);
  EXPECT_EQ(store.open(name, value, scs::time_point::min()).result, outcome::live)
      << "a clock that was put back";
  const auto endless = store.seal(name, {"x", scs::time_point::max(), 0});
  EXPECT_EQ(store.open(name, endless, now).result, outcome::live);
  const auto ancient = store.seal(name, {"x", scs::time_point::min(), 0});
  EXPECT_EQ(store.open(name, ancient, now).result, outcome::expired);
}

TEST_F(sealing, refuses_what_is_no_value_at_all) {
  for (const std::size_t size : {0U, 1U, 44U, 59U, 60U, 61U, 100U, 4096U, 4097U}) {
    EXPECT_EQ(open(std::string(size, 'A')), outcome::refused) << size;
  }
}

TEST_F(sealing, is_used_by_many_threads_at_once) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        const std::string payload = std::to_string(thread) + ' ' + std::to_string(i);
        const auto opened = store.open(name, seal(payload), now);
        ASSERT_EQ(opened.session.payload, payload);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

/// Cookies are in browsers when a server is updated. This one was sealed by another program (hmac,
/// hashlib and AESGCM of Python), from what sealing_key.hpp says alone.
TEST_F(sealing, opens_what_the_first_version_sealed) {
  const auto opened = store.open(
      name,
      "AXxE_DMAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhejP68vzLLO7Q59-kXF6_q9s_y1_0dsQAw_ryWGL0XdI4uAqTXT"
      "e0bTFfrn4svAGOakuszsf71vnUo7lQ",
      now);
  ASSERT_EQ(opened.result, outcome::live);
  EXPECT_EQ(opened.session.payload, "sealed by the first version");
  EXPECT_EQ(opened.session.expiry, scs::time_point{seconds{4'000'000'000}});
  EXPECT_EQ(opened.session.epoch, 7U);
}

TEST(cookiestore, refuses_options_without_a_good_secret) {
  text_of_error(scs::errc::invalid_options, [] { store_with({}); });
  const std::string text = text_of_error(scs::errc::invalid_options, [] {
    store_with({secret, "too short"});
  });
  EXPECT_NE(text.find("openssl rand -base64 32"), std::string::npos);
  EXPECT_EQ(text.find("too short"), std::string::npos) << "the secret stands in the error";
}

// --- sessions ---

std::string find_header(const std::vector<scs::header>& headers, std::string_view wanted) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const scs::header& header) { return header.name == wanted; });
  return found == headers.end() ? "" : found->value;
}

class cookie_sessions : public testing::Test {
 protected:
  void use(scs::session_options options, scs::stores::cookiestore_options store = {}) {
    options.clock = &clock_;
    options.on_event = [this](const scs::event& event) {
      EXPECT_FALSE(event.id);
      events_.push_back(event.kind);
    };
    if (store.secrets.empty()) store.secrets = {secret};
    sessions_ = std::make_unique<scs::session_manager>(
        std::make_unique<scs::stores::cookiestore>(std::move(store)), std::move(options));
  }
  void SetUp() override { use({.lifetime = hours{1}}); }

  scs::session load() const { return sessions_->load(std::string_view{cookie_}); }

  std::vector<scs::header> answer(scs::session& session) {
    return receive(sessions_->commit(session));
  }

  std::vector<scs::header> receive(std::vector<scs::header> headers) {
    set_cookie_ = find_header(headers, "Set-Cookie");
    if (!set_cookie_.empty()) {
      cookie_ = set_cookie_.substr(0, set_cookie_.find(';'));
      if (set_cookie_.find("Max-Age=0") != std::string::npos) cookie_.clear();
    }
    return headers;
  }

  /// One whole request.
  template <class Handler>
  std::vector<scs::header> visit(Handler handler) {
    scs::session session = load();
    handler(session);
    return answer(session);
  }

  void put(std::string_view key, int value) {
    visit([&](scs::session& session) { session.put(key, value); });
  }
  std::optional<int> get(std::string_view key) {
    std::optional<int> value;
    visit([&](scs::session& session) { value = session.get<int>(key); });
    return value;
  }
  /// What somebody sees who sends this cookie, whatever the browser has.
  std::optional<int> get_with(const std::string& cookie, std::string_view key) const {
    return sessions_->load(std::string_view{cookie}).get<int>(key);
  }

  long count(scs::event_kind kind) const {
    return std::count(events_.begin(), events_.end(), kind);
  }

  session_clock clock_;
  std::unique_ptr<scs::session_manager> sessions_;
  std::vector<scs::event_kind> events_;
  std::string cookie_;      // what the browser has
  std::string set_cookie_;  // of the last answer
};

TEST_F(cookie_sessions, live_in_the_cookie) {
  put("a", 1);
  EXPECT_TRUE(set_cookie_.starts_with("__Host-session=")) << set_cookie_;
  EXPECT_NE(set_cookie_.find("; Path=/; Expires="), std::string::npos) << set_cookie_;
  EXPECT_NE(set_cookie_.find("; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"), std::string::npos);
  const std::string first = cookie_;
  use({.lifetime = hours{1}});  // as if the server had been started anew
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(set_cookie_, "") << "nothing has changed";
  put("b", 2);
  EXPECT_NE(cookie_, first);
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), 2);
  EXPECT_EQ(count(scs::event_kind::created), 1);
}

TEST_F(cookie_sessions, cost_nothing_when_they_are_not_touched) {
  put("a", 1);
  const auto headers = visit([](scs::session&) {});
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(count(scs::event_kind::loaded), 0);
}

TEST_F(cookie_sessions, give_the_headers_that_others_give) {
  const auto written = visit([](scs::session& session) { session.put("a", 1); });
  EXPECT_EQ(find_header(written, "Cache-Control"), "no-store");
  EXPECT_EQ(find_header(written, "Vary"), "Cookie");
  const auto read = visit([](scs::session& session) { session.get<int>("a"); });
  EXPECT_EQ(find_header(read, "Cache-Control"), "");
  EXPECT_EQ(find_header(read, "Vary"), "Cookie");
}

TEST_F(cookie_sessions, keep_nothing_of_a_session_without_values) {
  visit([](scs::session& session) {
    session.put("a", 1);
    session.remove("a");
    session.renew();
    session.remember_me();
  });
  EXPECT_EQ(set_cookie_, "");
}

TEST_F(cookie_sessions, never_adopt_what_somebody_made_up) {
  for (const std::string& value :
       {std::string{"x"}, std::string(43, 'A'), std::string(200, 'A'), std::string(5000, 'A')}) {
    cookie_ = std::string{name} + "=" + value;
    put("a", 1);
    EXPECT_EQ(cookie_.find(value + ";"), std::string::npos);
    EXPECT_EQ(get("a"), 1);
  }
  EXPECT_EQ(count(scs::event_kind::cookie_refused), 3) << "the longest one is not even opened";
}

TEST_F(cookie_sessions, take_the_first_of_several_cookies_that_opens) {
  put("a", 1);
  const std::string good = cookie_;
  cookie_.clear();
  put("a", 2);
  const std::string bad = std::string{name} + "=" + std::string(100, 'A');
  EXPECT_EQ(get_with(bad + "; " + good + "; " + cookie_, "a"), 1);
  EXPECT_EQ(get_with(cookie_ + "; " + good, "a"), 2);
  std::string flood;
  for (int i = 0; i < 4; ++i)
    flood += std::string{name} + "=" + std::string(100 + static_cast<std::size_t>(i), 'A') + "; ";
  EXPECT_FALSE(get_with(flood + good, "a")) << "no more than four are looked at";
}

TEST_F(cookie_sessions, end_with_their_lifetime) {
  put("a", 1);
  clock_.advance(hours{1} - nanoseconds{1});
  EXPECT_EQ(get("a"), 1);
  clock_.advance(nanoseconds{1});
  EXPECT_FALSE(get("a"));
  EXPECT_EQ(count(scs::event_kind::expired), 1);
}

TEST_F(cookie_sessions, end_when_nobody_came_for_the_idle_timeout) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  const std::string first = cookie_;
  clock_.advance(seconds{59});
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(cookie_, first) << "less than a twentieth of the idle timeout: no new cookie";
  for (int i = 0; i < 3; ++i) {
    clock_.advance(minutes{15});
    EXPECT_EQ(get("a"), 1);
    EXPECT_NE(set_cookie_, "") << "the new expiry must reach the browser";
  }
  EXPECT_FALSE(get_with(first, "a")) << "its idle time is over, though the deadline is not";
  clock_.advance(minutes{15});
  EXPECT_FALSE(get("a")) << "activity does not extend the lifetime";

  cookie_.clear();
  put("a", 2);
  clock_.advance(minutes{20});
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_sessions, keep_a_cookie_that_follows_the_deadline_when_idle_time_is_extended) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  clock_.advance(minutes{10});
  get("a");
  EXPECT_NE(set_cookie_.find("; Max-Age=3000;"), std::string::npos) << set_cookie_;
}

TEST_F(cookie_sessions, vary_by_the_cookie_when_only_a_touch_sets_it) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  clock_.advance(minutes{10});
  const auto headers = visit([](scs::session& session) { session.touch(); });
  EXPECT_NE(find_header(headers, "Set-Cookie"), "");
  EXPECT_EQ(find_header(headers, "Vary"), "Cookie");
}

TEST_F(cookie_sessions, extend_their_idle_time_when_a_handler_throws_but_keep_none_of_its_changes) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  clock_.advance(minutes{15});
  scs::session session = load();
  session.put("a", 2);
  receive(sessions_->abandon(session));
  EXPECT_NE(set_cookie_, "");
  clock_.advance(minutes{15});
  EXPECT_EQ(get("a"), 1);
}

TEST_F(cookie_sessions, change_their_value_when_renewed) {
  cookie_.clear();
  put("basket", 1);
  const std::string planted = cookie_;  // by an attacker, who knows it
  clock_.advance(minutes{30});
  visit([](scs::session& session) {
    session.renew();
    session.put("account", 4711);
  });
  EXPECT_NE(cookie_, planted);
  EXPECT_EQ(get("basket"), 1);
  EXPECT_EQ(get("account"), 4711);
  EXPECT_FALSE(get_with(planted, "account")) << "what is put after the renewal is not in the old";
  EXPECT_EQ(count(scs::event_kind::renewed), 1);
  clock_.advance(minutes{59});
  EXPECT_EQ(get("account"), 4711) << "a renewal starts the lifetime anew";
  clock_.advance(minutes{1});
  EXPECT_FALSE(get("account"));
}

TEST_F(cookie_sessions, are_cleared_when_destroyed) {
  put("a", 1);
  const std::string before = cookie_;
  scs::session session = load();
  session.put("a", 2);
  session.destroy();
  EXPECT_FALSE(session.get<int>("a"));
  receive(sessions_->abandon(session));  // also with an error
  EXPECT_EQ(set_cookie_,
            "__Host-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; "
            "Secure; SameSite=Lax");
  EXPECT_EQ(count(scs::event_kind::destroyed), 1);
  EXPECT_EQ(get_with(before, "a"), 1) << "docs/store-cookie.md says so: a kept cookie is good";

  cookie_ = before;
  visit([](scs::session& s) {
    s.destroy();
    s.put("b", 3);
  });
  EXPECT_EQ(get("b"), 3);
  EXPECT_FALSE(get("a")) << "a new session";
}

/// What docs/store-cookie.md warns of.
TEST_F(cookie_sessions, open_old_values_until_they_expire_and_not_a_moment_longer) {
  put("credit", 100);
  const std::string kept = cookie_;
  put("credit", 0);
  EXPECT_EQ(get_with(kept, "credit"), 100);
  clock_.advance(hours{1});
  EXPECT_FALSE(get_with(kept, "credit"));
  EXPECT_FALSE(get("credit"));
}

/// And of this.
TEST_F(cookie_sessions, let_the_last_answer_win_when_requests_overlap) {
  put("a", 1);
  scs::session one = load();
  scs::session two = load();
  one.put("b", 2);
  two.put("c", 3);
  answer(one);
  answer(two);
  EXPECT_FALSE(get("b"));
  EXPECT_EQ(get("c"), 3);
}

TEST_F(cookie_sessions, refuse_at_the_commit_what_no_browser_keeps) {
  visit([](scs::session& session) { session.put("a", std::string(2700, 'x')); });
  EXPECT_LE(set_cookie_.size(), 4096U);
  scs::session session = load();
  session.put("b", std::string(400, 'x'));
  const std::string text = text_of_error(scs::errc::too_large, [&] { sessions_->commit(session); });
  EXPECT_NE(text.find("browsers keep 4096"), std::string::npos) << text;
  EXPECT_NE(text.find("makes a cookie of 4"), std::string::npos) << text;
  receive(sessions_->abandon(session));
  EXPECT_EQ(load().get<std::string>("a"), std::string(2700, 'x'));
  EXPECT_FALSE(load().exists("b"));
}

TEST_F(cookie_sessions, fill_a_cookie_to_its_last_byte) {
  std::size_t largest = 0;
  for (std::size_t size = 2800; size < 3100; ++size) {
    scs::session session = sessions_->load(std::string_view{});
    session.put("a", std::string(size, 'x'));
    try {
      const std::string cookie = find_header(sessions_->commit(session), "Set-Cookie");
      largest = std::max(largest, cookie.size());
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::too_large);
    }
  }
  EXPECT_LE(largest, 4096U);
  EXPECT_GE(largest, 4096U - 1);
}

TEST_F(cookie_sessions, clear_the_cookie_of_a_session_whose_deadline_was_set_to_the_past) {
  put("a", 1);
  visit([&](scs::session& session) { session.set_deadline(clock_.now()); });
  EXPECT_NE(set_cookie_.find("Max-Age=0"), std::string::npos) << set_cookie_;
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_sessions, follow_a_deadline_that_was_changed) {
  put("a", 1);
  visit([&](scs::session& session) { session.set_deadline(clock_.now() + minutes{1}); });
  EXPECT_NE(set_cookie_.find("Max-Age=60;"), std::string::npos) << set_cookie_;
  clock_.advance(seconds{60});
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_sessions, are_gone_for_a_commit_after_their_deadline) {
  put("a", 1);
  scs::session session = load();
  session.put("a", 2);
  clock_.advance(hours{1});
  text_of_error(scs::errc::session_gone, [&] { sessions_->commit(session); });
  EXPECT_EQ(find_header(sessions_->abandon(session), "Set-Cookie"), "");
}

TEST_F(cookie_sessions, remember_whether_they_outlive_the_browser) {
  use({.lifetime = hours{1}, .cookie = {.persist = false}});
  put("a", 1);
  EXPECT_EQ(set_cookie_.find("Max-Age"), std::string::npos);
  visit([](scs::session& session) { session.remember_me(); });
  EXPECT_NE(set_cookie_.find("Max-Age"), std::string::npos);
  put("a", 2);
  EXPECT_NE(set_cookie_.find("Max-Age"), std::string::npos);
}

TEST_F(cookie_sessions, update_a_value_in_the_request) {
  put("n", 1);
  const auto add = [](std::optional<int> n) { return n.value_or(0) + 1; };
  visit([&](scs::session& session) {
    EXPECT_EQ(session.update<int>("n", add), 2);
    EXPECT_EQ(session.update<int>("n", add), 3);
  });
  EXPECT_EQ(get("n"), 3);
}

TEST_F(cookie_sessions, can_be_committed_several_times) {
  scs::session session = load();
  session.put("a", 1);
  answer(session);
  EXPECT_EQ(session.token(), cookie_.substr(name.size() + 1));
  session.put("b", 2);
  EXPECT_EQ(session.get<int>("a"), 1);
  answer(session);
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), 2);
}

TEST_F(cookie_sessions, are_sealed_by_the_new_secret_when_the_old_one_is_on_its_way_out) {
  put("a", 1);
  use({.lifetime = hours{1}}, {.secrets = {other_secret, secret}});
  EXPECT_EQ(get("a"), 1);
  EXPECT_NE(set_cookie_, "");
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(set_cookie_, "") << "once";
  use({.lifetime = hours{1}}, {.secrets = {other_secret}});
  EXPECT_EQ(get("a"), 1);
  clock_.advance(hours{1});
  EXPECT_FALSE(get("a")) << "a new secret gives no new lifetime";
}

TEST_F(cookie_sessions, have_no_store_to_look_into_and_no_revocation_of_one) {
  text_of_error(scs::errc::not_supported, [&] { sessions_->store(); });
  text_of_error(scs::errc::not_supported, [&] { sessions_->revoke(scs::token::generate().id()); });
}

TEST_F(cookie_sessions, ask_only_in_load_where_that_is_wanted) {
  put("a", 1);
  scs::session session =
      sessions_->load(std::string_view{cookie_}, scs::load_policy::explicit_only);
  text_of_error(scs::errc::not_loaded, [&] { session.get<int>("a"); });
  session.load();
  EXPECT_EQ(session.get<int>("a"), 1);
}

TEST_F(cookie_sessions, go_on_with_a_new_session_when_a_payload_cannot_be_decoded) {
  scs::stores::cookiestore store = store_with({secret});
  cookie_ = std::string{name} + "=" + store.seal(name, {"no JSON", clock_.now() + hours{1}, 0});
  EXPECT_FALSE(get("a"));
  EXPECT_EQ(count(scs::event_kind::payload_undecodable), 1);
}

TEST_F(cookie_sessions, work_as_the_page_on_them_shows) {
  scs::session_manager sessions =
      sessions_in_cookies(secret, other_secret, [](std::string_view) { return 0; });
  scs::session session = sessions.load(std::string_view{});
  session.put("a", 1);
  const std::string cookie = find_header(sessions.commit(session), "Set-Cookie");
  EXPECT_EQ(sessions.load(cookie.substr(0, cookie.find(';'))).get<int>("a"), 1);
}

// --- users and their epochs ---

class cookie_users : public cookie_sessions {
 protected:
  void SetUp() override {
    use({.lifetime = hours{1}}, {.epoch_of = [this](std::string_view user) {
          if (epochs_fail_) throw std::runtime_error("the table of users is down");
          return epochs_[std::string{user}];
        }});
  }

  /// A browser's cookie for a session of this user.
  std::string cookie_of(const std::string& user) {
    const auto deadline = (clock_.now() + hours{1}).time_since_epoch().count();
    scs::stores::cookiestore store = store_with({secret});
    return std::string{name} + "=" +
           store.seal(name, {R"({"data":{"a":1},"deadline":)" + std::to_string(deadline) +
                                 R"(,"user":")" + user + "\"}",
                             clock_.now() + hours{1}, epochs_[user]});
  }

  std::map<std::string, std::uint64_t> epochs_;
  bool epochs_fail_ = false;
};

TEST_F(cookie_users, lose_all_their_sessions_when_their_epoch_is_raised) {
  epochs_["ann"] = 5;
  const std::string tom = cookie_of("tom");
  const std::string ann = cookie_of("ann");
  EXPECT_EQ(get_with(tom, "a"), 1);
  EXPECT_EQ(get_with(ann, "a"), 1);
  ++epochs_["tom"];
  EXPECT_FALSE(get_with(tom, "a"));
  EXPECT_EQ(count(scs::event_kind::cookie_refused), 1);
  EXPECT_EQ(get_with(ann, "a"), 1);
  EXPECT_EQ(get_with(cookie_of("tom"), "a"), 1) << "logged in again";
}

TEST_F(cookie_users, lose_also_the_session_of_a_request_that_is_under_way) {
  cookie_ = cookie_of("tom");
  scs::session session = load();
  session.put("b", 2);
  ++epochs_["tom"];
  answer(session);
  EXPECT_NE(set_cookie_, "");
  EXPECT_FALSE(get("b"));
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_users, keep_their_sessions_from_request_to_request) {
  epochs_["tom"] = 3;
  cookie_ = cookie_of("tom");
  put("b", 2);
  visit([](scs::session& session) { session.renew(); });
  put("c", 3);
  EXPECT_EQ(get("b"), 2);
  ++epochs_["tom"];
  EXPECT_FALSE(get("b"));
}

TEST_F(cookie_users, get_the_present_epoch_when_they_log_in) {
  epochs_["tom"] = 3;
  visit([](scs::session& session) {
    session.renew();
    session.set_user("tom", "a browser");
  });
  const std::string elsewhere = cookie_;
  cookie_.clear();
  visit([](scs::session& session) {
    session.set_user("tom");
    session.put("a", 1);
  });
  EXPECT_EQ(load().user(), "tom");
  // "Log out everywhere else": raise the epoch, and log this one in again.
  visit([&](scs::session& session) {
    EXPECT_EQ(session.user(), "tom");
    ++epochs_["tom"];
    session.set_user("tom");
  });
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(load().user(), "tom");
  EXPECT_EQ(sessions_->load(std::string_view{elsewhere}).user(), "");
}

TEST_F(cookie_users, leave_their_session_behind_when_somebody_else_logs_in) {
  epochs_["ann"] = 7;
  cookie_ = cookie_of("tom");
  visit([](scs::session& session) { session.set_user("ann"); });
  ++epochs_["tom"];
  EXPECT_EQ(get("a"), 1);
  ++epochs_["ann"];
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_users, are_not_taken_for_logged_out_when_their_epoch_cannot_be_told) {
  cookie_ = cookie_of("tom");
  epochs_fail_ = true;
  scs::session session = load();
  text_of_error(scs::errc::store_failed, [&] { session.get<int>("a"); });
  text_of_error(scs::errc::store_failed, [&] { sessions_->commit(session); });
  EXPECT_EQ(find_header(sessions_->abandon(session), "Set-Cookie"), "");
  epochs_fail_ = false;
  EXPECT_EQ(get("a"), 1);
}

TEST_F(cookie_sessions, need_a_store) {
  text_of_error(scs::errc::invalid_options,
                [] { scs::session_manager sessions{std::unique_ptr<scs::client_store>{}}; });
}

}  // namespace

}  // namespace test
