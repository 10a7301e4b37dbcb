#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A store for servers with few threads, each of which serves many visitors: it need not be called
/// on a thread that may block. Its find() answers from memory: it blocks for no network, no disk
/// and nobody who writes. Writing does not block either where a try function grants it. A store
/// that cannot promise this of every find() is a plain store.
///
/// No function asks whether a call would block: the answer could be wrong by the time of the call.
/// A refused try says it.
class nonblocking_store : public store {
 public:
  /// commit(), if that does not block: no network, no sync of a disk, no lock that others hold for
  /// long. Otherwise empty, and nothing was changed. Nothing was changed either if it throws.
  virtual std::optional<commit_result> try_commit(
      const session_id& id, std::string_view payload, time_point expiry,
      const std::optional<std::string>& expected_revision, std::string_view user) = 0;

  /// touch(), in the same way.
  virtual std::optional<bool> try_touch(const session_id& id, time_point expiry) = 0;
};

}  // namespace scs
