#pragma once

#include <atomic>
#include <chrono>
#include <climits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <scs/error.hpp>
#include <scs/store.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/store/user_index.hpp>
#include <scs/store_clock.hpp>

namespace buntdb::attacks::stores {

/// The life of a process of the application. Thread-safe.
class process_life {
 public:
  /// The process ends after this many more calls of its stores.
  void end_after(int calls) noexcept { calls_left_ = calls; }
  void end() noexcept { calls_left_ = 0; }

  /// Called before each call of a store. Throws scs::error in a dead process, so that the store is
  /// not called.
  void call() {
    if (calls_left_.load() == INT_MAX) return;
    if (calls_left_.fetch_sub(1) > 0) return;
    calls_left_ = 0;
    throw scs::error(scs::errc::store_failed, "this process has been killed");
  }

 private:
  std::atomic<int> calls_left_ = INT_MAX;
};

/// A store as seen by one process of the application, which may be killed between any two calls.
/// Thread-safe.
class mortal_store final : public scs::store,
                           public scs::store_clock,
                           public scs::durable_erasures,
                           public scs::user_index {
 public:
  mortal_store(std::shared_ptr<scs::store> inner, std::shared_ptr<process_life> life)
      : inner_(std::move(inner)), life_(std::move(life)) {}

  std::optional<scs::record> find(const scs::session_id& id) override { return asked().find(id); }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    return asked().commit(id, payload, expiry, expected_revision, user);
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    return asked().touch(id, expiry);
  }
  std::optional<scs::record> erase(const scs::session_id& id) override { return asked().erase(id); }
  void for_each(const visitor& visit_record) override { asked().for_each(visit_record); }
  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    asked().for_each_of_user(user, visit_record);
  }
  /// The clock of the machine, if the store has none: all processes are on one machine.
  scs::time_point engine_time(const scs::session_id& id) override {
    auto* const clock = dynamic_cast<scs::store_clock*>(&asked());
    return clock != nullptr ? clock->engine_time(id) : scs::clock::system().now();
  }
  void sync_erasures() override {
    if (auto* const durable = dynamic_cast<scs::durable_erasures*>(&asked()))
      durable->sync_erasures();
  }
  void write_index_entry(const scs::session_id& id, std::string_view user,
                         scs::time_point expiry) override {
    if (auto* const index = dynamic_cast<scs::user_index*>(&asked()))
      index->write_index_entry(id, user, expiry);
  }

 private:
  /// Sometimes pauses first, so that other threads run between two steps.
  scs::store& asked() {
    constexpr unsigned pauses_one_in = 32;
    if (calls_.fetch_add(1) % pauses_one_in == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    life_->call();
    return *inner_;
  }

  const std::shared_ptr<scs::store> inner_;
  const std::shared_ptr<process_life> life_;
  std::atomic<unsigned> calls_ = 0;
};

}  // namespace buntdb::attacks::stores
