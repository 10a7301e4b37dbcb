#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// A store that may be called on a thread that must not block, such as the thread of an event loop.
/// Its find() answers from memory: it waits for no network, no disk and no writer. Writing does not
/// block either if the try functions are used. A store that cannot promise this for every find()
/// must derive from store only.
///
/// There is no function that tells in advance whether a call would block, because the answer could
/// be outdated at the time of the call. The try functions refuse instead.
class nonblocking_store : public store {
 public:
  /// Does the same as commit() if that does not block: it waits for no network, no sync of a disk,
  /// and no lock that others hold for long. Otherwise it returns an empty optional, and nothing was
  /// changed. Nothing was changed if it throws, either.
  virtual std::optional<commit_result> try_commit(
      const session_id& id, std::string_view payload, time_point expiry,
      const std::optional<std::string>& expected_revision, std::string_view user) = 0;

  /// Does the same as touch() if that does not block. Otherwise it returns an empty optional, and
  /// nothing was changed.
  virtual std::optional<bool> try_touch(const session_id& id, time_point expiry) = 0;
};

}  // namespace scs
