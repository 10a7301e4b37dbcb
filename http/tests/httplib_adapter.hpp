#pragma once

#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <httplib.h>

#include <scs/http/httplib.hpp>
#include <scs/session_manager.hpp>

#include "fake_store.hpp"
#include "httplib_tables.hpp"

namespace scs::http::tests {

/// A server on cpp-httplib with sessions in a store that the test can access.
class httplib_adapter : public testing::Test {
 protected:
  httplib_adapter() : sessions_(std::make_unique<fake_store>(), {.cookie = {.secure = false}}) {}
  ~httplib_adapter() override { halt(); }

  void halt() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    build_tables_of_httplib();
    server_.set_keep_alive_timeout(1);
    server_.set_keep_alive_max_count(1000);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running())
      std::this_thread::yield();
  }

  session_manager sessions_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace scs::http::tests
