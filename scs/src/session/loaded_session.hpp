#pragma once

#include <chrono>
#include <utility>

#include <scs/clock.hpp>
#include <scs/payload.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

#include "manager/manager_core.hpp"

namespace scs::detail {

/// What was read of a request's session, or has been stored since: its record and, decoded when
/// somebody asks for it, the record's payload. Calls no store. Used by one thread at a time.
class loaded_session {
 public:
  enum class kind {
    unknown,  // nobody has asked yet
    none,     // no session: the first change begins one
    live,     // id(), stored() and contents() are it
    gone,     // id() is a tombstone, or was gone at a commit: empty, and nothing can be written,
              // but that renew() begins a session in the place of a tombstone
  };

  /// How long the old token of a renewed session is still known, for requests that are under way.
  static constexpr std::chrono::seconds tombstone_lifetime{60};

  explicit loaded_session(const manager_core& core) noexcept : core_(core) {}

  kind state() const noexcept { return kind_; }
  bool live() const noexcept { return kind_ == kind::live; }
  bool gone() const noexcept { return kind_ == kind::gone; }

  /// The store's; empty if there is none, and of a session that lives in its cookie.
  const session_id& id() const noexcept { return id_; }
  const record& stored() const noexcept { return record_; }
  bool has_record() const noexcept { return contents_are_current_ || !record_.payload.empty(); }

  /// Valid until the next adopt function. Throws scs::error (payload_undecodable).
  const payload& contents();

  /// The end of the session, as it was read or as one that begins now gets it.
  time_point deadline() { return live() ? contents().deadline : fresh_deadline_; }

  /// Rule 7: whether the deadline has passed, though the store may keep the record longer.
  bool is_over() { return core_.has_come(contents().deadline); }
  /// Whether the deadline has passed or the record has expired.
  bool has_expired();
  bool is_tombstone() { return !contents().moved_to.empty(); }
  /// Whether it became one longer ago than session_options::old_token_grace.
  bool is_old_tombstone();

  /// Another record; contents() is its payload from now on.
  void adopt(record&& stored) noexcept;
  /// The record is a live session, under this id.
  void adopt_live(const session_id& id) noexcept;
  void adopt_expiry(time_point expiry) noexcept { record_.expiry = expiry; }
  /// The session has gone; what adopt() took may be a tombstone by now.
  void adopt_gone() noexcept { kind_ = kind::gone; }
  /// There is nothing but a tombstone, under this id.
  void adopt_tombstone(const session_id& id) noexcept;
  /// There is no session. One that begins gets the lifetime that the options say, from now on.
  void adopt_none() noexcept;

  /// The record, which stored() then is no more.
  record take() noexcept;

 private:
  time_point end_of_lifetime() const noexcept;

  const manager_core& core_;
  kind kind_ = kind::unknown;
  session_id id_{};
  record record_{};
  payload contents_;  // has views into record_.payload (without braces: see session_data::changes)
  bool contents_are_current_ = false;
  time_point fresh_deadline_{};  // of a session that begins with this request
};

}  // namespace scs::detail
