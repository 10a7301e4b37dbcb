#pragma once

// The store in the comment of scs/store.hpp, which quotes the text between the two marks.

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace test {

// The comment is narrower than a file.
// clang-format off
// [map_store]
class map_store final : public scs::store {
 public:
  explicit map_store(const scs::clock& clock = scs::clock::system()) : clock_(clock) {}

  std::optional<scs::record> find(const scs::session_id& id) override {
    const std::lock_guard lock(mutex_);
    const scs::record* const there = live(id);
    return there ? std::optional(*there) : std::nullopt;
  }
  scs::commit_result commit(
      const scs::session_id& id, std::string_view payload, scs::time_point expiry,
      const std::optional<std::string>& revision, std::string_view user) override {
    const std::lock_guard lock(mutex_);
    const scs::record* const there = live(id);
    if (!there && revision) return {scs::commit_result::outcome::gone, {}};
    if (there && there->revision != revision) return {};  // a conflict
    const std::string next = std::to_string(++last_revision_);
    entries_[id] = {std::string(payload), expiry, next, std::string(user)};
    return {scs::commit_result::outcome::committed, next};
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    const std::lock_guard lock(mutex_);
    scs::record* const there = live(id);
    if (there) there->expiry = std::max(there->expiry, expiry);
    return there != nullptr;
  }
  std::optional<scs::record> erase(const scs::session_id& id) override {
    const std::lock_guard lock(mutex_);
    if (!live(id)) return std::nullopt;
    return entries_.extract(id).mapped();
  }
  void for_each(const visitor& visit) override {
    for (const auto& [id, copy] : copies())
      if (visit(id, copy) == scs::visit::stop) return;
  }
  void for_each_of_user(std::string_view user, const visitor& visit) override {
    for (const auto& [id, copy] : copies()) {  // all records: slow with many
      if (user.empty() || copy.user != user) continue;
      if (visit(id, copy) == scs::visit::stop) return;
    }
  }

 private:
  using entries = std::map<scs::session_id, scs::record>;

  scs::record* live(const scs::session_id& id) {
    const auto found = live_entries().find(id);
    return found == entries_.end() ? nullptr : &found->second;
  }
  entries& live_entries() {  // checks all records: slow, too
    std::erase_if(entries_, [&](auto& e) { return clock_.has_come(e.second.expiry); });
    return entries_;
  }
  entries copies() {  // for visitors, which may call this store
    const std::lock_guard lock(mutex_);
    return live_entries();
  }

  const scs::clock& clock_;
  std::mutex mutex_;
  entries entries_;
  std::uint64_t last_revision_ = 0;
};
// [/map_store]
// clang-format on

}  // namespace test
