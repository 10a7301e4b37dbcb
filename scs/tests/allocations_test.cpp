// How many allocations a request makes. A separate program, because it replaces operator new.

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

#include "counted_allocations.hpp"

namespace {

using test::allocated;

struct allocations_of_a_request : testing::Test {
  allocations_of_a_request() {
    scs::session session = sessions.load(std::string_view{});
    session.put("user", "somebody with a name of some length");
    session.put("count", 41);
    session.put("roles", "reader,writer,administrator");
    const std::string set = sessions.commit(session).at(0).value;
    cookie = "theme=dark; " + set.substr(0, set.find(';')) + "; other=1";
    read();  // allocates what each thread allocates once
    write();
  }

  void read() {
    scs::session session = sessions.load(cookie);
    if (session.get<int>("count") < 41) std::abort();
    sessions.commit(session);
  }
  void write() {
    scs::session session = sessions.load(cookie);
    session.put("count", session.get<int>("count").value() + 1);
    sessions.commit(session);
  }

  scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                {.idle_timeout = std::chrono::minutes{20}}};
  std::string cookie;
};

TEST_F(allocations_of_a_request, are_at_most_six_to_read) {
  const std::size_t before = allocated.count;
  read();
  EXPECT_LE(allocated.count - before, 6U);
  std::printf("%zu allocations to read\n", allocated.count - before);
}

TEST_F(allocations_of_a_request, are_no_more_for_a_users_session_with_figures) {
  scs::session_manager measured{
      std::make_unique<scs::stores::memory>(),
      {.idle_timeout = std::chrono::minutes{20}, .metrics = std::make_shared<scs::metrics>()}};
  scs::session login = measured.load(std::string_view{});
  login.put("count", 41);
  login.set_user("somebody with a name of some length", "a browser that is called so or so");
  const std::string set = measured.commit(login).at(0).value;
  cookie = set.substr(0, set.find(';'));
  const auto request = [&] {
    scs::session session = measured.load(cookie);
    if (session.get<int>("count") != 41) std::abort();
    measured.commit(session);
  };
  request();
  const std::size_t before = allocated.count;
  request();
  EXPECT_LE(allocated.count - before, 6U);
}

TEST_F(allocations_of_a_request, are_few_to_write) {
  const std::size_t before = allocated.count;
  write();
  EXPECT_LE(allocated.count - before, 14U);
  std::printf("%zu allocations to read and write\n", allocated.count - before);
}

TEST_F(allocations_of_a_request, are_one_if_the_session_is_not_used) {
  const std::size_t before = allocated.count;
  scs::session session = sessions.load(cookie);
  sessions.commit(session);
  EXPECT_EQ(allocated.count - before, 1U);
}

TEST_F(allocations_of_a_request, take_little_time) {
  constexpr int requests = 20'000;
  const auto time = [](auto request) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < requests; ++i)
      request();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
               .count() /
           requests;
  };
  std::printf("%.2f us to read, %.2f us to read and write\n", time([this] { read(); }),
              time([this] { write(); }));
}

}  // namespace
