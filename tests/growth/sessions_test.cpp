// What visitors send to a session manager: four times as much takes at most six times the work.
#include <string>
#include <string_view>
#include <vector>

#include <scs/json_nesting.hpp>
#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

#include "headers/cookie.hpp"
#include "headers/transport.hpp"
#include "payload/json_scanner.hpp"
#include "work.hpp"

namespace {

using buntstore::growth::expect_linear;
using buntstore::growth::repeated;

std::string key_of(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(8 - digits.size(), '0') + digits;
}

void expect_linear_text(const std::string& front, const std::string& piece,
                        const std::string& back) {
  expect_linear(front + piece + back, 4096, [&](std::size_t size) {
    return [text = front + repeated(piece, size / piece.size()) + back] {
      static_cast<void>(scs::is_json(text));
      static_cast<void>(scs::nests_deeper_than(text, scs::max_json_nesting));
      static_cast<void>(scs::value_traits<std::string>::from_json(text));
      static_cast<void>(scs::value_traits<scs::bytes>::from_json(text));
      static_cast<void>(scs::value_traits<double>::from_json(text));
      static_cast<void>(
          scs::value_traits<std::chrono::sys_time<std::chrono::nanoseconds>>::from_json(text));
    };
  });
}

TEST(growth_of_session_values, is_linear_in_their_text) {
  expect_linear_text("", "[", "");
  expect_linear_text("", "{\"a\":", "1");
  expect_linear_text("[", "1,", "2]");
  expect_linear_text("{", "\"a\":1,", "\"b\":2}");
  expect_linear_text("\"", "a", "\"");
  expect_linear_text("\"", "\\u00e9", "\"");
  expect_linear_text("\"", "\\ud83d\\ude00", "\"");
  expect_linear_text("\"", "\xc3\xa9", "\"");
  expect_linear_text("\"", "\\", "");
  expect_linear_text("", "\"", "");
  expect_linear_text("", "9", "");
  expect_linear_text("0.", "0", "1");
  expect_linear_text("1e", "9", "");
  expect_linear_text("\"2026-01-01T00:00:00.", "1", "Z\"");
  expect_linear_text("", " ", "1");
}

TEST(growth_of_payloads, is_linear_in_their_members) {
  const scs::json_codec codec;
  const auto payload_of = [](std::size_t size, const auto& key) {
    std::string text = "{\"data\":{";
    for (std::size_t i = 0; i < size; ++i)
      text += (i == 0 ? "\"" : ",\"") + key(i) + "\":[1]";
    return text + "},\"deadline\":1}";
  };
  const auto expect_linear_payload = [&](const std::string& what, const auto& key) {
    expect_linear(what, 500, [&](std::size_t size) {
      return [&codec, text = payload_of(size, key(size))] {
        static_cast<void>(codec.encode(codec.decode(text)));
      };
    });
  };
  expect_linear_payload("ascending",
                        [](std::size_t) { return [](std::size_t i) { return key_of(i); }; });
  expect_linear_payload("descending", [](std::size_t size) {
    return [size](std::size_t i) { return key_of(size - i); };
  });
  expect_linear_payload("one key",
                        [](std::size_t) { return [](std::size_t) { return std::string("key"); }; });
  expect_linear_payload("escapes", [](std::size_t size) {
    return [size](std::size_t i) { return "\\u00e9" + key_of(size - i); };
  });
  expect_linear("unknown members", 500, [&](std::size_t size) {
    std::string text = "{\"data\":{}";
    for (std::size_t i = 0; i < size; ++i)
      text += ",\"x" + key_of(size - i) + "\":1";
    text += ",\"deadline\":1}";
    return [&codec, text] { static_cast<void>(codec.encode(codec.decode(text))); };
  });
}

TEST(growth_of_sessions, is_linear_in_the_keys_that_are_put) {
  for (const bool descending : {false, true}) {
    expect_linear(descending ? "descending" : "ascending", 500, [&](std::size_t size) {
      return [size, descending] {
        scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                      {.cookie = {.secure = false}}};
        scs::session session = sessions.load(std::string_view{});
        for (std::size_t i = 0; i < size; ++i)
          session.put(key_of(descending ? size - i : i), 1);
        for (std::size_t i = 0; i < size; ++i)
          static_cast<void>(session.get<int>(key_of(i)));
        sessions.commit(session);
        for (std::size_t i = 0; i < size; ++i)
          session.remove(key_of(i));
        sessions.commit(session);
      };
    });
  }
}

/// Returns the token in the response's cookie.
std::string cookie_of(const std::vector<scs::header>& headers, std::string before) {
  for (const scs::header& header : headers) {
    if (header.name == "Set-Cookie") before = header.value.substr(0, header.value.find(';'));
  }
  return before;
}

void log_in(scs::session_manager& sessions, std::string& cookie) {
  scs::session session = sessions.load(std::string_view{cookie});
  session.set_user("tom");
  cookie = cookie_of(sessions.commit(session), cookie);
}

// A visitor who logs in repeatedly leaves tombstones, which last for a minute.
TEST(growth_of_users, is_linear_in_their_tombstones) {
  expect_linear("logins and lists after logins", 200, [](std::size_t size) {
    const auto sessions = std::make_shared<scs::session_manager>(
        std::make_unique<scs::stores::memory>(),
        scs::session_options{.cookie = {.secure = false}, .max_sessions_per_user = 3});
    std::string cookie;
    for (std::size_t i = 0; i < size; ++i)
      log_in(*sessions, cookie);
    return [sessions, cookie] {
      std::string own = cookie;
      std::string other;
      EXPECT_EQ(sessions->sessions_of("tom").size(), 1U);
      log_in(*sessions, own);
      log_in(*sessions, other);
      EXPECT_EQ(sessions->sessions_of("tom").size(), 2U);
      EXPECT_EQ(sessions->revoke_all("tom"), 2U);
    };
  });
}

void expect_linear_cookies(const std::string& what, const std::string& piece, bool one_line) {
  expect_linear(what, 2000, [&](std::size_t size) {
    std::vector<std::string> lines(one_line ? 1 : size, one_line ? repeated(piece, size) : piece);
    return [lines] {
      const std::vector<std::string_view> views(lines.begin(), lines.end());
      static_cast<void>(scs::find_tokens(views, "session"));
      static_cast<void>(scs::find_values(views, "session", 4096));
      static_cast<void>(scs::find_header_tokens(views));
    };
  });
}

TEST(growth_of_cookies, is_linear_in_their_number) {
  const std::string token(scs::token::size, 'a');
  for (const bool one_line : {true, false}) {
    expect_linear_cookies("the same token", "session=" + token + "; ", one_line);
    expect_linear_cookies("no token", "session=x; ", one_line);
    expect_linear_cookies("no value", "session; ", one_line);
    expect_linear_cookies("other names", "sessio=" + token + ";", one_line);
    expect_linear_cookies("quotes", "session=\"", one_line);
    expect_linear_cookies("spaces", "  ", one_line);
    expect_linear_cookies("semicolons", ";", one_line);
    expect_linear_cookies("bearers", "Bearer ", one_line);
  }
}

}  // namespace
