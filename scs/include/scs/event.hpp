#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a session_manager reports to session_options::on_event and counts in metrics.
enum class event_kind {
  /// A session was stored for the first time.
  created,
  /// A live session was found in the store.
  loaded,
  /// A session got a new token. `id` belongs to the new token.
  renewed,
  /// A session was destroyed or revoked.
  destroyed,
  /// A record was found whose payload has expired, or the store removed an expired record
  /// (session_options::report_expired_sessions).
  expired,
  /// A commit found that another commit had changed the session, and is tried again.
  conflict,
  /// A request with changes found that its session had ended.
  gone,
  /// A payload could not be decoded. The request continues with a new session. `cause` says why.
  payload_undecodable,
  /// The idle time could not be extended. The request continues. `cause` says why.
  touch_failed,
  /// A failed renewal left a record in the store that could not be erased. The record expires by
  /// itself, and nobody knows its token. `cause` says why.
  cleanup_failed,
  /// A cookie was not sealed by a key of the client_store, was changed, or has another revocation
  /// epoch than its user has now. The request continues with a new session. Anybody can cause this
  /// event.
  cookie_refused,
  /// A session was found that a revocation of its user's sessions has ended. The request continues
  /// with a new session.
  revoked,
  /// A request brought more tokens than are looked up, and none of those that were looked up opened
  /// a session. Somebody may have planted cookies that hide the visitor's own. A logout also ends
  /// the sessions of the other tokens.
  tokens_ignored,
  /// A request brought a token that was renewed longer ago than session_options::old_token_grace.
  /// Somebody may have a copy of the token. It may also be the visitor's own browser, if the
  /// response of the renewal was lost. `id` belongs to the old token.
  old_token,
  /// session::allows_change() refused a request that came from another site's page, or that lacked
  /// the token of the session's forms.
  cross_site_refused,
  /// The store accepts no more sessions (errc::store_full), so that a new session was refused.
  store_full,
  /// A logout took place but could not be made durable, and the request had already failed. A power
  /// failure may undo the logout. `cause` says why.
  logout_not_durable,
  /// session::set_deadline() was called with a moment in the past. The session ends at the commit,
  /// or does not begin. If that was not intended, the deadline may come from another clock.
  deadline_passed,
  /// The store found that its server is set up in a way that puts sessions at risk: its clock
  /// differs from this machine's, or it evicts records. `cause` says what to do. Nothing has failed
  /// yet.
  store_warning,
  /// A commit was refused because session_options::max_waiting_commits commits were waiting for the
  /// store (errc::store_busy).
  store_busy,
};
/// The number of event kinds.
inline constexpr std::size_t event_kind_count = 20;

/// Returns the name of the enumerator, for logs and metrics. Valid for the life of the process.
std::string_view name_of(event_kind kind) noexcept;

/// Something that happened in a session_manager, for logs and metrics. It never contains a token:
/// any part of `path` that could be a token, by its length and alphabet, is hidden.
struct event {
  /// What happened.
  event_kind kind{};
  /// The store's id of the session. Empty under id_mode::raw, where the id would be the token, and
  /// for sessions that a client_store keeps.
  std::optional<session_id> id{};
  /// The exception that caused a failure. Otherwise null.
  std::exception_ptr cause{};
  /// The session's present or former user, if known. Otherwise empty. It may be any text that was
  /// passed to session::set_user(), so use log_line() to write it into logs.
  std::string user{};
  /// The request's method and path, if they were passed to session_manager::load(). Otherwise
  /// empty. The path has no query and is cut to 256 bytes.
  std::string method{};
  std::string path{};
};

/// For session_options::on_event: discards all events, so that nothing is written to standard
/// error.
inline void ignore_event(const event&) noexcept {}

/// The part of a request that may be logged: its method, and its path without the query, which
/// often holds secrets. Both are cut to a length suitable for logs, and any part that could be a
/// token is hidden.
struct request_line {
  std::string method{};
  std::string path{};
};
/// Returns the part of a request that may be logged.
request_line loggable_request(std::string_view method, std::string_view path);

namespace detail {
/// Appends ` name="text"` to the line, in the format of log_line().
void append_log_member(std::string& line, std::string_view name, std::string_view text);
}  // namespace detail

/// Returns the event as one line without a line end: `old_token id=h:… user="ada" request="GET
/// /account"`. Only members that are set appear, and ` cause="…"` is last. Unprintable characters
/// of a text are written as \xNN and quotation marks as \x22, so that no text can begin another
/// line or member.
std::string log_line(const event& happened);

}  // namespace scs
