#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scs/client_store.hpp>
#include <scs/header.hpp>
#include <scs/options.hpp>
#include <scs/session.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace scs {

namespace detail {
class manager_core;
}

/// Loads and commits sessions; owns the store. Knows no HTTP library: an adapter calls load() with
/// a request's Cookie headers, runs the handler, calls commit() before the response's headers go
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

  /// The session of a request, from the values of all its Cookie header lines. Copies what it needs
  /// of them. Of several cookies with the right name at most four that look like tokens are
  /// considered; the first live one wins. Does not throw but std::bad_alloc.
  session load(std::span<const std::string_view> cookie_header_lines,
               load_policy policy = load_policy::on_first_use);
  session load(std::string_view cookie_header, load_policy policy = load_policy::on_first_use) {
    return load(std::span{&cookie_header, 1}, policy);
  }

  /// Stores what the request changed and gives the headers to append to the response: Set-Cookie
  /// for a session that is new, renewed, destroyed or whose end was changed, with Cache-Control:
  /// no-store; Vary: Cookie if the session was used; none, and no call of the store, if it was not.
  /// Throws scs::error: session_gone, store_timeout, too_large, store_failed. The session's
  /// changes are still there then, but call abandon(). After a commit that succeeded the session
  /// can be used and committed again.
  std::vector<header> commit(session& session);

  /// Drops what the request changed: for a handler that threw and for a commit that failed. Gives
  /// the headers for the error's response: a session that was destroyed clears its cookie even so.
  /// Does not throw but std::bad_alloc.
  std::vector<header> abandon(session& session);

  /// Ends the session with this id, and what it was renewed to. An unknown one is no error. Throws
  /// scs::error: store_failed; not_supported if sessions live in their cookies.
  void revoke(const session_id& id);

  /// The cookie's name, as configured or by default.
  const std::string& cookie_name() const noexcept;
  const session_options& options() const noexcept;
  /// Throws scs::error (not_supported) if sessions live in their cookies.
  scs::store& store();

 private:
  std::unique_ptr<detail::manager_core> core_;
};

}  // namespace scs
