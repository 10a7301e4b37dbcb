#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "atomic.hpp"
#include "version/expiry_wheel.hpp"
#include "version/pin.hpp"
#include "version/reader_slots.hpp"
#include "version/version.hpp"

// The parts of the pipeline and the core that readers and the reclaimer use. The functions under
// test are the engine's own source text, which CMake extracts from its sources: see CMakeLists.txt.

namespace buntdb::engine {

class commit_pipeline {
 public:
  explicit commit_pipeline(version* first) : current_(first), epoch_(first->number), wheel_({}) {
    current_.name("the current version");
    epoch_.name("the epoch");
    while (!first->created.empty())
      wheel_.add(first->created.pop_front());
  }

#include "generated/current_and_epoch.inc"

  void submit(version* appended) {
    const std::lock_guard held(mutex_);
    publish(appended);
  }

  version_chain take_published() {
    const std::lock_guard held(mutex_);
    return std::exchange(published_, {});
  }

 private:
  void publish(version* version) noexcept;

  /// Replaces change_hub, which has no subscribers here.
  struct no_subscribers {
    void stage(const version&) noexcept {}
    void deliver() noexcept {}
  };

  no_subscribers changes_;
  explore::atomic<version*> current_;
  explore::atomic<std::uint64_t> epoch_;
  explore::mutex mutex_;
  version_chain published_;
  expiry_wheel wheel_;
};

class core {
 public:
  explicit core(version* first) : parts_(first) {}

  pinned_version pin();

  commit_pipeline& pipeline() noexcept { return parts_; }
  reader_slots& slots() noexcept { return slots_; }

 private:
  void check_open() const noexcept {}

  reader_slots slots_;
  commit_pipeline parts_;
  commit_pipeline* pipeline_ = &parts_;
};

}  // namespace buntdb::engine
