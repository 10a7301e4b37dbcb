#include "memory/user_index.hpp"

namespace scs::stores {

const std::string* memory::user_index::add(std::string_view user, const session_id& id) {
  if (user.empty()) return nullptr;
  partition& shard = shard_of(user);
  const std::lock_guard lock{shard.mutex};
  auto found = shard.users.find(user);
  if (found == shard.users.end()) {
    std::unordered_set<session_id> only{id};
    found = shard.users.emplace(std::string{user}, std::move(only)).first;
  } else {
    found->second.insert(id);
  }
  return &found->first;
}

void memory::user_index::remove(const std::string* user, const session_id& id) noexcept {
  if (user == nullptr) return;
  partition& shard = shard_of(*user);
  const std::lock_guard lock{shard.mutex};
  const auto found = shard.users.find(*user);
  found->second.erase(id);
  if (found->second.empty()) shard.users.erase(found);
}

std::vector<session_id> memory::user_index::sessions_of(std::string_view user) {
  partition& shard = shard_of(user);
  const std::lock_guard lock{shard.mutex};
  const auto found = shard.users.find(user);
  if (found == shard.users.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace scs::stores
