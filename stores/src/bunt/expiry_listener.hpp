#pragma once

#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <buntdb/settings.hpp>
#include <scs/store/expiry_reports.hpp>
#include <scs/stores/bunt.hpp>

namespace scs::stores {

/// The listener for the store's sessions that the database has removed. The database's hook shares
/// it, and may outlive the store.
class bunt::expiry_listener {
 public:
  explicit expiry_listener(std::string prefix) : prefix_(std::move(prefix)) {}

  void set(expiry_reports::listener call) {
    const std::lock_guard lock{mutex_};
    call_ = std::move(call);
  }

  void tell(std::span<const buntdb::expired_item> items);

 private:
  const std::string prefix_;
  std::mutex mutex_;
  expiry_reports::listener call_{};  // guarded by mutex_, also while it is called
};

}  // namespace scs::stores
