// The store's errors for a program that answers but is not the expected server.

#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "impatient_store.hpp"

namespace test {

namespace {

using scs::stores::redis;
using scs::stores::redis_options;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

TEST(redis_faults, a_cluster_node_taken_for_a_single_server) {
  redis_server server{{"--cluster-enabled", "yes"}};
  redis store{options_for(server)};
  EXPECT_THAT(failure_of([&] { store.find(new_id()); }).text,
              AnyOf(HasSubstr("CLUSTERDOWN"), HasSubstr("mode to cluster")));
}

TEST(redis_faults, a_single_server_taken_for_a_cluster) {
  redis_server server;
  redis_options options = options_for(server);
  options.mode = scs::stores::redis_mode::cluster;
  redis store{options};
  const auto failed = failure_of([&] { store.find(new_id()); });
  EXPECT_THAT(failed.text, HasSubstr("cluster support disabled"));
  EXPECT_LT(failed.after, timeout + margin);
}

/// Listens, and sends the same bytes to each connection.
class scripted_server {
 public:
  explicit scripted_server(std::string bytes) : bytes_(std::move(bytes)) {
    handle_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    ::bind(handle_, reinterpret_cast<sockaddr*>(&where), size);
    ::listen(handle_, 16);
    ::getsockname(handle_, reinterpret_cast<sockaddr*>(&where), &size);
    port_ = ntohs(where.sin_port);
    thread_ = std::thread([this] {
      for (int client = 0; (client = ::accept(handle_, nullptr, nullptr)) >= 0;) {
        char ignored[1000];
        [[maybe_unused]] auto got = ::recv(client, ignored, sizeof ignored, 0);
        ::send(client, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
        got = ::recv(client, ignored, sizeof ignored, 0);  // until the other side closes
        ::close(client);
      }
    });
  }
  ~scripted_server() {
    ::shutdown(handle_, SHUT_RDWR);
    thread_.join();
    ::close(handle_);
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  redis_options options() const {
    return {.servers = {"127.0.0.1:" + std::to_string(port_)},
            .timeout = timeout,
            .connect_timeout = timeout};
  }

 private:
  std::string bytes_;
  int handle_ = -1;
  int port_ = 0;
  std::thread thread_;
};

TEST(redis_faults, a_clock_that_is_wrong) {
  scripted_server server{"*1\r\n$6\r\nmaster\r\n*2\r\n$10\r\n1000000000\r\n$1\r\n0\r\n"};  // 2001
  redis store{server.options()};
  EXPECT_THAT(failure_of([&] { store.find(new_id()); }).text,
              AllOf(HasSubstr("behind ours"), HasSubstr("max_clock_skew")));
}

TEST(redis_faults, something_that_is_no_redis) {
  for (const char* bytes :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "*-5\r\n", "$99999999999\r\n", "\r\n"}) {
    scripted_server server{bytes};
    redis store{server.options()};
    const auto failed = failure_of([&] { store.find(new_id()); });
    EXPECT_THAT(failed.text, HasSubstr("127.0.0.1")) << bytes;
    EXPECT_LT(failed.after, timeout + margin);
  }
}

}  // namespace

}  // namespace test
