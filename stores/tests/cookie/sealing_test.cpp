// The contents of a cookie's value, and which values are refused.

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>

#include "cookie/base64url.hpp"
#include "cookie_sessions.hpp"

namespace test {

namespace {

using outcome = scs::open_result::outcome;

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
  scs::stores::cookie store = store_with({secret});
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
  // And of the bytes after the text.
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
  for (const char* other : {"session", "__Host-Http-sessio", "__Host-Http-session2",
                            "__host-http-session", "__Host-session", ""}) {
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
  scs::stores::cookie rotated = store_with({other_secret, "a third " + secret, secret});
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

/// Browsers keep cookies when a server is updated. Another program (with hmac, hashlib and AESGCM
/// of Python) sealed this one, written only from the description in sealing_key.hpp.
TEST_F(sealing, opens_what_the_first_version_sealed) {
  const auto opened = store.open(
      "__Host-session",
      "AXxE_DMAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhejP68vzLLO7Q59-kXF6_q9s_y1_0dsQAw_ryWGL0XdI4uAqTXT"
      "e0bTFfrn4svAGOakuszsf71vnUo7lQ",
      now);
  ASSERT_EQ(opened.result, outcome::live);
  EXPECT_EQ(opened.session.payload, "sealed by the first version");
  EXPECT_EQ(opened.session.expiry, scs::time_point{seconds{4'000'000'000}});
  EXPECT_EQ(opened.session.epoch, 7U);
}

TEST(cookie, refuses_options_without_a_good_secret) {
  text_of_error(scs::errc::invalid_options, [] { store_with({}); });
  const std::string text = text_of_error(scs::errc::invalid_options, [] {
    store_with({secret, "too short"});
  });
  EXPECT_NE(text.find("openssl rand -base64 32"), std::string::npos);
  EXPECT_EQ(text.find("too short"), std::string::npos) << "the secret stands in the error";
}

}  // namespace

}  // namespace test
