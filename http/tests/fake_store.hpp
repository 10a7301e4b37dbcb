#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <scs/error.hpp>
#include <scs/nonblocking_store.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/store/durable_erasures.hpp>

namespace scs::http::tests {

/// A store in memory that counts its calls and fails on demand. It does not use a clock.
/// `Interface` is store or nonblocking_store.
template <class Interface>
class basic_fake_store : public Interface, public durable_erasures {
 public:
  using visitor = typename Interface::visitor;

  std::atomic<bool> commits_fail = false;
  std::atomic<bool> finds_fail = false;
  std::atomic<int> calls = 0;
  std::atomic<bool> syncs_fail = false;
  std::atomic<int> syncs = 0;
  /// The thread of the last call.
  std::atomic<std::thread::id> thread{};

  /// From now on commits wait before they do anything.
  void hold_commits() {
    const std::lock_guard lock(mutex_);
    commits_wait_ = true;
  }
  void release_commits() {
    const std::lock_guard lock(mutex_);
    commits_wait_ = false;
    changed_.notify_all();
  }
  /// Returns true when a commit waits, and false after ten seconds without one.
  bool wait_for_a_commit() { return wait_for_commits(1); }
  bool wait_for_commits(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return waiting_ >= count; });
  }

  std::optional<record> find(const session_id& id) override {
    count();
    if (finds_fail) throw error(errc::store_failed, "the store is down: secret-of-the-store");
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    return found->second;
  }

  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override {
    count();
    if (commits_fail) throw error(errc::store_failed, "the store is down: secret-of-the-store");
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !commits_wait_; });
    --waiting_;
    const auto found = records_.find(id);
    if (found == records_.end() && expected_revision) {
      return {commit_result::outcome::gone, {}};
    }
    if (found != records_.end() && found->second.revision != expected_revision) {
      return {commit_result::outcome::conflict, {}};
    }
    const std::string revision = std::to_string(++revisions_);
    records_[id] = {std::string(payload), expiry, revision};
    users_[id] = user;
    return {commit_result::outcome::committed, revision};
  }

  bool touch(const session_id& id, time_point expiry) override {
    count();
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return false;
    if (found->second.expiry < expiry) found->second.expiry = expiry;
    return true;
  }

  std::optional<record> erase(const session_id& id) override {
    count();
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    std::optional<record> erased = found->second;
    records_.erase(found);
    return erased;
  }

  void for_each(const visitor& visit_one) override {
    count();
    std::map<session_id, record> all;
    {
      const std::lock_guard lock(mutex_);
      all = records_;
    }
    for (const auto& [id, kept] : all) {
      if (visit_one(id, kept) == visit::stop) return;
    }
  }

  void for_each_of_user(std::string_view user, const visitor& visit_one) override {
    for_each([&](const session_id& id, const record& kept) {
      {
        const std::lock_guard lock(mutex_);
        if (user.empty() || users_[id] != user) return visit::next;
      }
      return visit_one(id, kept);
    });
  }

  void sync_erasures() override {
    ++syncs;
    thread = std::this_thread::get_id();
    if (syncs_fail) throw error(errc::store_failed, "the disk is broken: secret-of-the-store");
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return records_.size();
  }

  void erase_all() {
    const std::lock_guard lock(mutex_);
    records_.clear();
  }

 private:
  void count() {
    ++calls;
    thread = std::this_thread::get_id();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool commits_wait_ = false;
  int waiting_ = 0;
  std::map<session_id, record> records_;
  std::map<session_id, std::string> users_;
  std::uint64_t revisions_ = 0;
};

/// A store that may block in every function.
using fake_store = basic_fake_store<store>;

/// A store that grants or refuses the try functions.
class nonblocking_fake_store final : public basic_fake_store<nonblocking_store> {
 public:
  std::atomic<bool> tries_in_vain = false;
  std::atomic<int> tries = 0;

  std::optional<commit_result> try_commit(const session_id& id, std::string_view payload,
                                          time_point expiry,
                                          const std::optional<std::string>& expected_revision,
                                          std::string_view user) override {
    ++tries;
    if (tries_in_vain) return std::nullopt;
    return commit(id, payload, expiry, expected_revision, user);
  }
  std::optional<bool> try_touch(const session_id& id, time_point expiry) override {
    ++tries;
    if (tries_in_vain) return std::nullopt;
    return touch(id, expiry);
  }
};

}  // namespace scs::http::tests
