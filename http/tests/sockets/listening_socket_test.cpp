// Listening sockets: how processes share a port, how one process leaves it to another, and the
// protocols of service managers.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scs/http/detail/port_departure.hpp>
#include <scs/http/detail/service_manager.hpp>
#include <scs/http/listening_socket.hpp>

#include "raw_http.hpp"
#include "temporary_folder.hpp"

namespace scs::http {

namespace {

using namespace std::chrono_literals;

/// Returns the error of making the socket. Empty if it listens.
std::error_code failure_of(const listening_address& where) {
  try {
    const listening_socket made(where);
    return {};
  } catch (const std::system_error& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr(where.host + ":" + std::to_string(where.port)));
    return failure.code();
  }
}

/// Accepts connections, and keeps them open as a server does.
class acceptor {
 public:
  acceptor() = default;
  ~acceptor() {
    for (const int connection : accepted_)
      ::close(connection);
  }
  acceptor(const acceptor&) = delete;
  acceptor& operator=(const acceptor&) = delete;

  /// Accepts all connections that wait, and returns how many they are.
  int take_all(const listening_socket& socket) {
    int taken = 0;
    for (; detail::connection_waits(socket.handle()); ++taken)
      accepted_.push_back(::accept4(socket.handle(), nullptr, nullptr, SOCK_CLOEXEC));
    return taken;
  }

 private:
  std::vector<int> accepted_;
};

TEST(listening_socket, listens_on_an_address_and_a_port) {
  for (const char* host : {"127.0.0.1", "::1", "localhost", "0.0.0.0"}) {
    const listening_socket socket({.host = host});
    EXPECT_GT(socket.port(), 0) << host;
  }
  EXPECT_TRUE(is_listening(listening_socket({}).port()));
}

TEST(listening_socket, says_why_it_cannot_listen) {
  const listening_socket first({});
  EXPECT_EQ(failure_of({.port = first.port()}), std::errc::address_in_use);
  EXPECT_EQ(failure_of({.host = "nonsense"}), std::errc::invalid_argument);
  EXPECT_EQ(failure_of({.port = 70'000}), std::errc::invalid_argument);
  EXPECT_EQ(failure_of({.port = -1}), std::errc::invalid_argument);
  EXPECT_EQ(failure_of({.host = "192.0.2.1"}), std::errc::address_not_available);
}

TEST(listening_socket, shares_its_port_only_if_that_was_offered) {
  using enum port_sharing;
  const listening_socket alone({});
  EXPECT_EQ(failure_of({.port = alone.port(), .sharing = joined}), std::errc::address_in_use);
  const listening_socket offering({.sharing = offered});
  EXPECT_EQ(failure_of({.port = offering.port()}), std::errc::address_in_use);
  EXPECT_EQ(failure_of({.port = offering.port(), .sharing = offered}), std::errc::address_in_use);
  EXPECT_EQ(failure_of({.port = offering.port(), .sharing = joined}), std::error_code{});
  const listening_socket joining({.port = offering.port(), .sharing = joined});
  EXPECT_EQ(failure_of({.port = offering.port(), .sharing = joined}), std::error_code{});
}

TEST(listening_socket, closes_its_socket_and_can_be_moved) {
  listening_socket socket({});
  const int port = socket.port();
  {
    listening_socket moved = std::move(socket);
    EXPECT_EQ(moved.port(), port);
    EXPECT_EQ(socket.handle(), -1);
    socket = std::move(moved);
    EXPECT_EQ(socket.port(), port);
  }
  EXPECT_TRUE(is_listening(port));
  { const listening_socket gone = std::move(socket); }
  EXPECT_FALSE(is_listening(port));
}

/// Two sockets that share a port. The process of one is about to close it.
struct departure : testing::TestWithParam<bool> {
  departure() {
    first_ = std::make_unique<listening_socket>(listening_address{.sharing = port_sharing::joined});
    second_ = std::make_unique<listening_socket>(
        listening_address{.port = first_->port(), .sharing = port_sharing::joined});
  }
  listening_socket& leaving() { return GetParam() ? *first_ : *second_; }
  listening_socket& staying() { return GetParam() ? *second_ : *first_; }

  int take_all(const listening_socket& socket) { return server_.take_all(socket); }

  std::unique_ptr<listening_socket> first_;
  std::unique_ptr<listening_socket> second_;
  acceptor server_;
};

TEST_P(departure, leaves_new_connections_to_the_other_socket) {
  detail::port_departure leaves(leaving().handle());
  const auto begun = std::chrono::steady_clock::now();
  while (!leaves.step(std::chrono::steady_clock::now())) {
    ASSERT_LT(std::chrono::steady_clock::now() - begun, 10s);
    take_all(leaving());  // as the server does
    std::this_thread::sleep_for(detail::port_departure::pause);
  }
  take_all(staying());
  constexpr int visitors = 40;
  std::vector<std::unique_ptr<http_connection>> connections;
  for (int i = 0; i < visitors; ++i)
    connections.push_back(std::make_unique<http_connection>(staying().port()));
  EXPECT_EQ(take_all(staying()), visitors);
  EXPECT_EQ(take_all(leaving()), 0);
}

TEST_P(departure, does_not_end_while_a_connection_waits) {
  std::vector<std::unique_ptr<http_connection>> connections;
  while (!detail::connection_waits(leaving().handle()))
    connections.push_back(std::make_unique<http_connection>(leaving().port()));
  detail::port_departure leaves(leaving().handle());
  auto time = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(leaves.step(time += 10ms));
  take_all(leaving());
  bool ended = false;
  for (int i = 0; i < 1000 && !ended; ++i) {
    ended = leaves.step(time += 10ms);
    if (!ended) take_all(leaving());
  }
  EXPECT_TRUE(ended);
}

INSTANTIATE_TEST_SUITE_P(, departure, testing::Bool(), [](const auto& which) {
  return which.param ? "of_the_first" : "of_the_second";
});

TEST(port_departure, ends_where_nobody_else_listens) {
  const listening_socket alone({.sharing = port_sharing::joined});
  detail::port_departure leaves(alone.handle());
  const auto begun = std::chrono::steady_clock::now();
  acceptor server;
  int taken = 0;
  while (!leaves.step(std::chrono::steady_clock::now())) {
    ASSERT_LT(std::chrono::steady_clock::now() - begun, 10s);
    taken += server.take_all(alone);
    std::this_thread::sleep_for(detail::port_departure::pause);
  }
  EXPECT_EQ(taken, 2) << "one for each place that another process could have";
}

TEST(port_departure, ends_where_nobody_else_listens_although_visitors_keep_coming) {
  const listening_socket alone({.sharing = port_sharing::joined});
  detail::port_departure leaves(alone.handle());
  acceptor server;
  std::vector<std::unique_ptr<http_connection>> visitors;
  auto time = std::chrono::steady_clock::now();
  bool ended = false;
  for (int i = 0; i < 100 && !ended; ++i) {
    visitors.push_back(std::make_unique<http_connection>(alone.port()));
    ended = leaves.step(time += detail::port_departure::pause);  // while this connection waits
    server.take_all(alone);
  }
  EXPECT_TRUE(ended);
}

/// A child process that gets what a service manager passes.
struct passed_sockets : testing::Test {
  /// Returns the function's result in a child with these variables and its own LISTEN_PID.
  template <class Function>
  static int in_child(const char* count, const char* names, int passed, Function function) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(passed, 3);
      ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
      ::setenv("LISTEN_FDS", count, 1);
      if (names != nullptr) ::setenv("LISTEN_FDNAMES", names, 1);
      ::_exit(function());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static int taken_port(const char* name) {
    try {
      return listening_socket::passed(name).port() > 0 ? 0 : 1;
    } catch (const std::system_error&) {
      return 2;
    }
  }
};

TEST_F(passed_sockets, are_taken_by_name_or_as_the_first) {
  const listening_socket socket({});
  const auto take = [](const char* name) { return [name] { return taken_port(name); }; };
  EXPECT_EQ(in_child("1", nullptr, socket.handle(), take("")), 0);
  EXPECT_EQ(in_child("1", "web", socket.handle(), take("web")), 0);
  EXPECT_EQ(in_child("1", "web", socket.handle(), take("")), 0);
  EXPECT_EQ(in_child("1", "web", socket.handle(), take("other")), 2);
  EXPECT_EQ(in_child("0", nullptr, socket.handle(), take("")), 2);
  EXPECT_EQ(in_child("nonsense", nullptr, socket.handle(), take("")), 2);
  EXPECT_TRUE(is_listening(socket.port())) << "it outlives the process that took it";
}

TEST_F(passed_sockets, are_refused_if_they_do_not_listen) {
  const int unbound = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(in_child("1", nullptr, unbound, [] { return taken_port(""); }), 2);
  ::close(unbound);
}

TEST_F(passed_sockets, of_another_process_are_none) {
  const listening_socket socket({});
  const int found = in_child("1", nullptr, socket.handle(), [] {
    ::setenv("LISTEN_PID", "1", 1);
    return listening_socket::was_passed() ? 1 : taken_port("");
  });
  EXPECT_EQ(found, 2);
  EXPECT_FALSE(listening_socket::was_passed());
}

TEST(service_manager, is_told_by_a_datagram) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("notify");
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  EXPECT_TRUE(detail::tell_service_manager("READY=1"));
  std::string text(100, '\0');
  const ssize_t size = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
  EXPECT_EQ(text.substr(0, static_cast<std::size_t>(std::max<ssize_t>(size, 0))), "READY=1");
  ::close(socket);
  EXPECT_FALSE(detail::tell_service_manager("READY=1")) << "nobody listens there any more";
  ::setenv("NOTIFY_SOCKET", "nonsense", 1);
  EXPECT_FALSE(detail::tell_service_manager("READY=1"));
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_TRUE(detail::tell_service_manager("READY=1")) << "there is nobody to be told";
}

}  // namespace

}  // namespace scs::http
