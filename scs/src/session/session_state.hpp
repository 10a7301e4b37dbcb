#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scs/header.hpp>
#include <scs/session.hpp>
#include <scs/token.hpp>

#include "headers/cookie.hpp"
#include "manager/manager_core.hpp"
#include "manager/retry.hpp"
#include "manager/session_turns.hpp"

namespace scs::detail {

/// One request's session. session_state.cpp loads and reads it, session_changes.cpp keeps what the
/// request changes, session_commit.cpp stores that (client_state.cpp if it lives in its cookie),
/// session_headers.cpp makes the response's headers. What holds all the time (the rules named in
/// the .cpp files are those for requests that overlap):
///
/// 1. What the store said (`record_`, `base_`) and what the request changed (`changes_` and the
///    members beside it) are apart until the commit, so that after a conflict the changes can be
///    applied to what the store says then.
/// 2. The store's record is only ever replaced at the revision that was read.
/// 3. `failure_`, once set, is thrown by everything but destroy() and abandon().
/// 4. `base_` holds views into `record_.payload`: both are replaced together.
class session_state {
 public:
  session_state(manager_core& core, const token_candidates& candidates, load_policy policy) noexcept
      : core_(core), candidates_(candidates), policy_(policy) {}

  /// With the values of cookies in which the session may live.
  session_state(manager_core& core, std::vector<std::string> candidates, load_policy policy)
      : core_(core),
        candidates_(),
        policy_(policy),
        client_(std::make_unique<client_part>(client_part{std::move(candidates)})) {}

  /// The live session of a record, whose token nobody knows: it cannot be renewed. Null for a
  /// tombstone and for what is over or undecodable.
  static std::unique_ptr<session_state> of_record(manager_core& core, const session_id& id,
                                                  const record& found);

  void load();
  bool loaded() const noexcept { return kind_ != kind::unknown; }

  std::optional<std::string_view> find_json(std::string_view key);
  std::vector<std::string> keys();
  void put_json(std::string_view key, std::string json, json_source source);
  void update_json(std::string_view key,
                   const std::function<std::string(std::optional<std::string_view>)>& fn,
                   json_source source);
  void remove(std::string_view key);
  void clear();

  void renew();
  void destroy();
  void remember_me(bool persist);
  void set_user(std::string_view user, std::string_view where);
  std::string user();
  bool merge(std::string_view token_text);
  std::string token_text();
  session_id public_id();
  /// Of what is stored: the session, or the tombstone that leads to where it is by now. Else empty.
  session_id stored_id();
  time_point deadline();
  void set_deadline(time_point deadline);
  void touch();
  session_status status() const noexcept;

  void save();
  std::string debug_json();

  std::vector<header> commit();
  std::optional<std::vector<header>> try_commit();
  std::vector<header> abandon();
  /// Without any of a request's consequences: no headers, no activity.
  void commit_changes_only();

 private:
  /// What the store said of the candidates.
  enum class kind {
    unknown,  // not asked yet
    none,     // no session: the first change begins one
    live,     // id_, record_ and base_ are it
    gone,     // id_ is a tombstone, or was gone at a commit: empty, and nothing can be written,
              // but that renew() begins a session in the place of a tombstone_
  };

  struct user_change {
    std::string user;
    std::string where;
    time_point created;
  };

  /// A session that merge() has read.
  struct merged_session {
    session_id id;
    std::string revision;
  };

  /// Keys' new values; none where a key was removed.
  using key_changes = std::map<std::string, std::optional<std::string>, std::less<>>;

  /// What a session that lives in its cookie has beside the rest; id_, token_ and the record's
  /// revision are not used then.
  struct client_part {
    std::vector<std::string> candidates{};  // until they were opened
    std::string value{};                    // of a live session
    std::uint64_t epoch = 0;                // of a live session
    bool reseal = false;                    // the value's key is on its way out
  };

  void require_loaded();
  void use();
  void ask_store();
  bool take(const token& candidate, const session_id& id);
  payload& base();
  void forget_changes() noexcept;
  bool begins_anew() const noexcept;
  bool changed() const noexcept;
  bool puts_something() const noexcept;
  void copy_properties(payload& to, const payload& from) const;

  void set_change(std::string_view key, std::optional<std::string> json);
  void set_checked_change(std::string_view key, std::string json);
  std::size_t changes_size_with(std::string_view key, std::size_t size) const;
  void forget_change(std::string_view key);
  payload merged();
  payload with(std::string_view key, std::string_view json);

  void store_changes();
  void end_merged_sessions();
  void take_over(const payload& other);
  void create();
  void confirm_tombstone(const session_id& fresh);
  void created(const token& fresh, const session_id& id, record&& stored);
  void become(const token& fresh, const session_id& id, record&& stored);
  void commit_changes();
  bool take(session_turn& turn) const;
  commit_result::outcome replace_by_changes();
  void changes_are_stored();
  commit_result::outcome move_to_new_token();
  commit_result::outcome replace(const payload& contents, time_point deadline);
  void replaced(record&& stored);
  bool is_over();
  time_point expiry_of_new(time_point deadline) const;
  time_point expiry_of_replaced(time_point deadline);
  void reread();
  [[noreturn]] void throw_gone();
  void extend_idle_time() noexcept;

  // commit_in_place.cpp: each false if it would have to wait, and has then changed nothing
  bool try_store_changes();
  bool try_create();
  bool try_replace();
  bool try_extend_idle_time() noexcept;

  bool extension_is_due(time_point expiry) const;

  // client_state.cpp
  void open_candidates();
  bool open_candidate(std::string& value);
  void commit_to_cookie();
  std::uint64_t epoch_for(std::string_view user);
  void seal(const payload& contents, time_point expiry);
  void end_in_cookie();
  void extend_in_cookie() noexcept;

  std::vector<header> response_headers();
  std::optional<std::string> cookie_to_set();
  set_cookie bare_cookie() const;
  std::string cookie_with(std::string_view value, const payload& contents) const;
  void append_token_header(std::vector<header>& headers) const;

  manager_core& core_;
  const token_candidates candidates_;
  const load_policy policy_;

  const std::unique_ptr<client_part> client_{};  // null: a store at the server has it

  kind kind_ = kind::unknown;
  std::exception_ptr failure_{};
  std::optional<token> token_{};  // of a live session
  session_id id_{};
  record record_{};
  std::optional<record> tombstone_{};  // of id_, if the request has loaded one
  payload base_{};
  bool base_is_current_ = false;
  time_point fresh_deadline_{};  // of a session that begins with this request

  key_changes changes_{};
  std::size_t changes_size_ = 0;  // of all keys and values in changes_
  bool cleared_ = false;          // before changes_
  std::optional<time_point> new_deadline_{};
  std::optional<bool> new_remember_me_{};
  std::optional<user_change> new_user_{};
  bool renew_ = false;
  std::vector<merged_session> merged_sessions_{};  // to be destroyed after the commit

  bool used_ = false;       // the response depends on the cookie
  bool of_request_ = true;  // there is a visitor, who is active and can be given a token
  bool updated_ = false;    // update() or save() has stored something since the last commit
  bool destroyed_ = false;
  bool commit_failed_ = false;
  bool cookie_is_due_ = false;
  bool token_is_new_ = false;
  bool clearing_is_due_ = false;
};

}  // namespace scs::detail
