#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>

#include "session_clock.hpp"
#include "text_of_error.hpp"

namespace test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

inline constexpr std::string_view name = "__Host-Http-session";
inline const std::string secret = "a secret of thirty-two bytes, or more";
inline const std::string other_secret = "another one of thirty-two bytes, or more";

inline scs::stores::cookie store_with(std::vector<std::string> secrets) {
  return scs::stores::cookie{{.secrets = std::move(secrets)}};
}

inline std::string find_header(const std::vector<scs::header>& headers, std::string_view wanted) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const scs::header& header) { return header.name == wanted; });
  return found == headers.end() ? "" : found->value;
}

/// Sessions of one browser, on a store whose secrets and time the test controls.
class cookie_sessions : public testing::Test {
 protected:
  void use(scs::session_options options, scs::stores::cookie_options store = {}) {
    options.clock = &clock_;
    options.on_event = [this](const scs::event& event) {
      EXPECT_FALSE(event.id);
      events_.push_back(event.kind);
    };
    if (store.secrets.empty()) store.secrets = {secret};
    sessions_ = std::make_unique<scs::session_manager>(
        std::make_unique<scs::stores::cookie>(std::move(store)), std::move(options));
  }
  void SetUp() override { use({.lifetime = hours{1}}); }

  scs::session load() const { return sessions_->load(std::string_view{cookie_}); }

  std::vector<scs::header> answer(scs::session& session) {
    return receive(sessions_->commit(session));
  }

  std::vector<scs::header> receive(std::vector<scs::header> headers) {
    set_cookie_ = find_header(headers, "Set-Cookie");
    if (!set_cookie_.empty()) {
      cookie_ = set_cookie_.substr(0, set_cookie_.find(';'));
      if (set_cookie_.find("Max-Age=0") != std::string::npos) cookie_.clear();
    }
    return headers;
  }

  /// Makes one whole request.
  template <class Handler>
  std::vector<scs::header> visit(Handler handler) {
    scs::session session = load();
    handler(session);
    return answer(session);
  }

  void put(std::string_view key, int value) {
    visit([&](scs::session& session) { session.put(key, value); });
  }
  std::optional<int> get(std::string_view key) {
    std::optional<int> value;
    visit([&](scs::session& session) { value = session.get<int>(key); });
    return value;
  }
  /// Returns what a request with this cookie reads, whatever the browser has.
  std::optional<int> get_with(const std::string& cookie, std::string_view key) const {
    return sessions_->load(std::string_view{cookie}).get<int>(key);
  }

  long count(scs::event_kind kind) const {
    return std::count(events_.begin(), events_.end(), kind);
  }

  session_clock clock_;
  std::unique_ptr<scs::session_manager> sessions_;
  std::vector<scs::event_kind> events_;
  std::string cookie_;      // what the browser has
  std::string set_cookie_;  // of the last response
};

}  // namespace test
