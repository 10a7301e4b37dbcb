#include "memory/expired_sessions.hpp"

#include <utility>

namespace scs::stores {

void memory::expired_sessions::set(listener call) {
  const std::lock_guard calling{calling_};
  call_ = std::move(call);
  listens_ = call_ != nullptr;
}

void memory::expired_sessions::add(const session_id& id, std::string&& payload) noexcept {
  if (!listens_) return;
  try {
    const std::lock_guard lock{mutex_};
    added_.push_back({id, std::move(payload)});
    has_some_ = true;
  } catch (...) {  // NOLINT(bugprone-empty-catch): as it says
  }
}

void memory::expired_sessions::tell() noexcept {
  while (has_some_) {
    const std::unique_lock calling{calling_, std::try_to_lock};
    if (!calling) return;  // that thread checks again after its call
    std::vector<removed_session> told;
    {
      const std::lock_guard lock{mutex_};
      told.swap(added_);
      has_some_ = false;
    }
    for (const removed_session& each : told) {
      try {
        if (call_) call_(each.id, each.payload);
      } catch (...) {  // NOLINT(bugprone-empty-catch): as the interface says
      }
    }
  }
}

}  // namespace scs::stores
