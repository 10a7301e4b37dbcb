#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "index/roots.hpp"
#include "index/tree_editor.hpp"
#include "memory/pool.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// The part of a draft that concerns indexes: which there are, and what they contain.
///
/// Functions throw std::bad_alloc and what user-supplied orderings and rectangle functions throw;
/// the draft can then only be discarded.
class index_set_editor {
 public:
  explicit index_set_editor(pool& memory) noexcept : memory_(memory) {}
  index_set_editor(const index_set_editor&) = delete;
  index_set_editor& operator=(const index_set_editor&) = delete;

  void begin(version& draft) noexcept;

  /// Call it after `made` has replaced `previous` in the keys tree; either may be null. Both must
  /// still be readable.
  void changed(item* previous, item* made) {
    if (draft_->indexes != nullptr) change_matching(previous, made);
  }

  /// Throws errc::not_unique if a unique index would contain an equal item after this one is set.
  void check_unique(const entry& wanted, time_point now) const {
    if (has_unique()) check_unique_matching(wanted, now);
  }
  bool has_unique() const noexcept {
    return draft_->indexes != nullptr && draft_->indexes->catalog->has_unique();
  }
  /// Throws errc::not_unique if the index could not contain all items of the draft's keys tree.
  void check_unique(const shared_definition& definition, time_point now) const;
  /// Does the same for all unique indexes of the draft.
  void check_all_unique(time_point now) const;

  /// Removes all items from all indexes.
  void clear();

  /// Returns null if there is none.
  const index_definition* find(std::string_view name) const noexcept;

  /// Adds an index of the items in the draft's keys tree. There must be none of that name.
  void create(const shared_definition& definition);
  /// Adds an index with complete trees. From now on they belong to the draft.
  void adopt(const shared_definition& definition, std::span<retirable* const> roots);
  /// Removes an index, which must exist.
  void drop(std::string_view name);

  /// Keeps a definition from which no index is made. It replaces one of the same name.
  void set_aside(set_aside_definition definition);
  /// Removes such a definition. Returns whether there was one.
  bool forget_set_aside(std::string_view name);

  /// From now on, nothing changes in nodes that a spatial range of this transaction may be reading.
  void freeze() noexcept {
    writer_->freeze();
    frozen_ = true;
  }
  bool frozen() const noexcept { return frozen_; }

  /// Moves everything that was retired into the draft. Call it at the end of the changes.
  void finish() noexcept;

  /// Frees the parts of the draft's indexes that are not shared with older versions.
  static void discard(pool& memory, version& draft) noexcept;

 private:
  index_roots& own_table();
  index_roots& set_catalog(shared_catalog catalog);
  void change_matching(item* previous, item* made);
  void check_unique_matching(const entry& wanted, time_point now) const;

  pool& memory_;
  version* draft_ = nullptr;
  std::optional<index_tree_editor> writer_;
  bool frozen_ = false;
};

}  // namespace buntdb::engine
