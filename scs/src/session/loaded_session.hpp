#pragma once

#include <chrono>
#include <utility>

#include <scs/clock.hpp>
#include <scs/payload.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

/// What was read of a request's session, or has been stored since: the record and, decoded on
/// demand, the record's payload. Calls no store. Used by one thread at a time.
class loaded_session {
 public:
  enum class kind {
    unknown,  // not loaded yet
    none,     // no session: the first change begins one
    live,     // see id(), stored() and contents()
    gone,     // a tombstone, or ended at a commit: empty, and only renew() can begin a session
              // in its place
  };

  /// How long a renewed token is remembered, for requests that were sent before the renewal.
  static constexpr std::chrono::seconds tombstone_lifetime{60};

  explicit loaded_session(const manager_core& core) noexcept : core_(core) {}

  kind state() const noexcept { return kind_; }
  bool live() const noexcept { return kind_ == kind::live; }
  bool gone() const noexcept { return kind_ == kind::gone; }

  /// The store's id. Empty if there is no session, and for a session that lives in its cookie.
  const session_id& id() const noexcept { return id_; }
  const record& stored() const noexcept { return record_; }
  bool has_record() const noexcept { return contents_are_current_ || !record_.payload.empty(); }

  /// Valid until the next adopt function is called. Throws scs::error (payload_undecodable).
  const payload& contents();

  /// The deadline of the session that was read, or the one that a new session gets.
  time_point deadline() { return live() ? contents().deadline : fresh_deadline_; }

  /// Rule 7: whether the deadline has passed, even if the store keeps the record longer.
  bool is_over() { return core_.has_come(contents().deadline); }
  /// Whether the deadline has passed or the record has expired.
  bool has_expired();
  bool is_tombstone() { return !contents().moved_to.empty(); }
  /// Whether it became a tombstone longer ago than session_options::old_token_grace.
  bool is_old_tombstone();

  /// Replaces the record. contents() is its payload from now on.
  void adopt(record&& stored) noexcept;
  /// The record is that of a live session with this id.
  void adopt_live(const session_id& id) noexcept;
  void adopt_expiry(time_point expiry) noexcept { record_.expiry = expiry; }
  /// The session has ended. The adopted record may be a tombstone.
  void adopt_gone() noexcept { kind_ = kind::gone; }
  /// There is nothing but a tombstone with this id.
  void adopt_tombstone(const session_id& id) noexcept;
  /// There is no session. A new one gets the options' lifetime, from now on.
  void adopt_none() noexcept;

  /// Returns the record, which stored() no longer contains.
  record take() noexcept;

 private:
  time_point end_of_lifetime() const noexcept;

  const manager_core& core_;
  kind kind_ = kind::unknown;
  session_id id_{};
  record record_{};
  payload contents_;  // points into record_.payload (no braces: see session_data::changes)
  bool contents_are_current_ = false;
  time_point fresh_deadline_{};  // of a session that begins with this request
};

}  // namespace scs::detail
