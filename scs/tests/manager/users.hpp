#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "world.hpp"

namespace test {

/// For rule 12 (users) of docs/session-rules.md: all sessions of a user.
struct users : testing::Test {
  test::world world{{.idle_timeout = minutes{20}}};

  static void log_in(browser& visitor, std::string_view user, std::string_view where = "") {
    visitor.visit([&](scs::session& session) {
      session.renew();
      session.set_user(user, where);
    });
  }

  std::vector<std::string> places_of(std::string_view user) {
    std::vector<std::string> places;
    for (const scs::user_session& session : world.sessions.sessions_of(user))
      places.push_back(session.where);
    return places;
  }

  std::size_t count_of(std::string_view user) { return world.sessions.sessions_of(user).size(); }

  static std::string user_of(browser& visitor) {
    scs::session session = visitor.request();
    return session.user();
  }
};

using places = std::vector<std::string>;

}  // namespace test
