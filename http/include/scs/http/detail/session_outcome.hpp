#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <buntstore/wipe.hpp>
#include <scs/header.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

namespace scs::http::detail {

/// How a request's session ended, for the response: committed, or abandoned after a failure. A
/// commit's headers are kept whatever fails later, because the store has the session already.
class session_outcome {
 public:
  session_outcome() = default;
  session_outcome(const session_outcome&) = delete;
  session_outcome& operator=(const session_outcome&) = delete;
  /// Wipes the headers, one of which may contain the token.
  ~session_outcome() {
    for (header& each : headers_)
      buntstore::wipe(each.value);
  }

  /// Whether there are headers of a commit or of an abandoned session.
  bool has_headers() const noexcept { return !headers_.empty(); }

  /// Throws what session_manager::commit() throws.
  void commit(session_manager& sessions, session& session) {
    adopt(sessions.commit(session), session);
  }
  /// Returns false, and does nothing, if it would block: call commit() next, on another thread.
  /// Throws store_busy if too many commits wait for that.
  bool try_commit(session_manager& sessions, session& session) {
    std::optional<std::vector<header>> headers = sessions.try_commit(session);
    if (!headers) {
      sessions.announce_commit(session);
      return false;
    }
    adopt(std::move(*headers), session);
    return true;
  }
  /// Call it after a handler or a commit has thrown.
  void abandon(session_manager& sessions, session& session) {
    if (!has_headers()) adopt(sessions.abandon(session), session);
  }

  /// Returns false, and does nothing, if it would block.
  bool try_abandon(session_manager& sessions, session& session) {
    if (has_headers()) return true;
    std::optional<std::vector<header>> headers = sessions.try_abandon(session);
    if (!headers) return false;
    adopt(std::move(*headers), session);
    return true;
  }

  /// Whether the session was changed since, which a stream must not do.
  bool changed_since(const session& session) const noexcept {
    return session.change_count() != change_count_;
  }

  template <class Library, class Response>
  void append_to(Response& response, const session_manager& sessions, response_kind kind) {
    if (append_headers<Library>(response, headers_, sessions, kind)) has_dropped_a_line_ = true;
  }

  /// Whether append_to() has dropped a line of the handler's: session_cookie_set_by_handler.
  bool has_dropped_a_line() const noexcept { return has_dropped_a_line_; }

 private:
  void adopt(std::vector<header>&& headers, const session& session) noexcept {
    headers_ = std::move(headers);
    change_count_ = session.change_count();
  }

  std::vector<header> headers_;
  std::uint64_t change_count_ = 0;
  bool has_dropped_a_line_ = false;
};

}  // namespace scs::http::detail
