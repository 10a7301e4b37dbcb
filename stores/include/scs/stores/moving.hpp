#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/store.hpp>
#include <scs/store/caching_store.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/store/expiry_reports.hpp>
#include <scs/store/store_reports.hpp>
#include <scs/store/user_index.hpp>
#include <scs/store_clock.hpp>

namespace scs::stores {

namespace marks {
struct reading;
}

/// How far a move has come. Each stage is compatible with the one before and after it: while the
/// servers of a site are restarted one by one, two neighbors run side by side.
enum class moving_stage {
  /// Everything is written where it is; new sessions go into the old store. Servers that know the
  /// old store only, and do not use this class, are compatible with it.
  prepare,
  /// New sessions go into the new store, and a session moves at its first commit.
  move,
};

struct BUNTSTORE_PUBLIC moving_options {
  moving_stage stage = moving_stage::prepare;
  /// The time that logins and revocations go by in a store that has no clock of its own: that of
  /// the session manager. Null: the system's. Must outlive the store.
  const scs::clock* clock = nullptr;
};

/// Two stores as one, while the sessions of a site move from the one to the other. What is in the
/// new store is found there, otherwise what is in the old one. docs/choosing-a-store.md shows the
/// move as three restarts.
///
/// A session moves by one compare-and-set in the old store, which replaces its record by a mark
/// that has the new payload in it. From then on the session can only be in the new store. Whoever
/// finds such a mark, after a crash too, completes the move: it puts a second mark into the new
/// store, looks whether the first one is still there, replaces the second one by the record, and
/// erases the first. A logout completes the move, and erases the session where it then is, together
/// with what is left of marks. So a session is never in both, never in neither, and none comes back
/// that has ended.
///
/// Costs: a find() in the old store is a call more than there, and of an unknown id two more. A
/// commit takes a find() more, and one that moves a session about seven calls more; a touch() and
/// an erase() take two more in the new store and three in the old one. for_each() keeps the ids of
/// all records in memory. A session and its user's watermark are two round trips.
///
/// A PostgreSQL store with payload_column::jsonb cannot take part: a mark is no JSON.
///
/// If the stores have different clocks (those of Redis and PostgreSQL, otherwise this machine's),
/// the later time counts. By how much they differ, a login may be taken for one from before a
/// revocation, or the other way round.
///
/// Thread safety and failures are those of a store. A call throws what the store throws that
/// failed: neither of them may be down.
class BUNTSTORE_PUBLIC moving final : public store,
                                      public store_clock,
                                      public caching_store,
                                      public durable_erasures,
                                      public expiry_reports,
                                      public counting_store,
                                      public user_index,
                                      public store_reports {
 public:
  /// Takes over both stores. Throws scs::error (invalid_options) if one is null.
  moving(std::unique_ptr<scs::store> from, std::unique_ptr<scs::store> to,
         moving_options options = {});
  ~moving() override;

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  std::optional<record> erase(const session_id& id) override;
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

  /// The later one of the two stores' times. That of a store without a clock is the options'.
  time_point engine_time(const session_id& id) override;
  void forget(const session_id& id) override;
  void sync_erasures() override;
  void on_expired(expiry_reports::listener call) override;
  /// The sum, which counts a session twice while it moves; empty if one of the stores cannot tell.
  std::optional<std::uint64_t> count() override;
  /// Where the record is.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry) override;
  /// The warnings of both.
  void on_warning(store_reports::listener call, std::chrono::nanoseconds idle_timeout) override;

  /// Moves all that is left in the old store, sessions and revocations, and returns how many there
  /// were. When it has returned, and all servers are in the stage `move`, the old store is not
  /// needed any more. It may be repeated, and several servers may call it. Lists both stores, and
  /// takes about nine calls for each record that it moves. Whoever touches a session while it moves
  /// may find its expiry to be that of the touch before. Throws scs::error (invalid_options) in the
  /// stage `prepare`.
  std::size_t move_rest();

  scs::store& from() noexcept { return *from_; }
  scs::store& to() noexcept { return *to_; }

 private:
  struct found_record;

  std::optional<found_record> locate(const session_id& id);
  store& at(char place) noexcept;
  void settle(const session_id& id, char place, const record& mark, const marks::reading& read);
  void erase_stale_mark(const session_id& id, char place);
  commit_result create(const session_id& id, std::string_view payload, time_point expiry,
                       std::string_view user);
  commit_result claim_and_create(const session_id& id, std::string_view payload, time_point expiry,
                                 std::string_view user);
  commit_result move(const session_id& id, std::string_view payload, time_point expiry,
                     const std::string& revision, std::string_view user);
  commit_result refused(const session_id& id);
  template <class VisitAll>
  void visit_both(const visitor& visit_record, const VisitAll& visit_all);

  const std::unique_ptr<scs::store> from_;
  const std::unique_ptr<scs::store> to_;
  const moving_stage stage_;
  const scs::clock& clock_;
};

}  // namespace scs::stores
