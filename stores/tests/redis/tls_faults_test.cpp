// Failures of TLS, and the time that they take.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "impatient_store.hpp"
#include "redis/connection/socket.hpp"
#include "redis/protocol/failure.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_options;
using scs::stores::redis_tls;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

sockaddr_in loopback(int port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(static_cast<std::uint16_t>(port));
  return where;
}

/// Passes the bytes of a server on, with a pause after each, or passes only the first bytes on and
/// then closes the connection. Serves one connection at a time.
class slow_proxy {
 public:
  slow_proxy(int server_port, std::size_t most_bytes, milliseconds pause)
      : server_port_(server_port), most_bytes_(most_bytes), pause_(pause) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where = loopback(0);
    socklen_t size = sizeof where;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&where), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot listen");
    }
    port_ = ntohs(where.sin_port);
    thread_ = std::thread([this] {
      for (int client = 0; (client = ::accept(listener_, nullptr, nullptr)) >= 0;) {
        serve(client);
        ::close(client);
      }
    });
  }
  ~slow_proxy() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  slow_proxy(const slow_proxy&) = delete;
  slow_proxy& operator=(const slow_proxy&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// How many bytes from the server were passed on.
  std::size_t passed() const noexcept { return passed_; }

 private:
  void serve(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in where = loopback(server_port_);
    ::connect(server, reinterpret_cast<const sockaddr*>(&where), sizeof where);
    char buffer[16384];
    for (passed_ = 0; !ending_;) {
      pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      ::poll(both, 2, 20);
      if (both[0].revents != 0) {
        const ssize_t size = ::recv(client, buffer, sizeof buffer, 0);
        if (size <= 0) break;
        ::send(server, buffer, static_cast<std::size_t>(size), MSG_NOSIGNAL);
      }
      if (both[1].revents != 0) {
        const std::size_t left = most_bytes_ - passed_;
        if (left == 0) break;
        const std::size_t most = pause_ > 0ms ? 1 : std::min(sizeof buffer, left);
        const ssize_t size = ::recv(server, buffer, most, 0);
        if (size <= 0) break;
        std::this_thread::sleep_for(pause_);  // the pause is what is tested
        ::send(client, buffer, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        passed_ += static_cast<std::size_t>(size);
      }
    }
    ::close(server);
  }

  const int server_port_;
  const std::size_t most_bytes_;
  const milliseconds pause_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<std::size_t> passed_ = 0;
  std::thread thread_;
};

redis_options options_through(const std::string& address) {
  return {.servers = {address},
          .tls = redis_tls::required,
          .tls_ca_file = shared_authority().file(),
          .timeout = timeout,
          .connect_timeout = timeout,
          .reconnect_pause_min = 1ms,
          .max_reconnect_pause = 1ms};
}

constexpr std::size_t all_bytes = static_cast<std::size_t>(-1) / 2;

TEST(redis_tls_faults, a_server_that_closes_anywhere_in_the_handshake_or_its_first_answers) {
  std::size_t whole = 0;
  {
    slow_proxy proxy{shared_tls_server().port(), all_bytes, 0ms};
    redis store{options_through(proxy.address())};
    store.find(new_id());
    whole = proxy.passed();
  }
  ASSERT_GT(whole, 500U);
  for (std::size_t bytes = 0; bytes < whole; bytes += 97) {
    slow_proxy proxy{shared_tls_server().port(), bytes, 0ms};
    redis store{options_through(proxy.address())};
    const failure_seen seen = failure_of([&] { store.find(new_id()); });
    EXPECT_THAT(seen.text,
                AnyOf(HasSubstr("closed the connection"), HasSubstr("the connection is lost")))
        << bytes;
    EXPECT_THAT(seen.text, HasSubstr(proxy.address()));
    EXPECT_LT(seen.after, timeout + margin);
  }
}

TEST(redis_tls_faults, a_handshake_that_takes_too_long) {
  slow_proxy drip{shared_tls_server().port(), all_bytes, 3ms};  // about a thousand bytes
  redis store{options_through(drip.address())};
  const failure_seen seen = failure_of([&] { store.find(new_id()); });
  EXPECT_THAT(seen.text, HasSubstr("does not answer in time, during the TLS handshake"));
  EXPECT_LT(seen.after, timeout + margin);

  slow_proxy silent{shared_tls_server().port(), 0, 0ms};
  redis_server frozen{{}, shared_authority().issue("IP:127.0.0.1")};
  frozen.freeze();
  redis waiting{options_through(frozen.address())};
  const failure_seen waited = failure_of([&] { waiting.find(new_id()); });
  EXPECT_THAT(waited.text, HasSubstr("during the TLS handshake"));
  EXPECT_LT(waited.after, timeout + margin);
  frozen.thaw();
}

TEST(redis_tls_faults, a_server_that_stands_still_in_the_middle_of_a_call) {
  redis_server server{{}, shared_authority().issue("IP:127.0.0.1")};
  redis store{options_through(server.address())};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  server.freeze();
  EXPECT_LT(failure_of([&] { store.find(id); }).after, timeout + margin) << "reading";
  server.thaw();
  EXPECT_TRUE(eventually([&] {
    try {
      return store.find(id).has_value();
    } catch (const scs::error&) {
      return false;
    }
  }));
  server.freeze();
  // More than the system buffers for a process that does not read.
  const std::string payload(32'000'000, 'x');
  const failure_seen seen =
      failure_of([&] { store.commit(new_id(), payload, in(1h), std::nullopt, ""); });
  EXPECT_THAT(seen.text, HasSubstr("may have taken place or not"));
  EXPECT_LT(seen.after, timeout + margin) << "writing";
  server.thaw();
}

TEST(redis_tls_faults, a_server_that_speaks_no_tls) {
  EXPECT_THAT(
      failure_of([&] { redis{options_through(shared_server().address())}.find(new_id()); }).text,
      HasSubstr("does it speak TLS on this port?"));
  redis plain{options_for(shared_tls_server())};
  EXPECT_THAT(failure_of([&] { plain.find(new_id()); }).text,
              HasSubstr(shared_tls_server().address()));
}

TEST(redis_tls_faults, a_child_that_closes_its_copy_of_a_connection) {
  redis store{options_through(shared_tls_server().address())};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  const long long before = shared_tls_server().info("total_connections_received");
  const pid_t child = ::fork();
  if (child == 0) {
    bool found = false;
    try {
      found = store.find(id).has_value();  // over a new connection
    } catch (...) {
    }
    ::_exit(found ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(store.find(id));
  // The child's connection, and that of info() itself.
  EXPECT_EQ(shared_tls_server().info("total_connections_received"), before + 2);
}

// If a server sends without end, bytes may always be available.
TEST(redis_tls_faults, bytes_that_are_there_after_the_deadline_are_too_late) {
  using scs::stores::redis_detail::connection_failure;
  using scs::stores::redis_detail::deadline;
  redis_server& server = shared_server();
  scs::stores::redis_detail::socket connected{
      {"127.0.0.1", static_cast<std::uint16_t>(server.port())}, 1s, deadline::in(5s)};
  connected.send("PING\r\n", deadline::in(5s));
  ASSERT_TRUE(eventually([&] { return !connected.silent(); }));
  char buffer[100];
  EXPECT_THROW(connected.receive(buffer, deadline::in(0ms)), connection_failure);
  EXPECT_EQ(connected.receive(buffer, deadline::in(5s)), 7U);
}

}  // namespace

}  // namespace test
