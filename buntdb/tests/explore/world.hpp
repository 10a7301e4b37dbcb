#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine_parts.hpp"
#include "memory/pool.hpp"
#include "memory_model.hpp"
#include "reclaim/reclaimer.hpp"
#include "scenario.hpp"

namespace explore {

/// The engine of one execution, what its threads do, and the rules:
///
///  1. Nothing that a reader reads is freed (tracked_memory.hpp), and it is what its version
///     contains.
///  2. After the threads have ended and the reclaimer has examined everything, exactly those
///     objects remain that the current version or a pinned one contains; the same holds after each
///     further release of a pin.
///  3. At the end nothing remains.
///
/// The database has two keys. Each version replaces one of the two items, so that every item is in
/// two versions, and the only node.
class world {
 public:
  explicit world(const scenario& what);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  // The threads.
  void write();
  void publish_all();
  void reclaim_all();
  void read();

  /// Called after the threads have ended.
  void check_the_end();
  const explore::outcome& outcome() const noexcept { return outcome_; }

 private:
  /// An object that versions from `born` to `retired` contain; it must not be freed before.
  struct object {
    const void* block;
    const char* what;
    std::uint64_t born;
    std::uint64_t retired;
  };

  buntdb::engine::version* make_first();
  buntdb::engine::version* make_next();
  void set(buntdb::engine::version& draft, std::string_view key);
  void add(const void* block, const char* what, std::uint64_t born);
  void retire(const void* block, std::uint64_t version);
  void collect(std::uint64_t budget);
  void collect_all();
  void note(std::uint64_t seen);
  void check(const buntdb::engine::version& version) const;
  void check_what_is_left();

  const scenario& what_;
  buntdb::engine::pool memory_;
  buntdb::engine::reclaimer reclaimer_;
  std::vector<object> objects_;
  buntdb::engine::version* head_;  ///< the newest
  buntdb::engine::core core_;
  std::vector<buntdb::engine::version*> drafts_;  ///< made before the threads begin
  std::vector<buntdb::engine::pinned_version> kept_;
  buntdb::engine::pin crowd_;  ///< in the first slot, of a version that never exists
  explore::outcome outcome_ = explore::outcome(max_threads);
};

}  // namespace explore
