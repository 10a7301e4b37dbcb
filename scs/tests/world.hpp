#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

#include "faulty_store.hpp"
#include "session_clock.hpp"

namespace test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// A manager on a memory store. The test controls the time, failures and races.
struct world {
  explicit world(scs::session_options options = {})
      : kept(std::make_shared<scs::stores::memory>(scs::stores::memory_options{.clock = &clock})),
        faults(new faulty_store(kept)),
        sessions(std::unique_ptr<scs::store>(faults), with_hooks(std::move(options))) {}

  scs::session_options with_hooks(scs::session_options options) {
    options.clock = &clock;
    options.sleep = [this](nanoseconds duration) { slept += duration; };
    options.on_event = [this](const scs::event& event) { events.push_back(event.kind); };
    return options;
  }

  long count(scs::event_kind kind) const { return std::count(events.begin(), events.end(), kind); }

  /// Returns the records without watermarks.
  std::vector<scs::record> records() {
    std::vector<scs::record> found;
    kept->for_each([&](const scs::session_id& id, const scs::record& record) {
      if (!scs::is_reserved(id)) found.push_back(record);
      return scs::visit::next;
    });
    return found;
  }

  session_clock clock;
  nanoseconds slept{0};
  std::vector<scs::event_kind> events;
  std::shared_ptr<scs::stores::memory> kept;
  faulty_store* faults;
  scs::session_manager sessions;
};

inline std::string new_token() {
  const scs::token made = scs::token::generate();
  return std::string{made.text()};
}

inline std::string text_of(const scs::session_id& id) {
  return std::string{id.text()};
}

inline std::string find_header(const std::vector<scs::header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const scs::header& header) { return header.name == name; });
  return found == headers.end() ? "" : found->value;
}

/// Keeps one cookie, as a browser does.
class browser {
 public:
  explicit browser(world& world) : world_(&world) {}

  scs::session request(scs::load_policy policy = scs::load_policy::on_first_use) const {
    return world_->sessions.load(std::string_view{cookie_}, policy);
  }

  void receive(const std::vector<scs::header>& headers) {
    const std::string cookie = find_header(headers, "Set-Cookie");
    if (cookie.empty()) return;
    cookie_ = cookie.substr(0, cookie.find(';'));
    if (cookie.find("Max-Age=0") != std::string::npos) cookie_.clear();
  }

  std::vector<scs::header> finish(scs::session& session) {
    std::vector<scs::header> headers = world_->sessions.commit(session);
    receive(headers);
    return headers;
  }

  /// Makes one whole request.
  template <class Handler>
  std::vector<scs::header> visit(Handler handler) {
    scs::session session = request();
    handler(session);
    return finish(session);
  }

  template <class Value>
  std::optional<Value> get(std::string_view key) {
    scs::session session = request();
    return session.get<Value>(key);
  }

  template <class Value>
  void put(std::string_view key, const Value& value) {
    visit([&](scs::session& session) { session.put(key, value); });
  }

  const std::string& cookie() const { return cookie_; }
  std::string token() const { return cookie_.substr(cookie_.find('=') + 1); }

 private:
  world* world_;
  std::string cookie_;
};

/// Checks that the statement throws an scs::error with this code.
#define EXPECT_SCS_ERROR(statement, expected)                                         \
  try {                                                                               \
    statement;                                                                        \
    ADD_FAILURE() << #statement " threw nothing";                                     \
  } catch (const scs::error& thrown_error) {                                          \
    EXPECT_EQ(thrown_error.code(), make_error_code(expected)) << thrown_error.what(); \
  }

}  // namespace test
