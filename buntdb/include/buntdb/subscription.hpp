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

enum class change_kind {
  set,      ///< the item has this value and expiry
  erased,   ///< by a transaction, clear() included
  expired,  ///< removed because its time was over
  missed,   ///< the queue was full: this many changes are not in it
};

/// What a commit did to one key: what was true before and after it, not what happened in between.
struct change {
  change_kind kind = change_kind::set;
  std::string key = {};                       ///< empty if `missed`
  std::string value = {};                     ///< of `set`, unless watch_options::values is false
  time_point expires_at = time_point::max();  ///< of `set`; time_point::max() is never
  /// The commit's, which grows from commit to commit; of an item that was set and not only given
  /// another expiry, found_item::revision.
  std::uint64_t revision = 0;
  std::uint64_t missed = 0;  ///< how many, if `missed`
};

/// What is watched, and how much may wait.
struct watch_options {
  /// Keys that match are watched; as in index_options.
  std::string pattern = "*";
  /// If there are any, these keys are watched, and the pattern counts for nothing.
  std::vector<std::string> keys = {};
  /// Whether changes have the value.
  bool values = true;
  /// What may wait until it is asked for: this many changes, and this many bytes of keys and
  /// values. What does not fit is dropped, and a change of the kind `missed` stands in its place.
  std::size_t max_changes = 1024;
  std::size_t max_bytes = std::size_t{16} << 20U;
  /// Called when there is something to ask for after there was nothing: for an event loop, which
  /// posts to itself here and then calls try_next() until that is empty. One thread of the
  /// database's own calls for all subscriptions, so it should be short. It may use the database and
  /// the subscription, but must not close or destroy the database. What it throws is ignored.
  std::function<void()> on_change = {};
};

/// The changes of some keys, in the order of the commits, each after it can be read. Begins with
/// the commits that become visible after database::watch() has returned; so watch first, and then
/// read what is there: what is committed in between is in both, and nothing is in neither.
///
/// Moved, not copied; its functions may be called by any thread. It may outlive the database. The
/// destructor waits for a call of on_change that is under way, unless that is what destroys it. A
/// subscription costs each commit a look at the keys that it changed.
class subscription {
 public:
  subscription(subscription&& other) noexcept;
  subscription& operator=(subscription&& other) noexcept;
  ~subscription();

  /// The next change if there is one. Never waits.
  std::optional<change> try_next();
  /// Waits for one, but no longer than that; empty also when the database was closed and all
  /// changes have been asked for.
  std::optional<change> next_for(std::chrono::nanoseconds timeout);

  /// Whether the database was closed: what try_next() does not have now, it never will.
  bool ended() const;

 private:
  friend class database;

  explicit subscription(std::shared_ptr<engine::change_queue> queue) noexcept;

  std::shared_ptr<engine::change_queue> queue_;
};

}  // namespace buntdb
