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
///  1. Nothing that a reader reads is freed (tracked_memory.hpp), and it is what its version has.
///  2. After the threads, when the reclaimer has looked at everything, exactly those objects are
///  left
///     that the current version or a pinned one has; the same after each further pin is given back.
///  3. In the end nothing is left.
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

  /// After the threads.
  void check_the_end();
  const explore::outcome& outcome() const noexcept { return outcome_; }

 private:
  /// Something that versions from born on have, until retired; nobody else may free it.
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
  buntdb::engine::pin crowd_;  ///< in the first slot, of a version that never comes
  explore::outcome outcome_ = explore::outcome(max_threads);
};

}  // namespace explore
