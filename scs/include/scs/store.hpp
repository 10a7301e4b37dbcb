#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a store keeps for one session.
struct record {
  /// Any bytes, possibly none. The store does not interpret them.
  std::string payload{};
  /// From this moment on the record counts as absent. A store may round it to the precision of its
  /// engine, at the coarsest to a whole second.
  time_point expiry{};
  /// An opaque text that changes with every commit (but not with a touch). A store never uses a
  /// revision again for the same id while somebody may still have it. It should fit into the
  /// small-string buffer if possible.
  std::string revision{};
  /// The session's user, as passed to the last commit. for_each() and for_each_of_user() must set
  /// it. Other functions need not.
  std::string user{};
};

/// The result of a commit.
struct commit_result {
  /// How the commit ended.
  enum class outcome {
    /// Stored, and durable as far as the engine's settings promise. `revision` is the new one.
    committed,
    /// The record has another revision, or exists although none was expected. Nothing was changed.
    conflict,
    /// A revision was expected and the record is absent. Nothing was changed.
    gone,
  };

  outcome result = outcome::conflict;
  std::string revision{};
};

/// The beginning of the ids under which a manager keeps records that are not sessions. They have no
/// user. A store treats such ids as all others. Whatever lists sessions ignores them.
inline constexpr std::string_view reserved_id_prefix = "w:";

/// Returns whether the id begins with reserved_id_prefix.
inline bool is_reserved(const session_id& id) noexcept {
  return id.text().starts_with(reserved_id_prefix);
}

/// Whether an iteration continues.
enum class visit { next, stop };

/// Keeps sessions at the server. An expired record is absent for every function.
///
/// Thread safety: any number of threads may call any function at the same time. Each call is
/// atomic, so that of two commits that expect the same revision at most one succeeds.
///
/// Errors: if the engine fails, a function throws scs::error (store_failed, store_full) or the
/// engine's own exception, which the manager nests in a store_failed. After an exception, the
/// caller does not know whether the commit, touch or erasure took place. An absent record is never
/// an exception. An error text must not contain an id, because under id_mode::raw the id is a
/// token.
///
/// The conformance suite in stores/tests/conformance checks all of this on any store. A store whose
/// find() answers from memory may derive from nonblocking_store, for servers with event loops.
///
/// A complete store:
///
///     class map_store final : public scs::store {
///      public:
///       explicit map_store(const scs::clock& clock = scs::clock::system()) : clock_(clock) {}
///
///       std::optional<scs::record> find(const scs::session_id& id) override {
///         const std::lock_guard lock(mutex_);
///         const scs::record* const there = live(id);
///         return there ? std::optional(*there) : std::nullopt;
///       }
///       scs::commit_result commit(
///           const scs::session_id& id, std::string_view payload, scs::time_point expiry,
///           const std::optional<std::string>& revision, std::string_view user) override {
///         const std::lock_guard lock(mutex_);
///         const scs::record* const there = live(id);
///         if (!there && revision) return {scs::commit_result::outcome::gone, {}};
///         if (there && there->revision != revision) return {};  // a conflict
///         const std::string next = std::to_string(++last_revision_);
///         entries_[id] = {std::string(payload), expiry, next, std::string(user)};
///         return {scs::commit_result::outcome::committed, next};
///       }
///       bool touch(const scs::session_id& id, scs::time_point expiry) override {
///         const std::lock_guard lock(mutex_);
///         scs::record* const there = live(id);
///         if (there) there->expiry = std::max(there->expiry, expiry);
///         return there != nullptr;
///       }
///       std::optional<scs::record> erase(const scs::session_id& id) override {
///         const std::lock_guard lock(mutex_);
///         if (!live(id)) return std::nullopt;
///         return entries_.extract(id).mapped();
///       }
///       void for_each(const visitor& visit) override {
///         for (const auto& [id, copy] : copies())
///           if (visit(id, copy) == scs::visit::stop) return;
///       }
///       void for_each_of_user(std::string_view user, const visitor& visit) override {
///         for (const auto& [id, copy] : copies()) {  // all records: slow with many
///           if (user.empty() || copy.user != user) continue;
///           if (visit(id, copy) == scs::visit::stop) return;
///         }
///       }
///
///      private:
///       using entries = std::map<scs::session_id, scs::record>;
///
///       scs::record* live(const scs::session_id& id) {
///         const auto found = live_entries().find(id);
///         return found == entries_.end() ? nullptr : &found->second;
///       }
///       entries& live_entries() {  // checks all records: slow, too
///         std::erase_if(entries_, [&](auto& e) { return clock_.has_come(e.second.expiry); });
///         return entries_;
///       }
///       entries copies() {  // for visitors, which may call this store
///         const std::lock_guard lock(mutex_);
///         return live_entries();
///       }
///
///       const scs::clock& clock_;
///       std::mutex mutex_;
///       entries entries_;
///       std::uint64_t last_revision_ = 0;
///     };
class store {
 public:
  /// Gets an id and its record. Returns whether to continue.
  using visitor = std::function<visit(const session_id&, const record&)>;

  /// The greatest size in bytes of a user's name.
  static constexpr std::size_t max_user_size = 255;

  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  virtual ~store() = default;

  /// Returns the record as it is now, or an empty optional if it is absent.
  virtual std::optional<record> find(const session_id& id) = 0;

  /// Compares and sets: stores payload and expiry if the record has `expected_revision` or, if that
  /// is empty, if the record is absent. If the expiry is not in the future, this removes the record
  /// instead, and the result is `committed`. `user` is the session's user, or empty if it has
  /// none. It is UTF-8, may contain NUL, has at most max_user_size bytes, and equals the user in
  /// the payload if the codec stores users. It replaces the user of an earlier commit.
  virtual commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                               const std::optional<std::string>& expected_revision,
                               std::string_view user) = 0;

  /// Sets the expiry to the later one of its present value and `expiry`. Payload, revision and user
  /// remain. Returns false if the record is absent, and does not create it.
  virtual bool touch(const session_id& id, time_point expiry) = 0;

  /// Makes the record absent, whatever its revision. Returns the erased record, or an empty
  /// optional if there was none. Even then the call returns only when the absence is as durable as
  /// an erasure: an earlier call may have erased the record and thrown because replicas did not
  /// confirm it.
  virtual std::optional<record> erase(const session_id& id) = 0;

  /// Calls the visitor for every record that exists from the beginning to the end of the call.
  /// Records that begin or end meanwhile may or may not be visited. The order is unspecified, and
  /// each id is visited at most once. The visitor may call this store. Its exceptions pass through.
  virtual void for_each(const visitor& visit_record) = 0;

  /// Does the same for the records whose last commit had this user. It visits every record that
  /// exists and is this user's from the beginning to the end of the call. It never visits a record
  /// that is another user's at the moment when it is read. An empty user has no records. Takes time
  /// in proportion to the user's records, not to all.
  virtual void for_each_of_user(std::string_view user, const visitor& visit_record) = 0;
};

}  // namespace scs
