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

/// The stage of a move. Each stage is compatible with the stages before and after it, so that
/// servers in two adjacent stages can run at the same time while the servers of a site are
/// restarted one by one.
enum class moving_stage {
  /// Every record is written where it is, and new sessions are stored in the old store. This stage
  /// is compatible with servers that use only the old store, without this class.
  prepare,
  /// New sessions are stored in the new store, and an existing session moves at its first commit.
  move,
};

/// How a move proceeds.
struct BUNTSTORE_PUBLIC moving_options {
  /// The stage of this server.
  moving_stage stage = moving_stage::prepare;
  /// The clock for logins and revocations in a store that has no clock. Use the session manager's.
  /// Null: the system's clock. It must outlive the store.
  const scs::clock* clock = nullptr;
};

/// Combines two stores while the sessions of a site move from one to the other. A session is looked
/// up in the new store and then in the old one. docs/choosing-a-store.md shows the move in three
/// restarts.
///
/// A session moves by one compare-and-set in the old store. It replaces the session's record by a
/// mark that contains the new payload. From then on the session can only be in the new store. Any
/// call that finds such a mark, even after a crash, completes the move: it puts a second mark into
/// the new store, checks that the first one still exists, replaces the second one by the record,
/// and erases the first one. A logout completes the move and then erases the session, together with
/// any remaining marks. So a session is never in both stores and never in neither, and no session
/// returns that has ended.
///
/// Costs: a find() of a session in the old store takes one call more than in that store, and of an
/// unknown id two more. A commit takes an additional find(), and one that moves a session about
/// seven more calls. touch() and erase() take two more calls for a session in the new store and
/// three more for one in the old store. for_each() keeps the ids of all records in memory. Loading
/// a session and its user's watermark takes two round trips.
///
/// A PostgreSQL store with payload_column::jsonb cannot take part, because a mark is not JSON.
///
/// If the stores have different clocks (Redis and PostgreSQL have their own, other stores use this
/// machine's), the later time counts. Within the difference of the clocks, a login may be treated
/// as if it came before a revocation that it followed, or the other way round.
///
/// Thread safety and errors are those of a store. A call throws what the failing store throws. Both
/// stores must be available.
class BUNTSTORE_PUBLIC moving final : public store,
                                      public store_clock,
                                      public caching_store,
                                      public durable_erasures,
                                      public expiry_reports,
                                      public counting_store,
                                      public user_index,
                                      public store_reports {
 public:
  /// Takes ownership of both stores. Throws scs::error (invalid_options) if one is null.
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

  /// Returns the later one of the two stores' times. For a store without a clock it is the options'
  /// clock.
  time_point engine_time(const session_id& id) override;
  void forget(const session_id& id) override;
  void sync_erasures() override;
  void on_expired(expiry_reports::listener call) override;
  /// Returns the sum, in which a session counts twice while it moves. Empty if one of the stores
  /// cannot count.
  std::optional<std::uint64_t> count() override;
  /// Writes the entry in the store that has the record.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry) override;
  /// Reports the warnings of both stores.
  void on_warning(store_reports::listener call, std::chrono::nanoseconds idle_timeout) override;

  /// Moves everything that is left in the old store, sessions and revocations, and returns how many
  /// records it moved. When it has returned, and all servers are in the stage `move`, the old store
  /// is not needed any more. You may repeat it, and several servers may call it. It lists both
  /// stores and takes about nine calls for each record that it moves. If a session is touched while
  /// it moves, its expiry may be that of the previous touch. Throws scs::error (invalid_options) in
  /// the stage `prepare`.
  std::size_t move_rest();

  /// The old store. Valid as long as this object.
  scs::store& from() noexcept { return *from_; }
  /// The new store. Valid as long as this object.
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
