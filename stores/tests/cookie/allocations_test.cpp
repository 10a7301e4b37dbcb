// How much memory an attacker's cookie can make the server allocate. Replaces operator new for the
// whole program.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>

#include "counted_allocations.hpp"

namespace {

using test::allocated;

struct a_hostile_cookie : testing::Test {
  /// Measures the bytes that opening the session allocates: the sum, and the maximum at one time.
  void open(const std::string& cookie) {
    for (const bool measured : {false, true}) {  // first run: what a thread allocates once
      allocated = {};
      scs::session session = sessions.load(std::string_view{cookie});
      EXPECT_FALSE(session.exists("key"));
      if (measured) return;
    }
  }

  scs::session_manager sessions{std::make_unique<scs::stores::cookie>(
      scs::stores::cookie_options{.secrets = {std::string(32, 's'), std::string(32, 't')}})};
  const std::string name = sessions.cookie_name() + "=";
};

TEST_F(a_hostile_cookie, costs_no_more_than_a_cookie_of_honest_size) {
  open(name + std::string(4096, 'A'));
  EXPECT_GT(allocated.largest, 3000U) << "it is opened";
  EXPECT_LE(allocated.largest, 4097U);
  open(name + std::string(std::size_t{10} << 20, 'A'));
  EXPECT_LT(allocated.largest, 2000U) << "it is not";
}

TEST_F(a_hostile_cookie, costs_no_more_for_coming_a_thousand_times) {
  std::string cookies;
  for (int i = 0; i < 1000; ++i)
    cookies += name + std::string(4090, 'A') + std::to_string(1000 + i) + "; ";
  open(cookies);
  EXPECT_LE(allocated.largest, 4097U);
  EXPECT_LE(allocated.bytes, 4 * 3 * 4097U) << "four are opened";
}

TEST_F(a_hostile_cookie, costs_nothing_in_the_store_either_when_it_is_too_long) {
  scs::stores::cookie store{{.secrets = {std::string(32, 's')}}};
  const std::string value(std::size_t{10} << 20, 'A');
  const auto now = scs::clock::system().now();
  allocated = {};
  EXPECT_EQ(store.open("session", value, now).result, scs::open_result::outcome::refused);
  EXPECT_EQ(allocated.count, 0U);
}

}  // namespace
