#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/session_id.hpp>

namespace scs BUNTSTORE_PUBLIC {

enum class event_kind {
  /// A session was stored for the first time.
  created,
  /// A live session was found in the store.
  loaded,
  /// A session got a new token; `id` is the new one.
  renewed,
  /// A session was destroyed or revoked.
  destroyed,
  /// A record was found whose payload says that it is over; or the store has removed one that
  /// expired (session_options::report_expired_sessions).
  expired,
  /// A commit met another one and is tried again.
  conflict,
  /// A request with changes found its session gone.
  gone,
  /// A payload could not be decoded; the request goes on with a new session. `cause` says why.
  payload_undecodable,
  /// The idle time could not be extended; the request goes on. `cause` says why.
  touch_failed,
  /// What a failed renewal left in the store could not be erased. It expires by itself, and nobody
  /// knows its token. `cause` says why.
  cleanup_failed,
  /// A cookie was not sealed by a key of the client_store, or was changed, or its user's revocation
  /// epoch is another one; the request goes on with a new session. Anybody can cause these.
  cookie_refused,
  /// A session was found that its user's revocation has ended; the request goes on with a new one.
  revoked,
  /// A request brought more tokens than are looked up, and none of these opened a session: somebody
  /// may have planted cookies that hide the visitor's. A logout ends the sessions of the others,
  /// too.
  tokens_ignored,
  /// A request brought a token that was renewed away longer ago than
  /// session_options::old_token_grace: somebody may have a copy of it. It may also be the visitor's
  /// own browser, which did not get the renewal's answer. `id` is the old one.
  old_token,
  /// session::allows_change() refused a request that came from another site's page, or without the
  /// token of the session's forms.
  cross_site_refused,
  /// The store takes no more sessions (errc::store_full): a new one was refused.
  store_full,
  /// A logout took place, but could not be made durable, and the request had failed already: a
  /// power cut may take it back. `cause` says why.
  logout_not_durable,
  /// session::set_deadline() was given a moment that has passed: the session ends at the commit, or
  /// does not begin. If that was not meant, the deadline may be of another clock.
  deadline_passed,
  /// The store has found its server set up in a way that puts sessions at risk: its clock differs
  /// from ours, or it evicts records. `cause` says what to do. Nothing has failed yet.
  store_warning,
  /// A commit was refused, because as many as session_options::max_waiting_commits wait for the
  /// store (errc::store_busy).
  store_busy,
};
inline constexpr std::size_t event_kind_count = 20;

/// As in the enumeration, for logs and metrics.
std::string_view name_of(event_kind kind) noexcept;

/// Something that happened in a session_manager, for logs and metrics. Never holds a token: what
/// may be one, by its length and alphabet, is hidden in `path`.
struct event {
  event_kind kind{};
  /// The store's id; none under id_mode::raw, where it would be the token, and for sessions that a
  /// client_store keeps.
  std::optional<session_id> id{};
  /// The exception that is the cause of a failure, otherwise null.
  std::exception_ptr cause{};
  /// Whose session it is, or was, where that is known; otherwise empty. Any text, as
  /// session::set_user() was told: write it into logs by log_line().
  std::string user{};
  /// Of the request, if session_manager::load() was told; otherwise empty. Without the query, and
  /// cut after 256 bytes.
  std::string method{};
  std::string path{};
};

/// For session_options::on_event: events are told to nobody, and nothing is written to standard
/// error.
inline void ignore_event(const event&) noexcept {}

/// What of a request may be written down: its method, and its path without the query, which often
/// holds secrets; each cut to a length that logs bear, and what may be a token hidden.
struct request_line {
  std::string method{};
  std::string path{};
};
request_line loggable_request(std::string_view method, std::string_view path);

namespace detail {
/// ` name="text"`, as log_line() writes it.
void append_log_member(std::string& line, std::string_view name, std::string_view text);
}  // namespace detail

/// The event as one line, without its end: `old_token id=h:… user="ada" request="GET /account"`,
/// with the members that are there, and ` cause="…"` last. What is unprintable in a text stands as
/// \xNN, and a quotation mark as \x22, so that no text can begin another line or member.
std::string log_line(const event& happened);

}  // namespace scs
