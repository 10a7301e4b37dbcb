#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <drogon/HttpAppFramework.h>
#include <gtest/gtest.h>
#include <trantor/utils/ConcurrentTaskQueue.h>

#include <scs/http/drogon.hpp>

#include "free_port.hpp"
#include "raw_http.hpp"

// Drogon has one application in a process, which runs once. The tests share it: what it does for a
// request is changed between them.

namespace scs::http::tests {

using drogon_callback = std::function<void(const drogon::HttpResponsePtr&)>;
using drogon_function = std::function<void(const drogon::HttpRequestPtr&, drogon_callback&&)>;

class drogon_application {
 public:
  static drogon_application& instance() {
    static drogon_application one;
    return one;
  }

  int port() const { return port_; }
  drogon_executor store() {
    return [this](std::function<void()> task) { threads_.runTaskInQueue(std::move(task)); };
  }

  /// Handles requests of this target from now on.
  void route(const std::string& target, drogon_function function) {
    const std::lock_guard lock(mutex_);
    routes_[target] = std::move(function);
  }
  /// Called for each response that Drogon makes. May be empty.
  void on_creation(std::function<void(drogon::HttpResponse&)> function) {
    const std::lock_guard lock(mutex_);
    on_creation_ = std::move(function);
  }
  /// Waits until nothing refers to what the routes were made for.
  void clear(const std::shared_ptr<void>& token) {
    {
      const std::lock_guard lock(mutex_);
      routes_.clear();
      on_creation_ = nullptr;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (token.use_count() > 1 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(token.use_count(), 1) << "a request is still handled";
  }

  /// Call it once, from a test environment.
  void start(const std::function<void(drogon::HttpAppFramework&)>& prepare = {}) {
    drogon::HttpAppFramework& app = drogon::app();
    app.setLogLevel(trantor::Logger::kFatal)
        .addListener("127.0.0.1", static_cast<std::uint16_t>(port_))
        .setThreadNum(2)
        .disableSigtermHandling()
        .setUploadPath("/tmp/buntstore_drogon_tests");
    app.registerHandlerViaRegex(
        "/.*", [this](const drogon::HttpRequestPtr& request, drogon_callback&& answer) {
          handle(request, std::move(answer));
        });
    app.registerHttpResponseCreationAdvice([this](const drogon::HttpResponsePtr& made) {
      const std::lock_guard lock(mutex_);
      if (on_creation_) on_creation_(*made);
    });
    if (prepare) prepare(app);
    thread_ = std::thread([] { drogon::app().run(); });
    ASSERT_TRUE(wait_until_listening(port_, std::chrono::seconds(60)));
  }
  /// Ends Drogon, but not the executor.
  void quit() {
    if (!thread_.joinable()) return;
    drogon::app().quit();
    thread_.join();
  }
  void stop() {
    quit();
    threads_.stop();
  }

 private:
  drogon_application() = default;

  void handle(const drogon::HttpRequestPtr& request, drogon_callback&& answer) {
    drogon_function function;
    {
      const std::lock_guard lock(mutex_);
      const auto found = routes_.find(request->path());
      if (found != routes_.end()) function = found->second;
    }
    if (function) {
      function(request, std::move(answer));
    } else {
      answer(drogon::HttpResponse::newNotFoundResponse());
    }
  }

  const int port_ = test::free_port();
  trantor::ConcurrentTaskQueue threads_{4, "store"};
  std::thread thread_;
  std::mutex mutex_;
  std::map<std::string, drogon_function> routes_;
  std::function<void(drogon::HttpResponse&)> on_creation_;
};

}  // namespace scs::http::tests
