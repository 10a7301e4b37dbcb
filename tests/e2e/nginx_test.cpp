// The shipped servers with nginx as a proxy, which keeps connections and has a cache.

#include <chrono>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "client_load.hpp"
#include "free_port.hpp"
#include "process.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int server_port = 4000;  // as in the programs' sources

struct program {
  const char* name;
  const char* path;
};
void PrintTo(const program& printed, std::ostream* out) {
  *out << printed.name;
}

class behind_nginx : public testing::TestWithParam<program> {
 protected:
  void SetUp() override {
    ASSERT_FALSE(is_listening(server_port)) << "something else serves on port 4000: stop it first";
    server_ = std::make_unique<process>(std::vector<std::string>{GetParam().path}, folder_.path());
    ASSERT_TRUE(wait_until_listening(server_port, 20s)) << server_->errors();
    port_ = test::free_port();
    write_configuration();
    nginx_ = std::make_unique<process>(
        std::vector<std::string>{NGINX, "-p", folder_.path().string(), "-c",
                                 (folder_.path() / "nginx.conf").string(), "-e", "stderr"},
        folder_.path());
    ASSERT_TRUE(wait_until_listening(port_, 20s)) << nginx_->errors();
  }
  void TearDown() override {
    if (!nginx_) return;
    nginx_->send_signal(SIGTERM);
    nginx_->wait();
  }

  /// One connection to the server is kept, so that visitors share it.
  void write_configuration() const {
    const std::string folder = folder_.path().string();
    std::ofstream file(folder_.path() / "nginx.conf");
    if (getuid() == 0) file << "user root;\n";  // the folder belongs to root
    file << "daemon off;\nworker_processes 1;\npid " << folder << "/nginx.pid;\n"
         << "error_log stderr error;\nevents { worker_connections 512; }\nhttp {\n"
         << "  access_log off;\n";
    for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      file << "  " << what << "_temp_path " << folder << "/" << what << ";\n";
    file << "  proxy_cache_path " << folder << "/cache keys_zone=pages:1m;\n"
         << "  upstream application { server 127.0.0.1:" << server_port << "; keepalive 1; }\n"
         << "  server {\n    listen 127.0.0.1:" << port_ << ";\n    location / {\n"
         << "      proxy_pass http://application;\n      proxy_http_version 1.1;\n"
         << "      proxy_set_header Connection \"\";\n      proxy_cache pages;\n"
         << "      proxy_cache_valid any 1m;\n      add_header X-Cache $upstream_cache_status;\n"
         << "    }\n  }\n}\n";
  }

  temporary_folder folder_;
  int port_ = 0;
  std::unique_ptr<process> server_;
  std::unique_ptr<process> nginx_;
};

TEST_P(behind_nginx, keeps_visitors_apart_in_a_cache) {
  const std::string cookie = cookie_of_put(port_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(http_get(port_, "/get", cookie).body, "Hello world!");
    EXPECT_EQ(http_get(port_, "/get").body, "");
    EXPECT_NE(cookie_of_put(port_), cookie) << "another visitor's cookie from the cache";
  }
}

// The body hides the beginning of a request, which the next visitor's would complete.
TEST_P(behind_nginx, gives_no_visitors_request_to_another) {
  const std::string cookie = cookie_of_put(port_);
  int stolen = 0;
  int others = 0;
  for (const std::string method : {"GET", "HEAD", "DELETE", "POST"}) {
    for (std::size_t padding = 3500; padding < 4096; padding += 17) {
      const std::string hidden = "GET /put HTTP/1.1\r\nHost: x\r\n" + cookie + "X-Rest: ";
      const std::string body = std::string(padding, '\n') + hidden;
      http_connection attacker(port_);
      attacker.request(method, "/get", cookie, body);
      // Only this visitor requests this page, and must get the status 404.
      const http_response mine = http_get(port_, "/nowhere/" + std::to_string(others++));
      if (mine.status != 404) ++stolen;
    }
  }
  EXPECT_EQ(stolen, 0) << "of " << others << " visitors";
}

TEST_P(behind_nginx, loses_no_request_while_nginx_reads_its_configuration_again) {
  const std::string cookie = cookie_of_put(port_);
  std::jthread operator_thread([this] {
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(300ms);
      nginx_->send_signal(SIGHUP);
    }
  });
  const load_result load =
      ask_without_pause(port_, "/put", cookie + "Connection: close\r\n", 16, 2s);
  EXPECT_GT(load.answers, 100);
  EXPECT_EQ(load.failures, 0);
}

TEST_P(behind_nginx, starts_again_without_losing_a_session) {
  const std::string cookie = cookie_of_put(port_);
  server_->send_signal(SIGTERM);
  EXPECT_EQ(server_->wait(), 0) << server_->errors();
  server_ = std::make_unique<process>(std::vector<std::string>{GetParam().path}, folder_.path());
  ASSERT_TRUE(wait_until_listening(server_port, 20s)) << server_->errors();
  // The first request may use the connection that nginx has kept.
  http_get(port_, "/get", cookie);
  EXPECT_EQ(http_get(port_, "/get", cookie).body, "Hello world!");
}

const program programs[] = {
#ifdef QUICKSTART
    {"quickstart", QUICKSTART},
#endif
#ifdef BEAST_SERVER
    {"beast_server", BEAST_SERVER},
#endif
};

INSTANTIATE_TEST_SUITE_P(programs, behind_nginx, testing::ValuesIn(programs),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
