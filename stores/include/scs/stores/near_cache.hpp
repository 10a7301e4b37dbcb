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

struct BUNTSTORE_PUBLIC near_cache_options {
  /// How long a record may be served without asking the inner store. This is also how long a
  /// session that *another* process destroyed, revoked or changed may still be served as it was.
  std::chrono::milliseconds max_age{1000};
  /// The memory for copies, about; the oldest go first. A record of more than a hundredth of it is
  /// not kept.
  std::size_t max_bytes = std::size_t{64} << 20;
  /// For the expiry of records; their age is measured by the steady clock as well. Null: the
  /// system's. Must outlive the store.
  const scs::clock* clock = nullptr;
};

/// A store in front of another one, usually a remote one, that answers find() from a copy for a
/// short while. Worth it when the pages of one visitor come to one process in bursts.
///
/// What this object committed, touched or erased, it never serves from a copy made before: also not
/// if the call threw, nor if a find was under way meanwhile. Changes by others are seen after
/// max_age at the latest, and by every commit at once: a commit that rests on an old copy is a
/// conflict or gone, as without a cache, and the next find asks the store. Absence is not kept,
/// but that of a user's watermark, which is asked for with each session of a user: a revocation by
/// another process, too, is seen after max_age at the latest. session::load_fresh() sees all of
/// that at once.
///
/// All other calls go through. Any number of threads may use it.
class BUNTSTORE_PUBLIC near_cache final : public store,
                                          public store_clock,
                                          public watermark_finder,
                                          public caching_store,
                                          public durable_erasures,
                                          public counting_store,
                                          public user_index,
                                          public store_reports {
 public:
  /// Takes over the inner store. Throws scs::error (invalid_options).
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

  /// From copies, or in the round trips that the inner store takes.
  session_with_watermark find_with_watermark(const session_id& id) override;
  void forget(const session_id& id) override;

  /// That of the inner store, or this object's if that has none.
  time_point engine_time(const session_id& id) override;

  /// That of the inner store; nothing if that has none.
  void sync_erasures() override;

  /// That of the inner store; empty if that cannot tell.
  std::optional<std::uint64_t> count() override;

  /// By the inner store; nothing if that has no such index.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry) override;

  /// The warnings of the inner store; none if that has none.
  void on_warning(listener call, std::chrono::nanoseconds idle_timeout) override;

  /// Finds answered from a copy, and finds that asked the inner store.
  struct counts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };
  counts statistics() const noexcept;

  /// The memory that the copies take now, about.
  std::size_t bytes() const;

  scs::store& behind() noexcept { return *behind_; }

 private:
  class copies;
  class change;

  const std::unique_ptr<scs::store> behind_;
  const std::unique_ptr<copies> copies_;
};

}  // namespace scs::stores
