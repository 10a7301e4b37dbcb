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

/// Builds the keys tree of a version that is not visible yet, from the content of a file: sets and
/// erasures in any order, of which the last one of each key counts.
///
///  1. Ascending keys are appended to the right edge of the tree, without a search.
///  2. Other items wait. When there are many, they are sorted and merged with the tree, which is
///     rebuilt: one pass over both instead of a search for each item.
///  3. If only a few items wait at the end and the tree is much larger, they are inserted one by
///     one.
///  4. Waiting items, superseded ones included, take at most half of the tree's bytes, or 16 MiB.
///     This bounds the extra memory and makes the number of merges per item constant.
///
/// version.keys, size and live_bytes are correct after finish(). More sets and erasures may follow
/// it; until the next finish(), the version can only be discarded. Functions throw std::bad_alloc,
/// and the version must then be discarded.
class bulk_loader {
 public:
  /// The limit of waiting bytes while the tree is small.
  static constexpr std::uint64_t usual_waiting_bytes = std::uint64_t{16} << 20U;

  /// Fills `version`, which must be empty.
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
    engine::item* item;    ///< an erasure, if is_erasure()
    std::uint64_t number;  ///< of one key, the highest number counts
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
  const item* last_ = nullptr;  // the last item of the tree
  std::vector<waiting_item> waiting_;
  std::size_t next_ = 0;  // an index into waiting_ during a merge
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t tree_bytes_ = 0;
  bool has_erasures_ = false;  // among waiting_
  bool has_edge_ = true;       // the builder can append to the tree
};

}  // namespace buntdb::engine
