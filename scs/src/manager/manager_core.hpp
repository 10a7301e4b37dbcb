#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scs/client_store.hpp>
#include <scs/nonblocking_store.hpp>
#include <scs/options.hpp>
#include <scs/payload.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/store/caching_store.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/store/store_reports.hpp>
#include <scs/store/user_index.hpp>
#include <scs/store/watermark.hpp>
#include <scs/store_clock.hpp>

#include "manager/commit_queue.hpp"
#include "manager/default_warnings.hpp"
#include "manager/session_turns.hpp"

namespace scs::detail {

/// The moment at which a request was loaded, to decide later what happened before it.
struct request_start {
  std::chrono::nanoseconds moment{0};  // by the manager's clock, or the steady clock
  time_point last_revocation{};        // this manager's last revocation before that
};

/// Whether a record may come from a caching_store's copy.
enum class read_from { copy_or_engine, engine };

/// What a destruction does not erase.
struct spared_records {
  /// This session, and the tombstones that lead to it.
  session_id id{};
  /// If it is not empty: the sessions of all other users.
  std::string_view others_than{};
};

/// What an event contains about the request that caused it. The views must outlive the report.
struct event_source {
  std::string_view user{};
  std::string_view method{};
  std::string_view path{};
};

/// What a manager's sessions share: the checked options, and the store of either kind, whose
/// failures are thrown as scs::error. Immutable except for the store, the turns and the last
/// revocation.
///
/// Thread safety: any number of threads may call any function at the same time.
class manager_core {
 public:
  /// Throws scs::error (invalid_options).
  manager_core(std::unique_ptr<scs::store> store, session_options options);
  manager_core(std::unique_ptr<client_store> store, session_options options);
  ~manager_core();
  manager_core(const manager_core&) = delete;
  manager_core& operator=(const manager_core&) = delete;

  const session_options& options() const noexcept { return options_; }
  /// Whether sessions live in their cookies. Each of the following functions is for one kind of
  /// store only.
  bool keeps_at_client() const noexcept { return client_ != nullptr; }

  /// Throws scs::error (not_supported) if sessions live in their cookies.
  scs::store& store();

  /// The names of the headers that may contain a request's tokens.
  const std::vector<std::string>& request_header_names() const noexcept { return header_names_; }

  time_point now() const noexcept { return options_.clock->now(); }
  bool has_come(time_point moment) const noexcept { return options_.clock->has_come(moment); }

  request_start start() const noexcept;
  std::chrono::nanoseconds elapsed_since(const request_start& start) const noexcept;
  /// The store's time for the record with this id, if the store has a clock. Otherwise the
  /// manager's.
  time_point engine_time(const session_id& id);
  /// The time of this manager's latest revocation.
  time_point last_revocation() const noexcept;
  void note_revocation(time_point moment) noexcept;

  void sleep(std::chrono::nanoseconds duration) const { options_.sleep(duration); }

  /// For commits of a record that was read and changed.
  session_turns& turns() noexcept { return turns_; }

  /// The commits that wait for the store.
  commit_queue& waiting_commits() noexcept { return waiting_commits_; }

  std::optional<record> find(const session_id& id);
  /// Finds what loading a session needs: its record, and the user's watermark if the store can
  /// return both at once.
  session_with_watermark find_session(const session_id& id, read_from from);
  /// Does not use a copy.
  std::optional<record> find_fresh(const session_id& id) {
    forget(id);
    return find(id);
  }
  /// Makes sure that the next find() does not use a copy.
  void forget(const session_id& id);
  commit_result commit(const session_id& id, std::string_view text, time_point expiry,
                       const std::optional<std::string>& expected_revision, std::string_view user);
  /// Whether find() never blocks, and the next two functions may be called.
  bool has_nonblocking_store() const noexcept { return nonblocking_ != nullptr; }
  std::optional<commit_result> try_commit(const session_id& id, std::string_view text,
                                          time_point expiry,
                                          const std::optional<std::string>& expected_revision,
                                          std::string_view user);
  std::optional<bool> try_touch(const session_id& id, time_point expiry);
  /// Commits under an id that nobody knows yet. If it fails, it erases the record if the store can
  /// be reached: a record without an owner would be listed as a session.
  commit_result create(const session_id& id, std::string_view text, time_point expiry,
                       std::string_view user);
  bool touch(const session_id& id, time_point expiry);
  /// Writes the user's index entry for the record, if the store has such an index.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry);
  std::optional<record> erase(const session_id& id);
  /// Returns an empty optional if the store cannot count.
  std::optional<std::uint64_t> count();
  void for_each(const store::visitor& visit_record);
  void for_each_of_user(std::string_view user, const store::visitor& visit_record);

  /// Opens and seals values of the cookie that the options name.
  open_result open(std::string_view value);
  std::string seal(const sealed_session& session);
  std::uint64_t epoch_of(std::string_view user);

  /// Throws scs::error (payload_undecodable) for every exception of the codec.
  payload decode(std::string_view text) const;
  /// Throws scs::error (too_large) if a payload with values of this size is certainly over the
  /// limit. It checks nothing unless the codec is the default one, because other codecs may need
  /// less space for them.
  void check_payload_size(std::size_t size) const;
  /// Throws scs::error (too_large) if the payload exceeds the limit.
  std::string encode(const payload& contents) const;

  /// Erases the record and, if it is a tombstone, the session to which it was renewed: rule 3
  /// (renewal). Returns the erased records. If it throws, it can be called again, by anybody: all
  /// remaining records can still be reached, except for a session that others change without a
  /// pause. Throws store_timeout if such a session may become that of another user, whose sessions
  /// are to be spared.
  std::vector<record> destroy(const session_id& id, const spared_records& spared = {},
                              const event_source& by = {});

  /// Throws if the store cannot confirm the record's absence as it confirms an erasure. If the
  /// record exists nevertheless, it is erased and appended, and the id of its successor is
  /// returned.
  std::optional<session_id> confirm_absence(const session_id& id, std::vector<record>& destroyed);

  /// Whether the record is the user's, or was when it was renewed.
  bool belongs_to(const record& found, std::string_view user) const;

  /// Whether destroy() becomes durable only some time later, so that the caller must wait for it.
  bool owes_sync_of_erasures() const noexcept { return durable_ != nullptr; }
  /// Returns when the erasures are durable.
  void sync_erasures();

  /// Returns the id to which a tombstone leads. Empty for other records.
  std::optional<session_id> successor_of(const record& found) const;

  /// Returns the name of a session for users. It is the session's id. Under id_mode::raw, where the
  /// id is the token, it is the token's hash.
  session_id public_id(const session_id& id) const;

  /// Erases a record nobody refers to. Failure is reported as cleanup_failed, not thrown.
  void clean_up(const session_id& id) noexcept;

  /// Whether the application receives events, so that report() needs more than the kind.
  bool tells_events() const noexcept { return options_.on_event != nullptr; }
  /// Calls on_event, and drops its exceptions. `cause` may be null.
  void report(event_kind kind, const session_id& id, std::exception_ptr cause = {},
              const event_source& source = {}) const noexcept;

 private:
  /// A record in the chain from a renewed session to the live one.
  struct link {
    session_id id;
    record found;
  };

  std::chrono::nanoseconds moment() const noexcept;
  void report_destroyed(const session_id& id, const record& destroyed,
                        event_source by) const noexcept;
  void report_expired(const session_id& id, std::string_view payload) const noexcept;
  void listen_to_store();
  void visit_records(const store::visitor& visit_record,
                     const std::function<void(const store::visitor&)>& visit_all);

  /// Whether a call with an empty result counts as a call in the metrics.
  enum class if_empty { counts, is_no_call };
  /// What an error text of the store may quote from the arguments of the call.
  enum class quotable { id, sealed_session, nothing_secret };
  bool is_secret(quotable given) const noexcept;
  std::string encoded(const payload& contents) const;
  template <if_empty Empty = if_empty::counts, class Call>
  auto guarded(store_call kind, Call call, quotable given = quotable::id) -> decltype(call());
  template <if_empty Empty, class Call>
  auto measured(store_call kind, Call call, quotable given) -> decltype(call());

  std::unique_ptr<scs::store> store_;
  nonblocking_store* nonblocking_ = nullptr;  // store_, if it implements this interface
  store_clock* store_clock_ = nullptr;        // the same for these
  watermark_finder* watermark_finder_ = nullptr;
  caching_store* caching_store_ = nullptr;
  counting_store* counting_store_ = nullptr;
  user_index* user_index_ = nullptr;
  durable_erasures* durable_ = nullptr;  // the same, if the options ask for durable logouts
  std::unique_ptr<client_store> client_;
  session_options options_;
  const bool writes_values_whole_;  // payloads are at least as large as keys and values
  std::vector<std::string> header_names_;
  session_turns turns_;
  mutable default_warnings warnings_;
  commit_queue waiting_commits_;
  std::atomic<time_point::rep> last_revocation_{0};
};

}  // namespace scs::detail
