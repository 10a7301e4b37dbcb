#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/store/caching_store.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/store/store_reports.hpp>
#include <scs/store/user_index.hpp>
#include <scs/store/watermark.hpp>
#include <scs/store_clock.hpp>

namespace scs::stores {

/// The limits of a near_cache.
struct BUNTSTORE_PUBLIC near_cache_options {
  /// How long a copy may be used without asking the inner store. A session that *another* process
  /// destroyed, revoked or changed may still be served unchanged for this long.
  std::chrono::milliseconds max_age{1000};
  /// The approximate memory for copies in bytes. The oldest copies are dropped first. A record that
  /// is larger than a hundredth of it is not copied.
  std::size_t max_bytes = std::size_t{64} << 20;
  /// The clock for the expiry of records. (The age of copies is measured by the steady clock as
  /// well.) Null: the system's clock. It must outlive the store.
  const scs::clock* clock = nullptr;
};

/// Wraps another store, usually a remote one, and answers find() from a copy for a short time. It
/// is useful if the pages of one visitor reach one process in bursts.
///
/// After this object has committed, touched or erased a record, it never uses a copy that was made
/// before. That holds even if the call threw, or if a find() was running meanwhile. Changes by
/// other processes are visible after max_age at the latest, and to every commit immediately: a
/// commit that is based on an outdated copy is a conflict or gone, as without a cache, and the next
/// find() asks the store. The absence of records is not cached, except for a user's watermark,
/// which is needed for each session of a user. So a revocation by another process is visible after
/// max_age at the latest, too. session::load_fresh() sees all of that immediately.
///
/// All other calls are passed to the inner store.
///
/// Thread safety: any number of threads may call any function at the same time.
class BUNTSTORE_PUBLIC near_cache final : public store,
                                          public store_clock,
                                          public watermark_finder,
                                          public caching_store,
                                          public durable_erasures,
                                          public counting_store,
                                          public user_index,
                                          public store_reports {
 public:
  /// Takes ownership of the inner store. Throws scs::error (invalid_options).
  explicit near_cache(std::unique_ptr<scs::store> behind, near_cache_options options = {});
  ~near_cache() override;

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  std::optional<record> erase(const session_id& id) override;
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// Answers from copies, or in as many round trips as the inner store takes.
  session_with_watermark find_with_watermark(const session_id& id) override;
  void forget(const session_id& id) override;

  /// Returns the inner store's time, or the time of this object's clock if the inner store has
  /// none.
  time_point engine_time(const session_id& id) override;

  /// Syncs the inner store. Does nothing if that is not durable_erasures.
  void sync_erasures() override;

  /// Returns the inner store's count. Empty if the inner store cannot count.
  std::optional<std::uint64_t> count() override;

  /// Writes the entry in the inner store. Does nothing if that has no such index.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry) override;

  /// Reports the warnings of the inner store, if it has any.
  void on_warning(listener call, std::chrono::nanoseconds idle_timeout) override;

  /// How many calls of find() were answered from a copy, and how many asked the inner store.
  struct counts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };
  /// Returns the counts since the start.
  counts statistics() const noexcept;

  /// Returns the approximate memory of the copies in bytes.
  std::size_t bytes() const;

  /// The inner store. Valid as long as this object.
  scs::store& behind() noexcept { return *behind_; }

 private:
  class copies;
  class change;

  const std::unique_ptr<scs::store> behind_;
  const std::unique_ptr<copies> copies_;
};

}  // namespace scs::stores
