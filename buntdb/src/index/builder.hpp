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

/// Builds an index of items that are there already, in steps:
///
///  1. collect() reads a version, which must be pinned, and puts what belongs into the index into
///     order. No lock is needed: it allocates nothing of the engine's memory.
///  2. insert_some() makes the trees, a bounded step at a time, under the writer's lock.
///  3. apply() follows what was committed meanwhile, under the same lock.
///
/// Functions throw std::bad_alloc and what user-supplied functions throw. Whatever happens, the
/// roots hold what has been made so far, in the version that it was made for.
class index_builder {
 public:
  /// The roots are null and outlive the builder.
  index_builder(pool& memory, std::uint64_t born, shared_definition definition,
                std::span<retirable*> roots);
  index_builder(const index_builder&) = delete;
  index_builder& operator=(const index_builder&) = delete;

  void collect(const version& base);

  /// Other roots than those of the constructor, before any is made.
  void place_in(std::span<retirable*> roots) noexcept { roots_ = roots; }

  /// Throws errc::not_unique if two living ones of what was collected are equal.
  void check_unique(time_point now) const;
  /// The same for an item that apply() has taken in; to be called when all that was committed with
  /// it is.
  void check_unique(const changed_item& change, time_point now) const;

  /// Takes up to limit items into the index. True if there are more.
  bool insert_some(std::size_t limit);
  /// Takes all of them at once, for when nobody waits: a spatial index becomes a better tree.
  void insert_all();

  void apply(const changed_item& change);

 private:
  struct sorted_item {
    std::uint64_t prefix;  // of the sort key, in sort_keys_
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

/// Throws errc::not_unique if two items of the version that are alive now are equal in the index,
/// which need not exist yet.
void require_unique_items(pool& memory, const version& in, const shared_definition& definition,
                          time_point now);

}  // namespace buntdb::engine
