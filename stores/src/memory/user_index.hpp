#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <scs/session_id.hpp>
#include <scs/stores/memory.hpp>

namespace scs::stores {

/// Which sessions each user has. Its locks are taken last: add() and remove() are called under the
/// lock of the session's shard, so that the index and the sessions always agree.
class memory::user_index {
 public:
  /// Adds a session that this user does not have yet. Returns the index's copy of the name, which
  /// is valid until the session is removed. Null if there is no user.
  const std::string* add(std::string_view user, const session_id& id);

  /// Removes what add() added. `user` is the result of add().
  void remove(const std::string* user, const session_id& id) noexcept;

  /// Returns them in no particular order.
  std::vector<session_id> sessions_of(std::string_view user);

 private:
  /// Keyed, because users choose their names. It allows lookups of a view without a string.
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view user) const noexcept { return keyed_hash(user); }
  };
  struct partition {
    std::mutex mutex;  // guards the other members
    std::unordered_map<std::string, std::unordered_set<session_id>, hash, std::equal_to<>> users;
  };

  partition& shard_of(std::string_view user) noexcept {
    // The map uses the hash's low bits.
    constexpr int unused_bits = 40;
    return shards_[(hash{}(user) >> unused_bits) % shards_.size()];
  }

  std::array<partition, shard_count> shards_{};
};

}  // namespace scs::stores
