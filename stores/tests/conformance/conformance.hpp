#pragma once

// The suite for every store that keeps sessions at the server. A store's tests contain
//
//     INSTANTIATE_TEST_SUITE_P(memory, store_conformance, testing::Values(memory));
//
// where the parameter makes a fixture. The tests are in this folder, in the library
// buntstore_store_conformance.

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/token.hpp>
#include <scs/value.hpp>

#include "fixtures/store_fixture.hpp"

namespace test {

class store_conformance : public testing::TestWithParam<make_store_fixture> {
 protected:
  using outcome = scs::commit_result::outcome;

  scs::store& store() { return fixture_->store(); }
  const scs::clock& clock() const { return fixture_->clock(); }
  scs::time_point in(std::chrono::seconds duration) { return fixture_->clock().now() + duration; }
  void advance(std::chrono::seconds duration) { fixture_->advance(duration); }
  const scs::clock& clock() { return fixture_->clock(); }

  static scs::session_id new_id() { return scs::token::generate().id(); }

  /// Stores a record and returns its revision.
  std::string stored(const scs::session_id& id, std::string_view payload = "payload",
                     std::chrono::seconds lifetime = std::chrono::hours{1}) {
    const scs::commit_result result = store().commit(id, payload, in(lifetime), std::nullopt, "");
    EXPECT_EQ(result.result, outcome::committed);
    return result.revision;
  }

  /// Returns a payload in the format of json_codec: some stores find a user's sessions by the
  /// contents of their payloads.
  static std::string payload_for(std::string_view user, std::string_view note = "") {
    const auto quoted = [](std::string_view text) {
      return scs::value_traits<std::string>::to_json(text);
    };
    return R"({"data":{"note":)" + quoted(note) + R"(},"deadline":2000000000000000000)" +
           (user.empty() ? "" : R"(,"user":)" + quoted(user)) + "}";
  }

  scs::commit_result commit_for(const scs::session_id& id, std::string_view user,
                                const std::optional<std::string>& expected_revision,
                                std::chrono::seconds lifetime = std::chrono::hours{1}) {
    return store().commit(id, payload_for(user, id.text()), in(lifetime), expected_revision, user);
  }

  /// Stores a record of a user and returns its revision.
  std::string stored_for(const scs::session_id& id, std::string_view user,
                         std::chrono::seconds lifetime = std::chrono::hours{1}) {
    const scs::commit_result result = commit_for(id, user, std::nullopt, lifetime);
    EXPECT_EQ(result.result, outcome::committed);
    return result.revision;
  }

  /// Returns them in ascending order.
  std::vector<scs::session_id> ids_of(std::string_view user) {
    std::vector<scs::session_id> ids;
    store().for_each_of_user(user, [&](const scs::session_id& id, const scs::record&) {
      ids.push_back(id);
      return scs::visit::next;
    });
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  static std::vector<scs::session_id> sorted(std::vector<scs::session_id> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  std::string payload_of(const scs::session_id& id) {
    const std::optional<scs::record> found = store().find(id);
    return found ? found->payload : "(absent)";
  }

  std::vector<std::string> all_payloads() {
    std::vector<std::string> payloads;
    store().for_each([&](const scs::session_id&, const scs::record& record) {
      payloads.push_back(record.payload);
      return scs::visit::next;
    });
    std::sort(payloads.begin(), payloads.end());
    return payloads;
  }

 private:
  std::unique_ptr<store_fixture> fixture_ = GetParam()();
};

using std::chrono::hours;
using std::chrono::seconds;

/// Runs body(0) to body(count - 1), each in its own thread.
inline void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    threads.emplace_back(body, i);
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace test
