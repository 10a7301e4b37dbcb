#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>

#include "limits/bare_file.hpp"

namespace bench {

/// Threads that each append a record and share their syncs, and nothing else: what the disk, the
/// scheduler and system calls permit for any group commit. One thread syncs for all that have
/// appended. Threads that arrive meanwhile wait for the next sync, which one of them leads.
class bare_group_commit {
 public:
  explicit bare_group_commit(const std::filesystem::path& path) : file_(path) {}

  /// Thread-safe. Returns when the record is on disk.
  void append_and_sync() {
    std::unique_lock held(mutex_);
    file_.append();
    const std::uint64_t own = ++appended_;
    while (durable_.load() < own) {
      if (!syncing_) {
        lead(held);
        return;
      }
      gate& mine = gates_[own <= covered_ ? syncs_ % 2 : (syncs_ + 1) % 2];
      mine.has_visitors = true;
      const std::uint32_t before = mine.opened.load();
      held.unlock();
      mine.opened.wait(before);
      if (durable_.load() >= own) return;
      held.lock();
    }
  }

 private:
  struct gate {
    alignas(64) std::atomic<std::uint32_t> opened{0};
    bool has_visitors = false;
  };

  void lead(std::unique_lock<std::mutex>& held) {
    syncing_ = true;
    covered_ = appended_;
    held.unlock();
    file_.sync();
    held.lock();
    syncing_ = false;
    durable_ = covered_;
    gate& over = gates_[syncs_++ % 2];
    gate& next = gates_[syncs_ % 2];
    over.has_visitors = false;
    ++over.opened;
    if (next.has_visitors) ++next.opened;
    held.unlock();
    next.opened.notify_one();
    over.opened.notify_all();
  }

  bare_file file_;
  std::mutex mutex_;
  std::uint64_t appended_ = 0;
  std::atomic<std::uint64_t> durable_{0};
  bool syncing_ = false;
  std::uint64_t covered_ = 0;  // by the sync under way, or the last one
  std::uint64_t syncs_ = 0;
  std::array<gate, 2> gates_;
};

}  // namespace bench
