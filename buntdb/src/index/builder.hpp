#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/tree_editor.hpp"
#include "tree/builder.hpp"
#include "version/tree_difference.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// Builds an index of existing items, in steps:
///
///  1. collect() reads a version, which must be pinned, and sorts the items that belong to the
///     index. It needs no lock, because it does not allocate from the engine's pool.
///  2. insert_some() makes the trees, one bounded step at a time, under the writer's lock.
///  3. apply() applies what was committed meanwhile, under the same lock.
///
/// Functions throw std::bad_alloc and what user-supplied functions throw. In any case, the roots
/// contain what has been made so far, in the version for which it was made.
class index_builder {
 public:
  /// The roots must be null and must outlive the builder.
  index_builder(pool& memory, std::uint64_t born, shared_definition definition,
                std::span<retirable*> roots);
  index_builder(const index_builder&) = delete;
  index_builder& operator=(const index_builder&) = delete;

  void collect(const version& base);

  /// Replaces the roots of the constructor. Call it before anything is inserted.
  void place_in(std::span<retirable*> roots) noexcept { roots_ = roots; }

  /// Throws errc::not_unique if two collected items that have not expired are equal.
  void check_unique(time_point now) const;
  /// Does the same for an item that apply() has inserted. Call it after all changes of the same
  /// commit have been applied.
  void check_unique(const changed_item& change, time_point now) const;

  /// Inserts up to `limit` items into the index. Returns whether there are more.
  bool insert_some(std::size_t limit);
  /// Inserts all items in one step, for use when no other thread waits. A spatial index becomes a
  /// better tree than with insert_some().
  void insert_all();

  void apply(const changed_item& change);

 private:
  struct sorted_item {
    std::uint64_t prefix;  // of the sort key, which is in sort_keys_
    std::size_t offset;
    std::uint32_t size;
    engine::item* item;
  };

  std::string_view sort_key(const sorted_item& one) const noexcept {
    return std::string_view(sort_keys_).substr(one.offset, one.size);
  }
  bool goes_by_sort_keys() const noexcept;
  void collect_one(item* item);
  void append(const sorted_item& one);
  void load_spatial();

  pool& memory_;
  std::uint64_t born_;
  shared_definition definition_;
  std::span<retirable*> roots_;
  index_tree_editor writer_;
  tree_builder tree_;
  std::string sort_keys_;
  std::vector<sorted_item> collected_;
  std::size_t placed_ = 0;
};

/// Throws errc::not_unique if two items of the version that have not expired are equal in the
/// index. The index need not exist yet.
void require_unique_items(pool& memory, const version& in, const shared_definition& definition,
                          time_point now);

}  // namespace buntdb::engine
