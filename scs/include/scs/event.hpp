#pragma once

#include <cstddef>
#include <exception>
#include <optional>
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
  /// A record was found whose payload says that it is over.
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
};
inline constexpr std::size_t event_kind_count = 13;

/// As in the enumeration, for logs and metrics.
std::string_view name_of(event_kind kind) noexcept;

/// Something that happened in a session_manager, for logs and metrics. Never holds a token.
struct event {
  event_kind kind{};
  /// The store's id; none under id_mode::raw, where it would be the token, and for sessions that a
  /// client_store keeps.
  std::optional<session_id> id{};
  /// The exception behind a failure, else null.
  std::exception_ptr cause{};
};

}  // namespace scs
