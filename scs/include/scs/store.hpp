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
  /// Any bytes, also none: the store does not look into them.
  std::string payload{};
  /// From this moment on the record is absent. A store may round it to what its engine can keep,
  /// to a whole second at the coarsest.
  time_point expiry{};
  /// Opaque; another one after every commit (but not after a touch), never used again for this id
  /// while somebody can still hold it, and short enough for the small-string buffer if possible.
  std::string revision{};
  /// Whose session it is, as the last commit named them: for_each() and for_each_of_user() say it;
  /// other functions need not.
  std::string user{};
};

/// What became of a commit.
struct commit_result {
  enum class outcome {
    /// Stored, durably as far as the engine's settings promise; `revision` is the new one.
    committed,
    /// The record is there at another revision, or is there and must not be. Nothing was changed.
    conflict,
    /// A revision was expected and the record is absent. Nothing was changed.
    gone,
  };

  outcome result = outcome::conflict;
  std::string revision{};
};

/// How ids begin under which a manager keeps what is no session, without a user. To a store they
/// are ids like others; what lists sessions passes them over.
inline constexpr std::string_view reserved_id_prefix = "w:";

inline bool is_reserved(const session_id& id) noexcept {
  return id.text().starts_with(reserved_id_prefix);
}

/// Whether for_each goes on.
enum class visit { next, stop };

/// Keeps sessions at the server. A record that has expired is absent for every function.
///
/// Thread safety: any function from any number of threads at once; each acts at one moment, so that
/// of two commits that expect the same revision at most one is committed.
/// Failure: what the engine cannot do is thrown, as scs::error (store_failed, store_full) or as the
/// engine's own exception, which the manager nests in a store_failed. Whether a commit, touch or
/// erase that threw took place is unknown to the caller. Absent is never an exception. An error
/// text must not contain an id: under id_mode::raw it is a token.
/// The conformance suite in stores/tests/conformance checks all of this on any store. A store
/// whose find() answers from memory may be a nonblocking_store, for servers with event loops.
///
/// A whole one:
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
///         for (const auto& [id, copy] : copies()) {  // of all: slow with many sessions
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
///       entries& live_entries() {  // looks at all: slow, too
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
  using visitor = std::function<visit(const session_id&, const record&)>;

  static constexpr std::size_t max_user_size = 255;

  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  virtual ~store() = default;

  /// The record as it is now, or empty if absent.
  virtual std::optional<record> find(const session_id& id) = 0;

  /// Compare and set: stores payload and expiry if the record is at `expected_revision`; with none,
  /// if it is absent. An expiry that is not in the future leaves the record absent, and counts as
  /// committed. `user` is whose session it is, empty for nobody's: UTF-8, NUL included, of at most
  /// max_user_size bytes, and the same as in the payload, if its codec keeps users there. It
  /// replaces what an earlier commit said.
  virtual commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                               const std::optional<std::string>& expected_revision,
                               std::string_view user) = 0;

  /// Moves the expiry to the later of the two, keeping payload, revision and user. False if absent:
  /// a touch revives nothing.
  virtual bool touch(const session_id& id, time_point expiry) = 0;

  /// Makes the record absent, at whatever revision. Returns what was erased; empty if there was
  /// nothing. Then, too, the call returns only if the absence is as durable as an erasure is: an
  /// earlier call may have erased the record and thrown, because replicas did not confirm it.
  virtual std::optional<record> erase(const session_id& id) = 0;

  /// Visits every record that is there from beginning to end of the call; of those that come or go
  /// meanwhile, any. In no particular order, each id at most once. The visitor may call this store;
  /// its exceptions pass through.
  virtual void for_each(const visitor& visit_record) = 0;

  /// The same for the records whose last commit named this user: whatever is of the user, and
  /// there, from beginning to end of the call is visited, and nothing that is another's at the
  /// moment when it is read. Nobody has no records. Takes time for the user's records, not for all.
  virtual void for_each_of_user(std::string_view user, const visitor& visit_record) = 0;
};

}  // namespace scs
