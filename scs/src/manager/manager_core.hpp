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

/// The moment at which a request was loaded, for whoever asks later what came before it.
struct request_start {
  std::chrono::nanoseconds moment{0};  // of the manager's clock, or the steady one
  time_point last_revocation{};        // the last one of this manager by then
};

/// Whether a record may come from a copy that a caching_store has.
enum class read_from { copy_or_engine, engine };

/// What a destruction leaves alone.
struct spared_records {
  /// A session, and the tombstones that lead to it.
  session_id id{};
  /// If not empty, sessions of everybody but this user.
  std::string_view others_than{};
};

/// What an event says of the request that caused it; views that outlive the report.
struct event_source {
  std::string_view user{};
  std::string_view method{};
  std::string_view path{};
};

/// What a manager's sessions share: the options, checked and filled in, and the store of either
/// kind, whose failures come out as scs::error. Immutable but for the
/// store, the turns and the last revocation; used from any thread.
class manager_core {
 public:
  /// Throws scs::error (invalid_options).
  manager_core(std::unique_ptr<scs::store> store, session_options options);
  manager_core(std::unique_ptr<client_store> store, session_options options);
  ~manager_core();
  manager_core(const manager_core&) = delete;
  manager_core& operator=(const manager_core&) = delete;

  const session_options& options() const noexcept { return options_; }
  /// Whether sessions live in their cookies. What follows is for one kind or the other.
  bool keeps_at_client() const noexcept { return client_ != nullptr; }

  /// Throws scs::error (not_supported) if they do.
  scs::store& store();

  /// Whose values a request's tokens are looked for in.
  const std::vector<std::string>& request_header_names() const noexcept { return header_names_; }

  time_point now() const noexcept { return options_.clock->now(); }
  bool has_come(time_point moment) const noexcept { return options_.clock->has_come(moment); }

  request_start start() const noexcept;
  std::chrono::nanoseconds elapsed_since(const request_start& start) const noexcept;
  /// The store's time, if it has one, for the record with this id.
  time_point engine_time(const session_id& id);
  /// The latest one of this manager.
  time_point last_revocation() const noexcept;
  void note_revocation(time_point moment) noexcept;

  void sleep(std::chrono::nanoseconds duration) const { options_.sleep(duration); }

  /// For commits of a record that was read and changed.
  session_turns& turns() noexcept { return turns_; }

  /// The commits that wait for the store.
  commit_queue& waiting_commits() noexcept { return waiting_commits_; }

  std::optional<record> find(const session_id& id);
  /// To load a session: with the watermark of its user, if the store can tell both at once.
  session_with_watermark find_session(const session_id& id, read_from from);
  /// Not from a copy.
  std::optional<record> find_fresh(const session_id& id) {
    forget(id);
    return find(id);
  }
  /// The next find() is not answered from a copy.
  void forget(const session_id& id);
  commit_result commit(const session_id& id, std::string_view text, time_point expiry,
                       const std::optional<std::string>& expected_revision, std::string_view user);
  /// Whether find() never blocks, and the next two can be called.
  bool has_nonblocking_store() const noexcept { return nonblocking_ != nullptr; }
  std::optional<commit_result> try_commit(const session_id& id, std::string_view text,
                                          time_point expiry,
                                          const std::optional<std::string>& expected_revision,
                                          std::string_view user);
  std::optional<bool> try_touch(const session_id& id, time_point expiry);
  /// A commit under an id that nobody knows yet. One that fails leaves nothing, if the store can be
  /// reached: a record without an owner would be listed as a session.
  commit_result create(const session_id& id, std::string_view text, time_point expiry,
                       std::string_view user);
  bool touch(const session_id& id, time_point expiry);
  /// The user's index has the record, if the store has such an index.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry);
  std::optional<record> erase(const session_id& id);
  /// Empty if the store cannot tell.
  std::optional<std::uint64_t> count();
  void for_each(const store::visitor& visit_record);
  void for_each_of_user(std::string_view user, const store::visitor& visit_record);

  /// For the cookie that the options name.
  open_result open(std::string_view value);
  std::string seal(const sealed_session& session);
  std::uint64_t epoch_of(std::string_view user);

  /// Throws scs::error (payload_undecodable) whatever the codec throws.
  payload decode(std::string_view text) const;
  /// Throws scs::error (too_large) if values of this size are known to be over the limit, whatever
  /// else the payload has. Another codec than the default may need less for them.
  void check_payload_size(std::size_t size) const;
  /// Throws scs::error (too_large) over the limit.
  std::string encode(const payload& contents) const;

  /// Erases the record and, while it is a tombstone, what it was renewed to: rule 3 (renewal);
  /// returns what it erased. If it throws, it can be called again, by anybody: nothing that was
  /// left is out of reach, but for a session that others change without a pause. Throws
  /// store_timeout if such a one may become another user's, whose sessions are to be spared.
  std::vector<record> destroy(const session_id& id, const spared_records& spared = {},
                              const event_source& by = {});

  /// Throws if the store cannot confirm that there is no such record, as it confirms an erasure.
  /// Erases what is there all the same, appends it, and returns where it leads.
  std::optional<session_id> confirm_absence(const session_id& id, std::vector<record>& destroyed);

  /// Whether the record is the user's, or was when it was renewed.
  bool belongs_to(const record& found, std::string_view user) const;

  /// Whether what destroy() erases is durable some time later only, so that it must be waited for.
  bool owes_sync_of_erasures() const noexcept { return durable_ != nullptr; }
  /// Returns when it is.
  void sync_erasures();

  /// Where a tombstone leads; empty for all else.
  std::optional<session_id> successor_of(const record& found) const;

  /// How a session is named to users: its id, but under id_mode::raw, where that would be the
  /// token, the token's hash.
  session_id public_id(const session_id& id) const;

  /// The same for what nobody needs to know of: a failure is an event.
  void clean_up(const session_id& id) noexcept;

  /// Whether anybody is told what report() says besides the kind.
  bool tells_events() const noexcept { return options_.on_event != nullptr; }
  /// Tells on_event, and drops what that throws. `cause` may be null.
  void report(event_kind kind, const session_id& id, std::exception_ptr cause = {},
              const event_source& source = {}) const noexcept;

 private:
  /// A record on the way from a renewed session to the live one.
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

  /// What an empty result of a call says to those who count: that it has been made, or not.
  enum class if_empty { counts, is_no_call };
  /// What a text of the store's may quote of what the call was given.
  enum class quotable { id, sealed_session, nothing_secret };
  bool is_secret(quotable given) const noexcept;
  std::string encoded(const payload& contents) const;
  template <if_empty Empty = if_empty::counts, class Call>
  auto guarded(store_call kind, Call call, quotable given = quotable::id) -> decltype(call());
  template <if_empty Empty, class Call>
  auto measured(store_call kind, Call call, quotable given) -> decltype(call());

  std::unique_ptr<scs::store> store_;
  nonblocking_store* nonblocking_ = nullptr;  // store_, if it is one
  store_clock* store_clock_ = nullptr;        // the same
  watermark_finder* watermark_finder_ = nullptr;
  caching_store* caching_store_ = nullptr;
  counting_store* counting_store_ = nullptr;
  user_index* user_index_ = nullptr;
  durable_erasures* durable_ = nullptr;  // the same, if that is wanted
  std::unique_ptr<client_store> client_;
  session_options options_;
  const bool writes_values_whole_;  // a payload has at least the bytes of its keys and values
  std::vector<std::string> header_names_;
  session_turns turns_;
  mutable default_warnings warnings_;
  commit_queue waiting_commits_;
  std::atomic<time_point::rep> last_revocation_{0};
};

}  // namespace scs::detail
