#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
class change_queue;
}

/// What happened to a key.
enum class change_kind {
  set,      ///< the item has this value and expiry
  erased,   ///< erased by a transaction, including by clear()
  expired,  ///< removed because its time was over
  missed,   ///< the queue was full: this many changes are not in it
};

/// What a commit did to one key: the state after it compared with the state before it, without the
/// steps in between.
struct change {
  /// What happened.
  change_kind kind = change_kind::set;
  std::string key = {};                       ///< empty if `missed`
  std::string value = {};                     ///< if `set`, unless watch_options::values is false
  time_point expires_at = time_point::max();  ///< if `set`; time_point::max(): never
  /// The revision of the commit, which grows from commit to commit. For an item that was set, and
  /// not only given another expiry, it equals found_item::revision.
  std::uint64_t revision = 0;
  std::uint64_t missed = 0;  ///< how many changes, if `missed`
};

/// What is watched, and how many changes may be queued.
struct watch_options {
  /// Keys that match this pattern are watched; see index_options for its syntax.
  std::string pattern = "*";
  /// If not empty, these keys are watched and the pattern is ignored.
  std::vector<std::string> keys = {};
  /// Whether changes contain the value.
  bool values = true;
  /// The greatest number of changes in the queue. A change that does not fit is dropped, and a
  /// change of the kind `missed` takes its place.
  std::size_t max_changes = 1024;
  /// The greatest size of the keys and values in the queue, in bytes.
  std::size_t max_bytes = std::size_t{16} << 20U;
  /// Called when the queue was empty and now has a change. For an event loop, which posts to itself
  /// in this function and then calls try_next() until that returns nothing. One thread of the
  /// database makes the calls of all subscriptions, so it should be short. It may use the database
  /// and the subscription, but must not close or destroy the database. Exceptions from it are
  /// ignored.
  std::function<void()> on_change = {};
};

/// A queue of the changes of some keys, in the order of the commits. A change is delivered after it
/// can be read. The subscription begins with the commits that become visible after
/// database::watch() has returned. So call watch() first and then read the present state: a commit
/// in between is in both, and none is missed.
///
/// It can be moved but not copied. Any thread may call its functions. It may outlive the database.
/// The destructor waits for a call of on_change that is under way, unless that call runs the
/// destructor. For each subscription, every commit compares the keys that it changed with what is
/// watched.
class subscription {
 public:
  /// Takes over the other subscription.
  subscription(subscription&& other) noexcept;
  /// Ends this subscription and takes over the other one.
  subscription& operator=(subscription&& other) noexcept;
  ~subscription();

  /// Returns the next change, or nothing if the queue is empty. Never waits.
  std::optional<change> try_next();
  /// Waits for the next change, but no longer than `timeout`. Also returns nothing when the
  /// database was closed and the queue is empty.
  std::optional<change> next_for(std::chrono::nanoseconds timeout);

  /// Returns whether the database was closed. If so, no further changes will be queued.
  bool ended() const;

 private:
  friend class database;

  explicit subscription(std::shared_ptr<engine::change_queue> queue) noexcept;

  std::shared_ptr<engine::change_queue> queue_;
};

}  // namespace buntdb
