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

/// What load() is told of a request besides its headers.
struct request_info {
  load_policy policy = load_policy::on_first_use;
  request_activity activity = request_activity::counts;
  /// For events only: `GET` and `/account?page=2`. Copied if there is an on_event.
  std::string_view method{};
  std::string_view path{};
};

/// Loads and commits sessions; owns the store. Knows no HTTP library: an adapter calls load() with
/// a request's headers, runs the handler, calls commit() before the response's headers go
/// out, and appends what it gives. When the handler or the commit throws, the adapter drops the
/// handler's response, lets an error function answer (http_status() says how), and appends what
/// abandon() gives.
///
/// Any number of threads may use it at once. It outlives its sessions, and cannot be moved.
class session_manager {
 public:
  /// Throws scs::error (invalid_options), naming the option at fault.
  explicit session_manager(std::unique_ptr<scs::store> store, session_options options = {});
  /// With sessions that live in their cookies.
  explicit session_manager(std::unique_ptr<client_store> store, session_options options = {});
  ~session_manager();
  session_manager(const session_manager&) = delete;
  session_manager& operator=(const session_manager&) = delete;

  /// The session of a request, from the values of all its lines of the headers that
  /// request_header_names() lists. Copies what it needs of them. Of several cookies with the right
  /// name at most four that look like tokens are considered; the first live one wins. Does not
  /// throw but std::bad_alloc.
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

  /// `Cookie`; with session_options::transport its header, and `Authorization` if that may hold a
  /// token. In the order in which load() is to get their values. Lives as long as the manager.
  std::span<const std::string> request_header_names() const noexcept;

  /// Stores what the request changed and gives the headers to append to the response: Set-Cookie
  /// for a session that is new, renewed, destroyed or whose end was changed (or the transport's
  /// header for a new or destroyed one), with Cache-Control: no-store; Vary for each of
  /// request_header_names() if there is one of these or the session was used; none, and no call of
  /// the store, if it was not. What may use the session after this needs Vary all the same.
  /// Throws scs::error: session_gone, store_timeout, too_large, store_failed, too_many_sessions.
  /// The session's changes are still there then, but call abandon(). After a commit that succeeded
  /// the session can be used and committed again.
  std::vector<header> commit(session& session);

  /// Drops what the request changed: for a handler that threw and for a commit that failed. Returns
  /// the headers for the error's response: a session that was destroyed clears its cookie even so.
  /// Does not throw but std::bad_alloc. Calls the store, and may block, only to extend the idle
  /// time of a session that was loaded, if there is an idle timeout, and to make a logout durable.
  std::vector<header> abandon(session& session);

  // --- for threads that must not block, such as those of an event loop ---

  /// session::load() if that does not block: if the store is a nonblocking_store, and old_tokens is
  /// `report`. Otherwise false, and nothing was done: call load() elsewhere. Always false for a
  /// session that lives in its cookie, because the application may have to be asked for a user's
  /// epoch, unless it is loaded.
  bool try_load(session& session);

  /// commit() if that does not block: if it takes one call of a nonblocking_store, which grants it,
  /// or none, and there is no logout to be made durable. Otherwise empty, and nothing was done:
  /// call commit() elsewhere. Throws what commit() throws.
  std::optional<std::vector<header>> try_commit(session& session);

  /// After a try_commit() that was refused: the session waits for commit() from now on, which
  /// another thread will call, and counts for session_options::max_waiting_commits until that or
  /// abandon() has returned. Throws scs::error (store_busy) if as many wait already.
  void announce_commit(session& session);

  /// abandon() if that does not block. Otherwise empty, and nothing was done: call abandon()
  /// elsewhere.
  std::optional<std::vector<header>> try_abandon(session& session);

  // --- all sessions ---

  /// How many sessions there are, for a gauge: cheap, and so not exact. What has expired may count
  /// until the store removes it, and a renewed session counts twice for a minute. PostgreSQL takes
  /// time in proportion to their number, without reading them. Empty if the store cannot tell
  /// without reading all of them (Redis, and any that is no counting_store), under id_mode::raw,
  /// and if sessions live in their cookies. Throws scs::error (store_failed).
  std::optional<std::uint64_t> count();

  /// Ends the session with this id of the store's, and what it was renewed to. An unknown one is no
  /// error. Throws scs::error: store_failed; not_supported if sessions live in their cookies.
  void revoke(const session_id& id);

  /// Calls the function for every live session, in no particular order, and commits what it
  /// changes; visit::stop ends it. What is not changed is not written, and no session's idle time
  /// is extended. Such a session has no token and cannot be renewed; it lives as long as the call.
  /// Sessions that begin or end meanwhile are visited or not. What the function throws passes
  /// through, and that session's changes are dropped. Throws what a commit throws but session_gone.
  void iterate(const std::function<visit(session&)>& visit_session);

  // Revocations return when they are durable (session_options::durable_logouts), and
  // revoke_others() leaves that to the commit.

  // --- the sessions of a user (session::set_user()): each throws scs::error (store_failed, or
  //     not_supported if sessions live in their cookies) ---

  /// Those that are live and committed, the one that was seen last first. A session that is just
  /// being renewed is listed once.
  std::vector<user_session> sessions_of(std::string_view user);
  /// The sessions of this session's user, itself marked as `current`.
  std::vector<user_session> sessions_of(session& current);

  /// How many sessions_of() lists.
  std::size_t count(std::string_view user);

  /// Ends one, by the id in the list, if it is this user's: the id may come from a form, and
  /// another user's is not touched, neither it nor what this one has become since. False if there
  /// is none. Throws store_timeout if other requests keep changing it.
  bool revoke(std::string_view user, const session_id& id);

  /// Ends all that have begun: those that are stored, those that are being renewed, and those whose
  /// login is still under way, that is, whose request was loaded before this call; its commit
  /// throws session_gone. Returns how many were listed. For a new password, or a user who is no
  /// longer one. A handler that goes on with a session of this user calls revoke_others() instead.
  /// Throws store_timeout too; then they may or may not have ended.
  std::size_t revoke_all(std::string_view user);

  /// Logs everybody out: ends every session that the store has, those of users as revoke_all()
  /// does, and those of nobody. Returns how many there were. What escapes is a first request or a
  /// login that is still under way of somebody who had no session in the store: call it again after
  /// the longest request if that matters. Takes time for all sessions, and memory for the names of
  /// their users. Throws store_timeout too.
  std::size_t revoke_everybody();

  /// revoke_all() for the session's user (the one that it is about to get, if set_user() was
  /// called), but for this request's session: its commit stores the session, renewed, as one that
  /// has begun afterwards. Until then, and if the request fails, the session has ended, too:
  /// whoever else has its token may have renewed it. errc::invalid_value in iterate().
  std::size_t revoke_others(session& current);

  /// iterate() for the sessions of this user.
  void iterate(std::string_view user, const std::function<visit(session&)>& visit_session);

  // --- the manager itself ---

  /// The cookie's name, as configured or by default; without meaning if there is a transport.
  const std::string& cookie_name() const noexcept;
  const session_options& options() const noexcept;
  /// Throws scs::error (not_supported) if sessions live in their cookies.
  scs::store& store();

 private:
  std::function<visit(const session_id&, const record&)> visiting(
      const std::function<visit(session&)>& visit_session);

  std::unique_ptr<detail::manager_core> core_;
};

}  // namespace scs
