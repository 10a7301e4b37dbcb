#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <scs/header.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

#include "headers/cookie.hpp"
#include "manager/manager_core.hpp"
#include "session/cookie_session.hpp"
#include "session/session_data.hpp"
#include "session/session_storage.hpp"
#include "session/stored_session.hpp"

namespace scs::detail {

/// One request's session: scs::session delegates to it. It keeps what the request changes. A
/// session_storage knows where the session is kept. The rules in comments are those of
/// docs/session-rules.md. Invariants:
///
/// 1. Nothing is read before the first use, and nothing is stored before the commit, except by
///    destroy(), save() and update().
/// 2. Once `failure_` is set, every function except destroy() and abandon() throws it.
class session_state {
 public:
  /// Takes the tokens of a session that a store at the server keeps.
  session_state(manager_core& core, token_candidates&& candidates, const request_info& request)
      : policy_(request.policy),
        data_(core, request),
        storages_(std::in_place_type<stored_session>, data_, std::move(candidates)),
        storage_(std::get<stored_session>(storages_)) {}

  /// Takes the values of the cookies in which the session may live.
  session_state(manager_core& core, std::vector<std::string> candidates,
                const request_info& request)
      : policy_(request.policy),
        data_(core, request),
        storages_(std::in_place_type<cookie_session>, data_, std::move(candidates)),
        storage_(std::get<cookie_session>(storages_)) {}

  ~session_state() { leave_queue(); }
  session_state(const session_state&) = delete;
  session_state& operator=(const session_state&) = delete;

  /// Returns the live session of a record whose token nobody knows, so that it cannot be renewed.
  /// Null for a tombstone, and for a record that has ended or cannot be decoded.
  static std::unique_ptr<session_state> of_record(manager_core& core, const session_id& id,
                                                  const record& found);

  void load();
  void load_fresh();
  bool loaded() const noexcept { return data_.loaded.state() != loaded_session::kind::unknown; }

  std::optional<std::string_view> find_json(std::string_view key);
  std::vector<std::string> keys();
  void put_json(std::string_view key, std::string json, json_source source);
  void update_json(std::string_view key,
                   const std::function<std::string(std::optional<std::string_view>)>& fn,
                   json_source source);
  void remove(std::string_view key);
  void clear();

  void flash(std::string_view text, std::string_view kind);
  std::vector<flash_message> flashes();

  void renew();
  void destroy();
  void remember_me(bool persist);
  void set_user(std::string_view user, std::string_view where, session::at_login then);
  std::string user();
  std::optional<time_point> authenticated_at();
  void require_login_within(std::chrono::nanoseconds age);
  std::string csrf_token();
  bool allows_change(const csrf_request& request);
  void set_passive() noexcept { data_.is_active = false; }
  /// Rule 18: makes the commit store the session as one that began after this revocation.
  void spare(const std::string& user, time_point revoked_until);
  /// Makes the answer wait until the erasures for this session are durable.
  void owe_sync() noexcept { data_.owes_sync = data_.core.owes_sync_of_erasures(); }
  bool merge(std::string_view token_text);
  std::string token_text();
  session_id public_id();
  /// Returns the id of the stored record: the session's, or that of the tombstone that leads to it.
  /// Otherwise empty.
  session_id stored_id();
  time_point deadline();
  void set_deadline(time_point deadline);
  void expire_after(std::chrono::nanoseconds duration);
  std::chrono::nanoseconds idle_timeout();
  void set_idle_timeout(std::optional<std::chrono::nanoseconds> timeout);
  void touch();
  session_status status() const noexcept;
  std::uint64_t change_count() const noexcept { return change_count_; }

  void save();
  std::string debug_json();

  std::vector<header> commit();
  std::optional<std::vector<header>> try_commit();
  std::vector<header> abandon();
  std::optional<std::vector<header>> try_abandon();
  /// Enters the queue of commits that wait for the store, for a later commit() on another thread.
  /// Throws store_busy if the queue is full.
  void announce_commit();
  /// Commits without the other consequences of a request: no headers, no activity.
  void commit_changes_only();

 private:
  /// Counts as a waiting commit during its life. Throws store_busy if too many wait.
  class queue_place {
   public:
    explicit queue_place(session_state& waiting) : waiting_(waiting) { waiting_.enter_queue(); }
    ~queue_place() { waiting_.leave_queue(); }
    queue_place(const queue_place&) = delete;
    queue_place& operator=(const queue_place&) = delete;

   private:
    session_state& waiting_;
  };

  bool has_changes() const noexcept { return data_.changes.any() || !data_.changes.merged.empty(); }
  void enter_queue();
  void leave_queue() noexcept;
  void extend_if_there_is_room() noexcept;

  void mark_renewed();
  std::string stored_csrf_token();
  void require_loaded();
  void use();
  void open();
  void sync_erasures();
  void note_committed() noexcept;
  const scs::tracer& tracer() const noexcept { return data_.core.options().tracer; }
  std::vector<header> take_headers();

  const load_policy policy_;
  session_data data_;
  std::variant<stored_session, cookie_session> storages_;
  session_storage& storage_;  // one of storages_

  std::exception_ptr failure_{};
  bool commit_failed_ = false;
  std::uint64_t change_count_ = 0;
  /// For status(), in addition to the pending changes: whether update() has stored something since
  /// the last commit, and whether the session was destroyed.
  bool updated_ = false;
  bool destroyed_ = false;
  bool is_in_queue_ = false;
  /// Whether a part of the request's changes is in the store, so that the rest must not be refused.
  bool has_begun_ = false;
};

// One object is made for each request. For larger blocks, glibc has no free blocks ready in each
// thread.
static_assert(sizeof(void*) != 8 || sizeof(session_state) <= 1032);

}  // namespace scs::detail
