#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>
#include <buntdb/options.hpp>

#include "index/set_editor.hpp"
#include "memory/pool.hpp"
#include "tree/tree.hpp"
#include "version/key_order.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// The changes of the present write transaction: a draft of the next version. Each database has
/// one, which is reused. The holder of the writer's lock uses it.
///
///  1. Items that the draft created are in draft().created. Items of older versions that the draft
///     no longer contains are in draft().replaced.
///  2. An exception during a change dooms the draft: it can only be discarded.
///  3. No reader can reach anything of the draft.
class write_state {
 public:
  explicit write_state(pool& memory) noexcept : memory_(memory), indexes_(memory) {}
  write_state(const write_state&) = delete;
  write_state& operator=(const write_state&) = delete;

  /// Begins a draft that follows `base`. `draft` must be allocated and empty.
  void begin(version* draft, const version& base, time_point now) noexcept;

  bool active() const noexcept { return draft_ != nullptr; }
  bool doomed() const noexcept { return doomed_; }
  bool changed() const noexcept { return changes_ != changes_at_begin_; }
  time_point now() const noexcept { return now_; }
  version* draft() const noexcept { return draft_; }

  /// A number that grows with every change, through all transactions. Ranges compare it to detect
  /// changes.
  std::uint64_t changes() const noexcept { return changes_; }
  /// A number that differs in every transaction.
  std::uint64_t serial() const noexcept { return serial_; }

  std::optional<std::string_view> set(std::string_view key, std::string_view value,
                                      std::int64_t expires);
  std::optional<std::string_view> erase(std::string_view key);
  /// Checks a set before it is made. Throws errc::not_unique.
  void check_unique(std::string_view key, std::string_view value) const {
    indexes_.check_unique({key, value}, now_);
  }
  /// Checks the existing items before an index is created. Throws errc::not_unique.
  void check_unique(const shared_definition& definition) const {
    if (definition->info.unique) indexes_.check_unique(definition, now_);
  }
  bool has_unique() const noexcept { return indexes_.has_unique(); }
  /// Checks all items after sets that were not checked. Throws errc::not_unique.
  void check_all_unique() const { indexes_.check_all_unique(now_); }
  /// Returns false if there is no such item or it has expired.
  bool set_expiry(std::string_view key, std::int64_t expires);

  /// Erases all items. The indexes remain, without items.
  void clear();

  /// Returns null if there is no index of this name.
  const index_definition* find_index(std::string_view name) const noexcept {
    return indexes_.find(name);
  }
  /// Creates an index. There must be none of that name.
  void create_index(const shared_definition& definition);
  /// Adds an index whose trees are complete and belong to no version yet. There must be none of
  /// that name.
  void adopt_index(const shared_definition& definition, std::span<retirable* const> roots);
  /// Drops an index, or a definition that was set aside. Returns false if there is neither.
  bool drop_index(std::string_view name);
  /// Keeps a definition from which no index can be made.
  void set_aside(set_aside_definition definition);

  /// Everything in the draft stays readable until the transaction ends, whatever changes later.
  void freeze() noexcept { indexes_.freeze(); }

  /// Appends the draft to `out` as commands. Throws std::bad_alloc.
  void encode(std::string& out) const;

  /// Ends the draft after its batch was appended: moves what the editor retired into it and returns
  /// it.
  version* finish() noexcept;

  /// Ends the draft and frees everything that belongs to it. Returns the version, which is then
  /// empty.
  version* discard() noexcept;

  /// Does the same for a draft that was finished but never published.
  static void discard(pool& memory, version& draft) noexcept;

 private:
  item* put(std::string_view key, std::string_view value, std::int64_t expires,
            std::uint64_t revision);
  void keep(const index_info& info);
  bool own(const item& item) const noexcept { return item.born == draft_->number; }
  std::optional<std::string_view> detach_item(item* item) noexcept;
  void free_detached() noexcept;
  void reserve_replaced(std::size_t more);

  pool& memory_;
  version* draft_ = nullptr;
  const node* base_keys_ = nullptr;
  time_point now_{};
  std::optional<tree_editor> editor_;
  index_set_editor indexes_;
  std::vector<item*> erased_;              // items of older versions for which the file needs a del
  bool cleared_ = false;                   // the file needs a flushdb first
  std::vector<std::string> kept_indexes_;  // reserved keys for the file: index/definition.hpp
  item* last_detached_ = nullptr;          // an item of this draft that the last change removed
  // Items of this draft that were removed but that spatial ranges may still show.
  item_chain frozen_;
  std::uint64_t changes_ = 0;
  std::uint64_t changes_at_begin_ = 0;
  std::uint64_t serial_ = 0;
  bool doomed_ = false;
};

}  // namespace buntdb::engine
