#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "memory/pool.hpp"
#include "tree/builder.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// Makes the keys of a version that nobody sees yet, from sets and erasures in any order, of which
/// the last one of a key counts: what a file says.
///
///  1. Keys that ascend go to the right edge of the tree, without a search.
///  2. The others wait. When they are many they are sorted and merged with the tree, which is built
///     anew: one pass over both instead of a search for each.
///  3. The few that are left at the end, beside a tree that is much larger, are put into it one by
///     one.
///  4. What waits, superseded items included, takes at most half of the tree's bytes, or 16 MiB.
///     This bounds the extra memory, and makes the number of merges per item constant.
///
/// version.keys, size and live_bytes are right after finish(), after which more may follow;
/// between, they are good for giving up the version. Functions throw std::bad_alloc, and then it
/// must be given up.
class bulk_loader {
 public:
  /// So much may wait beside a small tree.
  static constexpr std::uint64_t usual_waiting_bytes = std::uint64_t{16} << 20U;

  /// Fills version, which is empty.
  bulk_loader(pool& memory, version& version, std::uint64_t waiting_bytes = usual_waiting_bytes)
      : memory_(memory), version_(version), waiting_bytes_min_(waiting_bytes) {
    builder_.emplace(memory, version.number);
  }

  void set(std::string_view key, std::string_view value, std::int64_t expires);
  void erase(std::string_view key);
  void clear() noexcept;
  void finish();

 private:
  struct waiting_item {
    std::uint64_t prefix;
    engine::item* item;    ///< an erasure, if its expiry is one
    std::uint64_t number;  ///< of one key the highest counts
  };

  bool comes_after_all(std::uint64_t prefix, std::string_view key) const noexcept;
  void wait(std::uint64_t prefix, item* item);
  void append(std::uint64_t prefix, item* item);
  void drop(item* item) noexcept;
  void sort_waiting();
  void merge();
  void merge_with(node* old);
  void merge_with_leaf(node* old);
  void append_waiting();
  void insert_waiting();

  pool& memory_;
  version& version_;
  std::uint64_t waiting_bytes_min_;
  std::optional<tree_builder> builder_;
  const item* last_ = nullptr;  // of the tree
  std::vector<waiting_item> waiting_;
  std::size_t next_ = 0;  // of those, while they are merged
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t tree_bytes_ = 0;
  bool has_erasures_ = false;  // among those that wait
  bool has_edge_ = true;       // of the tree: the builder can append to it
};

}  // namespace buntdb::engine
