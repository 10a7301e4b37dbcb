// A standby does not know the last changes, so nothing is read from it.

#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres_store.hpp"

namespace test {

namespace {

using scs::stores::postgres;
using scs::stores::postgres_options;

std::string failure_to_load(scs::session_manager& sessions, const std::string& cookie) {
  try {
    sessions.load(std::string_view{cookie}).user();
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::store_failed);
    return failure.what();
  }
  ADD_FAILURE() << "a standby has answered";
  return {};
}

TEST(postgres_standby, answers_no_load_until_it_is_the_primary) {
  postgres_server server;
  session_clock clock;
  postgres_options options = options_for(clock);
  options.connection = server.conninfo();
  scs::session_manager sessions{std::make_unique<postgres>(options),
                                {.cookie = {.secure = false}, .clock = &clock}};
  scs::session session = sessions.load("");
  session.set_user("tom");
  sessions.commit(session);
  const std::string cookie = sessions.cookie_name() + "=" + session.token();
  EXPECT_EQ(sessions.load(std::string_view{cookie}).user(), "tom");

  server.stop();
  std::ofstream{server.folder() / "data" / "standby.signal"} << "";
  server.start();
  ASSERT_EQ(server.sql("SELECT pg_is_in_recovery()"), "t");
  // The first failure may be that of the connection that the restart has closed.
  failure_to_load(sessions, cookie);
  EXPECT_NE(failure_to_load(sessions, cookie).find("standby"), std::string::npos);

  ASSERT_EQ(server.sql("SELECT pg_promote()"), "t");
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  std::string user;
  while (user.empty() && std::chrono::steady_clock::now() < give_up) {
    try {
      user = sessions.load(std::string_view{cookie}).user();
    } catch (const scs::error&) {
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(user, "tom");
}

}  // namespace

}  // namespace test
