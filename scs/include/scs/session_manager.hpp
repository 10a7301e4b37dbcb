#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/client_store.hpp>
#include <scs/header.hpp>
#include <scs/options.hpp>
#include <scs/session.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/user_session.hpp>

namespace scs BUNTSTORE_PUBLIC {

namespace detail BUNTSTORE_PRIVATE {
class manager_core;
}

/// Whether a request counts as activity, which extends the session's idle time.
enum class request_activity {
  counts,
  /// See session::set_passive().
  passive,
};

/// What load() gets to know about a request, in addition to its headers.
struct request_info {
  /// When the session asks the store.
  load_policy policy = load_policy::on_first_use;
  /// Whether the request extends the idle time.
  request_activity activity = request_activity::counts;
  /// The method and the path, such as `GET` and `/account?page=2`, for events only. They are copied
  /// if there is an on_event.
  std::string_view method{};
  std::string_view path{};
};

/// Loads and commits sessions, and owns the store. It does not depend on an HTTP library. An
/// adapter calls load() with a request's headers, runs the handler, calls commit() before the
/// response's headers are sent, and appends the headers that commit() returns. If the handler or
/// the commit throws, the adapter drops the handler's response, lets an error function answer
/// (http_status() returns the status), and appends the headers that abandon() returns.
///
/// It must outlive its sessions, and cannot be moved.
///
/// Thread safety: any number of threads may call any function at the same time.
class session_manager {
 public:
  /// Throws scs::error (invalid_options). The message names the wrong option.
  explicit session_manager(std::unique_ptr<scs::store> store, session_options options = {});
  /// The same for sessions that live in their cookies.
  explicit session_manager(std::unique_ptr<client_store> store, session_options options = {});
  ~session_manager();
  session_manager(const session_manager&) = delete;
  session_manager& operator=(const session_manager&) = delete;

  /// Returns the session of a request. `header_lines` are the values of all lines of the headers
  /// that request_header_names() lists. They are copied as far as needed. If several cookies have
  /// the right name, at most four that could be tokens are considered, and the first one that opens
  /// a live session wins. Throws std::bad_alloc only.
  session load(std::span<const std::string_view> header_lines, const request_info& request = {});
  session load(std::string_view header_line, const request_info& request = {}) {
    return load(std::span{&header_line, 1}, request);
  }
  session load(std::span<const std::string_view> header_lines, load_policy policy) {
    return load(header_lines, request_info{.policy = policy});
  }
  session load(std::string_view header_line, load_policy policy) {
    return load(header_line, request_info{.policy = policy});
  }

  /// Returns the names of the headers that load() needs, in the order in which it expects their
  /// values: `Cookie`; or, with session_options::transport, its header, and `Authorization` if that
  /// may hold a token. Valid as long as the manager.
  std::span<const std::string> request_header_names() const noexcept;

  /// Stores what the request changed and returns the headers to append to the response:
  /// - Set-Cookie with Cache-Control: no-store, for a session that is new, renewed, destroyed, or
  ///   whose end was changed. With a header_transport, its header instead of Set-Cookie, for a new
  ///   or destroyed session.
  /// - Vary for each of request_header_names(), if there is one of these or the session was used.
  ///
  /// If the session was not used, there are no headers and the store is not called. If your code
  /// may use the session after this call, it must send Vary nevertheless.
  ///
  /// Throws scs::error: session_gone, store_timeout, too_large, store_failed, too_many_sessions.
  /// The session's changes are still there then, but call abandon(). After a commit that succeeded
  /// the session can be used and committed again.
  std::vector<header> commit(session& session);

  /// Drops what the request changed. Call it when a handler or a commit has thrown. Returns the
  /// headers for the error's response. They clear the cookie of a destroyed session even so. Throws
  /// std::bad_alloc only. It calls the store, and may block, only to extend the idle time of a
  /// session that was loaded, if there is an idle timeout, and to make a logout durable.
  std::vector<header> abandon(session& session);

  // --- for threads that must not block, such as those of an event loop ---

  /// Does the same as session::load() if that does not block, that is, if the store is a
  /// nonblocking_store and old_tokens is `report`. Otherwise it does nothing and returns false:
  /// call load() on another thread. A session that lives in its cookie may need the application to
  /// look up a user's epoch, so the result is always false for it unless it is loaded.
  bool try_load(session& session);

  /// Does the same as commit() if that does not block, that is, if it needs no call to the store,
  /// or one call that a nonblocking_store grants, and no logout must be made durable. Otherwise it
  /// does nothing and returns an empty optional: call commit() on another thread. Throws what
  /// commit() throws.
  std::optional<std::vector<header>> try_commit(session& session);

  /// Call it after try_commit() has refused, if another thread will call commit(). From now on the
  /// session counts as waiting (session_options::max_waiting_commits) until commit() or abandon()
  /// has returned. Throws scs::error (store_busy) if too many are waiting already.
  void announce_commit(session& session);

  /// Does the same as abandon() if that does not block. Otherwise it does nothing and returns an
  /// empty optional: call abandon() on another thread.
  std::optional<std::vector<header>> try_abandon(session& session);

  // --- all sessions ---

  /// Returns the approximate number of sessions, for a gauge. Expired sessions may be counted until
  /// the store removes them, and a renewed session is counted twice for a minute. The call is
  /// cheap, except that PostgreSQL takes time in proportion to the number, without reading the
  /// sessions. Empty if the store would have to read all sessions (Redis, and any store that is not
  /// a counting_store), under id_mode::raw, and if sessions live in their cookies. Throws
  /// scs::error (store_failed).
  std::optional<std::uint64_t> count();

  /// Ends the session with this id in the store, and the session to which it was renewed, if any.
  /// An unknown id is not an error. Throws scs::error: store_failed, or not_supported if sessions
  /// live in their cookies.
  void revoke(const session_id& id);

  /// Calls the function for every live session, in no particular order, and commits what it
  /// changes. visit::stop ends the iteration. A session that the function does not change is not
  /// written, and no session's idle time is extended. The session that the function gets has no
  /// token and cannot be renewed. It is valid during the call only. Sessions that begin or end
  /// meanwhile may or may not be visited. Exceptions of the function pass through, and that
  /// session's changes are dropped. Throws what a commit throws, except session_gone.
  void iterate(const std::function<visit(session&)>& visit_session);

  // Revocations return when they are durable (session_options::durable_logouts). revoke_others()
  // leaves that to the commit.

  // --- the sessions of a user (session::set_user()): each throws scs::error (store_failed, or
  // not_supported if sessions live in their cookies) ---

  /// Returns the user's live and committed sessions. The one that was seen last is first. A session
  /// that is being renewed at this moment is listed once.
  std::vector<user_session> sessions_of(std::string_view user);
  /// Returns the sessions of this session's user. This session itself is marked as `current`.
  std::vector<user_session> sessions_of(session& current);

  /// Returns how many sessions sessions_of() lists.
  std::size_t count(std::string_view user);

  /// Ends one session of this user, by its id in the list. The id may come from a form: a session
  /// of another user is not changed, not even one that was this user's before. Returns false if the
  /// user has no such session. Throws store_timeout if other requests keep changing it.
  bool revoke(std::string_view user, const session_id& id);

  /// Ends all sessions of the user that have begun: those that are stored, those that are being
  /// renewed, and those whose login is in progress, that is, whose request was loaded before this
  /// call. The commit of such a login throws session_gone. Returns how many sessions were listed.
  /// Call it for a new password, or when a user's account ends. A handler that continues to use a
  /// session of this user calls revoke_others() instead. Throws store_timeout, too. The sessions
  /// may or may not have ended then.
  std::size_t revoke_all(std::string_view user);

  /// Ends every session in the store: those with a user as revoke_all() does, and those without
  /// one. Returns how many there were. It misses a first request or a login in progress of a
  /// visitor who had no session in the store. If that matters, call it again when the longest
  /// request has ended. Takes time in proportion to all sessions, and memory for the names of their
  /// users. Throws store_timeout, too.
  std::size_t revoke_everybody();

  /// Does the same as revoke_all() for the session's user (the one that set_user() set in this
  /// request, if it was called), but keeps this request's session. The commit renews the session
  /// and stores it as one that began after the revocation. Until then, and if the request fails,
  /// this session has ended, too, because somebody else with its token may have renewed it. Throws
  /// errc::invalid_value in iterate().
  std::size_t revoke_others(session& current);

  /// Does the same as iterate() for the sessions of this user.
  void iterate(std::string_view user, const std::function<visit(session&)>& visit_session);

  // --- the manager itself ---

  /// The cookie's name, as configured or by default. It has no meaning if there is a
  /// header_transport.
  const std::string& cookie_name() const noexcept;
  /// The options. Valid as long as the manager.
  const session_options& options() const noexcept;
  /// The store, valid as long as the manager. Throws scs::error (not_supported) if sessions live in
  /// their cookies.
  scs::store& store();

 private:
  std::function<visit(const session_id&, const record&)> visiting(
      const std::function<visit(session&)>& visit_session);

  std::unique_ptr<detail::manager_core> core_;
};

}  // namespace scs
