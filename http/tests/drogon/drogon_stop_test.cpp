// What happens when Drogon ends while the store is called, and pages that an application shares.

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <drogon/HttpAppFramework.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <trantor/net/EventLoop.h>

#include <scs/http/drogon_install.hpp>

#include "drogon_application.hpp"
#include "fake_store.hpp"
#include "raw_http.hpp"

namespace scs::http::tests {

namespace {

using drogon::HttpRequestPtr, drogon::HttpResponse, drogon::HttpResponsePtr;

struct site {
  fake_store* store = new fake_store;
  session_manager sessions{std::unique_ptr<scs::store>(store), {.cookie = {.secure = false}}};

  static site& instance() {
    static site one;
    return one;
  }
};

class environment : public testing::Environment {
  void SetUp() override {
    drogon_application& application = drogon_application::instance();
    application.start([&](drogon::HttpAppFramework& app) {
      install(app, site::instance().sessions, application.store());
      const HttpResponsePtr page = HttpResponse::newHttpResponse();
      page->setBody("the only page");
      app.setCustom404Page(page, false);
    });
    application.route("/visited", [](const HttpRequestPtr& request, drogon_callback&& answer) {
      session_of(request).put("visited", true);
      answer(HttpResponse::newNotFoundResponse());
    });
  }
  void TearDown() override { drogon_application::instance().stop(); }
};

const auto* const registered = testing::AddGlobalTestEnvironment(new environment);

// Drogon sends one object for all unknown paths. Here nothing in it shows that it is shared.
TEST(drogon_page, of_unknown_paths_sends_nobody_the_cookie_of_another_visitor) {
  const int port = drogon_application::instance().port();
  for (int i = 0; i < 8; ++i) {  // on each event loop
    const http_response visited = http_get(port, "/visited");
    EXPECT_EQ(visited.status, 200);
    EXPECT_EQ(visited.body, "the only page");
    EXPECT_THAT(visited.all("Set-Cookie"), testing::SizeIs(1));
    const http_response other = http_get(port, "/unknown");
    EXPECT_EQ(other.body, "the only page");
    EXPECT_THAT(other.all("Set-Cookie"), testing::IsEmpty());
  }
}

TEST(drogon_loop, calls_nothing_after_its_end) {
  std::promise<std::shared_ptr<detail::drogon_loop>> made;
  std::promise<trantor::EventLoop*> running;
  std::thread thread([&] {
    trantor::EventLoop loop;
    made.set_value(detail::drogon_loop::of_this_thread());
    loop.queueInLoop([&] { running.set_value(&loop); });
    loop.loop();
  });
  const auto loop = made.get_future().get();
  trantor::EventLoop* const its = running.get_future().get();
  std::promise<void> called;
  loop->queue([&] { called.set_value(); });
  called.get_future().get();
  its->quit();
  thread.join();
  const auto token = std::make_shared<int>();
  loop->queue([token] { ADD_FAILURE() << "called"; });
  EXPECT_EQ(token.use_count(), 1);
}

// This one is the last: Drogon runs once in a process.
TEST(drogon_stop, keeps_the_change_of_a_request_whose_commit_ends_later) {
  drogon_application& application = drogon_application::instance();
  fake_store& store = *site::instance().store;
  const std::size_t stored = store.size();
  const auto put = [](session& session) {
    session.put("a", 1);
    return HttpResponse::newHttpResponse();
  };
  application.route("/installed", [put](const HttpRequestPtr& request, drogon_callback&& answer) {
    answer(put(session_of(request)));
  });
  application.route("/plain", drogon_handler(site::instance().sessions, application.store(),
                                             [put](session& session, const HttpRequestPtr&) {
                                               return put(session);
                                             }));
  store.hold_commits();
  http_connection installed(application.port());
  installed.send("GET /installed HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(store.wait_for_a_commit());
  http_connection plain(application.port());
  plain.send("GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(store.wait_for_commits(2));
  application.quit();
  store.release_commits();
  application.stop();  // waits for the executor
  EXPECT_EQ(store.size(), stored + 2);
}

}  // namespace

}  // namespace scs::http::tests
