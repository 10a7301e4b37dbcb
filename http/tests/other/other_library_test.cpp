// The recipe of docs/other-http-libraries.md, shown on a library that does not exist. The page
// quotes the lines between `// [name]` and `// [/name]`; page_test.cpp compares.

#include <algorithm>
#include <cctype>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/http/check_library.hpp>
#include <scs/http/generic.hpp>
#include <scs/stores/memory.hpp>

#include "fake_store.hpp"

namespace toy {

using fields = std::vector<std::pair<std::string, std::string>>;

struct request {
  fields headers;
};

struct response {
  int status = 200;
  fields headers;
  std::string body;
};

/// Of a library whose handlers send.
struct writer {
  fields headers{};
  std::string sent{};

  void header(const std::string& name, const std::string& value) {
    headers.emplace_back(name, value);
  }
  void send(int status, const std::string& body) { sent = std::to_string(status) + " " + body; }
};

}  // namespace toy

// [library]
struct toy_library {
  using request = toy::request;
  using response = toy::response;

  // Calls `call` with the value of each header line of this name, in any letter case.
  template <class Message, class Call>
  static void for_each_header(const Message& message, std::string_view name, Call call) {
    for (const auto& [there, value] : message.headers) {
      if (same(there, name)) call(value);
    }
  }
  static void append_header(response& to, std::string_view name, std::string_view value) {
    to.headers.emplace_back(name, value);
  }
  static void erase_header(response& of, std::string_view name) {
    std::erase_if(of.headers, [&](const auto& line) { return same(line.first, name); });
  }
  // Nothing of the handler may be left.
  static void reset(response& answer, int status, std::string_view text) {
    answer = {
        .status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::string(text)};
  }

 private:
  static bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
  }
};
// [/library]

// [pointers]
struct pointing_library : toy_library {
  using response = std::shared_ptr<toy::response>;

  using toy_library::for_each_header;  // of requests
  template <class Call>
  static void for_each_header(const response& of, std::string_view name, Call call) {
    toy_library::for_each_header(*of, name, call);
  }
  static void append_header(response& to, std::string_view name, std::string_view value) {
    toy_library::append_header(*to, name, value);
  }
  static void erase_header(response& of, std::string_view name) {
    toy_library::erase_header(*of, name);
  }
  // Another one: somebody may have kept the pointer to the first.
  static void reset(response& answer, int status, std::string_view text) {
    answer = std::make_shared<toy::response>();
    toy_library::reset(*answer, status, text);
  }
};
// [/pointers]

namespace {

using scs::session;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class other_library : public testing::Test {
 protected:
  other_library() {
    auto owned = std::make_unique<scs::http::tests::fake_store>();
    store_ = owned.get();
    sessions_ = std::make_unique<scs::session_manager>(
        std::move(owned), scs::session_options{.cookie = {.secure = false}});
  }

  static std::vector<std::string> all(const toy::response& of, std::string_view name) {
    std::vector<std::string> values;
    toy_library::for_each_header(of, name,
                                 [&](std::string_view value) { values.emplace_back(value); });
    return values;
  }
  template <class Handler>
  toy::response answer(Handler handler, const std::string& cookie = "",
                       scs::http::generic_options<toy_library> options = {}) {
    const auto wrapped =
        scs::http::with<toy_library>(*sessions_, std::move(handler), std::move(options));
    toy::request request;
    if (!cookie.empty()) request.headers = {{"cookie", "a=b"}, {"COOKIE", cookie}};
    toy::response response;
    wrapped(request, response);
    return response;
  }
  static std::string cookie_of(const toy::response& response) {
    const auto lines = all(response, "Set-Cookie");
    return lines.empty() ? "" : lines.back().substr(0, lines.back().find(';'));
  }

  scs::http::tests::fake_store* store_ = nullptr;
  std::unique_ptr<scs::session_manager> sessions_;
};

TEST_F(other_library, serves_as_the_page_says) {
  scs::session_manager sessions{std::make_unique<scs::stores::memory>()};
  // [use]
  const auto put = scs::http::with<toy_library>(
      sessions, [](scs::session& session, const toy::request&, toy::response& response) {
        session.put("message", "Hello world!");
        response.body = "done";
      });
  // [/use]
  toy::response response;
  put({}, response);
  EXPECT_EQ(response.body, "done");
  EXPECT_THAT(cookie_of(response), StartsWith("__Host-Http-session="));
}

TEST_F(other_library, is_checked_as_the_page_says) {
  const auto get = [](const auto& route, std::string_view) {
    toy::response response;
    route(toy::request{.headers = {{"Cookie", "scs_check=first"}, {"cookie", "scs_check=second"}}},
          response);
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " Unavailable\r\n";
    for (const auto& [name, value] : response.headers)
      text.append(name).append(": ").append(value).append("\r\n");
    return text + "\r\n" + response.body;
  };
  // [check]
  std::vector<std::string> faults;
  const auto route = [&faults](const toy::request& request, toy::response& response) {
    response.body = "of the handler";
    faults = scs::http::check_library<toy_library>(request, response);
  };
  const std::string received = get(route, scs::http::check_request_lines);
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_THAT(scs::http::check_received(received, "of the handler"), IsEmpty());
  // [/check]
}

TEST_F(other_library, serves_with_a_library_that_sends_at_once_as_the_page_says) {
  scs::session_manager sessions{std::make_unique<scs::stores::memory>()};
  // [sends]
  const auto put = scs::http::with<toy_library>(
      sessions, [](scs::session& session, const toy::request&, toy::response& response) {
        session.put("message", "Hello world!");
        response.body = "done";
      });
  const auto route = [put](const toy::request& request, toy::writer& writer) {
    toy::response response;  // yours, and not the library's
    put(request, response);  // the session is committed when this returns
    for (const auto& [name, value] : response.headers)
      writer.header(name, value);
    writer.send(response.status, response.body);
  };
  // [/sends]
  toy::writer writer;
  route({}, writer);
  EXPECT_EQ(writer.sent, "200 done");
  EXPECT_THAT(writer.headers,
              testing::Contains(testing::Pair("Set-Cookie", StartsWith("__Host-"))));
}

TEST_F(other_library, serves_with_a_library_that_hands_out_pointers_as_the_page_says) {
  auto response = std::make_shared<toy::response>();
  const auto kept = response;
  EXPECT_THAT(
      scs::http::check_library<pointing_library>(
          toy::request{.headers = {{"Cookie", "scs_check=first; scs_check=second"}}}, response),
      IsEmpty());
  EXPECT_NE(response, kept);
  scs::http::with<pointing_library>(*sessions_, [](session& session, const toy::request&,
                                                   const std::shared_ptr<toy::response>& r) {
    session.put("a", 1);
    r->body = "done";
  })({}, response);
  EXPECT_EQ(response->body, "done");
}

TEST_F(other_library, sets_a_cookie_and_knows_it_again) {
  const toy::response first = answer([](session& session, auto&, auto& response) {
    session.put("n", 7);
    response.headers = {{"Set-Cookie", "theirs=1"}, {"cache-control", "public"}};
  });
  EXPECT_THAT(all(first, "Set-Cookie"), ElementsAre("theirs=1", StartsWith("session=")));
  EXPECT_THAT(all(first, "Cache-Control"), ElementsAre("no-store"));
  const toy::response second = answer(
      [](session& session, auto&, auto& response) {
        response.body = std::to_string(session.get<int>("n").value_or(0));
        response.headers = {{"Vary", "Accept"}, {"vary", "Origin"}};
      },
      cookie_of(first));
  EXPECT_EQ(second.body, "7");
  EXPECT_THAT(all(second, "Vary"), ElementsAre("Accept, Origin, Cookie"));
  EXPECT_THAT(all(second, "Set-Cookie"), IsEmpty());
}

TEST_F(other_library, costs_nothing_untouched) {
  const toy::response response =
      answer([](session&, auto&, auto&) {}, "session=" + std::string(43, 'a'));
  EXPECT_EQ(store_->calls, 0);
  EXPECT_THAT(all(response, "Vary"), ElementsAre("Cookie"));
  EXPECT_EQ(response.headers.size(), 1U);
}

TEST_F(other_library, leaves_nothing_of_a_handler_that_fails) {
  const toy::response thrown = answer([](session& session, auto&, auto& response) {
    session.put("a", 1);
    response.headers = {{"X-Handler", "secret"}};
    throw std::runtime_error("secret");
  });
  EXPECT_EQ(thrown.status, 500);
  EXPECT_THAT(all(thrown, "X-Handler"), IsEmpty());
  EXPECT_THAT(all(thrown, "Set-Cookie"), IsEmpty());
  EXPECT_THAT(thrown.body, testing::Not(HasSubstr("secret")));
  store_->commits_fail = true;
  const toy::response failed = answer([](session& session, auto&, auto& response) {
    session.put("a", 1);
    response.body = "done";
  });
  EXPECT_EQ(failed.status, 503);
  EXPECT_THAT(all(failed, "Retry-After"), ElementsAre("5"));
  EXPECT_THAT(failed.body, testing::Not(HasSubstr("done")));
}

TEST_F(other_library, clears_the_cookie_of_a_logout_whose_handler_throws) {
  const toy::response first = answer([](session& session, auto&, auto&) { session.put("a", 1); });
  const toy::response out = answer(
      [](session& session, auto&, auto&) {
        session.destroy();
        throw 1;
      },
      cookie_of(first));
  EXPECT_EQ(out.status, 500);
  EXPECT_THAT(all(out, "Set-Cookie"), ElementsAre(HasSubstr("Max-Age=0")));
}

TEST_F(other_library, lets_the_error_function_answer_and_survives_one_that_throws) {
  std::vector<scs::http::failure_kind> told;
  const auto handler = [](session&, auto&, auto&) { throw std::runtime_error("no"); };
  const auto report = [&](const scs::http::failure& failure) {
    told.push_back(failure.kind);
    throw 1;
  };
  const toy::response polite = answer(handler, "",
                                      {.on_error = [](std::exception_ptr, const toy::request&,
                                                      toy::response& r) { r.body = "sorry"; },
                                       .on_failure = report});
  EXPECT_EQ(polite.status, 500);
  EXPECT_EQ(polite.body, "sorry");
  const toy::response bare =
      answer(handler, "",
             {.on_error =
                  [](std::exception_ptr, const toy::request&, toy::response& r) {
                    r.body = "half";
                    throw 2;
                  },
              .on_failure = report});
  EXPECT_THAT(bare.body, HasSubstr("went wrong"));
  using enum scs::http::failure_kind;
  EXPECT_THAT(told, ElementsAre(handler_threw, handler_threw, error_function_threw));
}

}  // namespace
