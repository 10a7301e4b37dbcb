#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <scs/store.hpp>
#include <scs/token.hpp>

#include "headers/cookie.hpp"
#include "manager/manager_core.hpp"
#include "manager/session_turns.hpp"
#include "manager/user_sessions.hpp"
#include "session/request_changes.hpp"
#include "session/session_data.hpp"
#include "session/session_storage.hpp"

namespace scs::detail {

/// A session whose record a store at the server keeps. Functions that write to the store are called
/// store_…, or try_store_… if they never block. Functions that read it are called find_…. Functions
/// called adopt_… only change what this object knows. The rules in comments are those of
/// docs/session-rules.md. Invariants:
///
/// 1. The record is replaced only at the revision that was read.
/// 2. A function that adopts a record after a conflict does not change the request's changes: they
///    are applied again.
class stored_session final : public session_storage {
 public:
  /// Takes the tokens that the browser sent.
  stored_session(session_data& data, token_candidates&& candidates) noexcept
      : data_(data), candidates_(std::move(candidates)) {}

  void open() override;
  void open_fresh() override;
  void commit() override;
  bool try_commit() override;
  void extend() noexcept override;
  void end() override;
  bool update(std::string_view key, const json_update& make) override;
  bool merge(std::string_view token_text) override;
  std::string_view token_text() const noexcept override;

  /// Adopts the session of a record whose token nobody knows. Returns false for a tombstone, and
  /// for a record that has ended or cannot be decoded.
  bool adopt_record(const session_id& id, const record& found);

 private:
  using outcome = commit_result::outcome;
  enum class candidate { absent, tombstone, live };

  void open_from(read_from from);
  candidate find_candidate(const session_id& id, read_from from);
  bool ends_by_old_token(const session_id& id);
  void find_again();

  void store_changes();
  /// Calls manager_core::create(), and reports an event if the store is full.
  commit_result create(const session_id& id, std::string_view text, time_point expiry,
                       std::string_view user);
  void store_new();
  outcome store_merged_changes();
  outcome store_replacement(const request_changes& applied);
  outcome store_renewed();
  void check_new(const session_id& id, const payload& contents, const session_id& before);
  void check_replaced(const request_changes& applied, const payload& contents,
                      const std::string& revision);
  std::optional<login> limited_login() const;
  void store_tombstone_again(const session_id& fresh);
  void end_merged_sessions();

  // stored_session_in_place.cpp: each function returns false if it would block, and has then
  // changed nothing
  bool try_store_changes();
  std::optional<commit_result> try_create(const session_id& id, std::string_view text,
                                          time_point expiry, std::string_view user);
  bool try_store_new();
  bool try_store_replacement();
  bool try_extend() noexcept;

  void adopt_new(const token& fresh, const session_id& id, record&& stored);
  void adopt_changes() noexcept;

  void mark_beginning();
  static bool needs_user_check(const request_changes& applied) noexcept;
  bool is_being_renewed(const session_id& id, const payload& contents);
  bool is_revoked(const payload& contents);
  bool is_spared(const payload& contents, time_point until) const noexcept;

  bool begins_on_tombstone() const noexcept;
  bool wait_for(session_turn& turn) const;
  [[noreturn]] void throw_gone();

  session_data& data_;
  const token_candidates candidates_;
  std::optional<token> token_{};         // of a live session
  std::unique_ptr<record> tombstone_{};  // the session's, if the request has read one
};

}  // namespace scs::detail
