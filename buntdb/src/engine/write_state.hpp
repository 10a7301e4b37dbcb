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

/// The changes of the transaction that writes now: a draft of the next version. There is one per
/// database, used again and again; whoever holds the writer's lock uses it.
///
///  1. Items of the draft's own are in draft().created; items of older versions that the draft no
///     longer has are in draft().replaced.
///  2. An exception inside a change dooms the draft: it can only be discarded.
///  3. Nothing of the draft is reachable by a reader.
class write_state {
 public:
  explicit write_state(pool& memory) noexcept : memory_(memory), indexes_(memory) {}
  write_state(const write_state&) = delete;
  write_state& operator=(const write_state&) = delete;

  /// Starts on a draft (empty but allocated) that follows base.
  void begin(version* draft, const version& base, time_point now) noexcept;

  bool active() const noexcept { return draft_ != nullptr; }
  bool doomed() const noexcept { return doomed_; }
  bool changed() const noexcept { return changes_ != changes_at_begin_; }
  time_point now() const noexcept { return now_; }
  version* draft() const noexcept { return draft_; }

  /// Grows with every change, through all transactions; tells ranges when to look again.
  std::uint64_t changes() const noexcept { return changes_; }
  /// Differs in every transaction.
  std::uint64_t serial() const noexcept { return serial_; }

  std::optional<std::string_view> set(std::string_view key, std::string_view value,
                                      std::int64_t expires);
  std::optional<std::string_view> erase(std::string_view key);
  /// Before a set, of the caller who wants it checked: throws errc::not_unique.
  void check_unique(std::string_view key, std::string_view value) const {
    indexes_.check_unique({key, value}, now_);
  }
  /// Before an index is created: the same for the items that are there.
  void check_unique(const shared_definition& definition) const {
    if (definition->info.unique) indexes_.check_unique(definition, now_);
  }
  bool has_unique() const noexcept { return indexes_.has_unique(); }
  /// After sets that were not checked: the same for everything.
  void check_all_unique() const { indexes_.check_all_unique(now_); }
  /// False if there is no such item; one that has expired counts as none.
  bool set_expiry(std::string_view key, std::int64_t expires);

  /// Erases everything; the indexes stay, empty.
  void clear();

  /// Null if there is none.
  const index_definition* find_index(std::string_view name) const noexcept {
    return indexes_.find(name);
  }
  /// There is none of that name.
  void create_index(const shared_definition& definition);
  /// The same, with trees that are complete and no version's yet.
  void adopt_index(const shared_definition& definition, std::span<retirable* const> roots);
  /// False if there is none, and no definition that was set aside.
  bool drop_index(std::string_view name);
  /// Keeps a definition that no index is made of.
  void set_aside(set_aside_definition definition);

  /// What the draft has now stays readable until the transaction ends, whatever changes.
  void freeze() noexcept { indexes_.freeze(); }

  /// Appends the draft as commands. Throws std::bad_alloc.
  void encode(std::string& out) const;

  /// Before a write that cannot be taken back: gives the draft what the editor retired, and ends.
  version* finish() noexcept;

  /// Frees all that belongs to the draft, and ends. Gives the empty draft.
  version* discard() noexcept;

  /// The same for a draft that was finished but never published.
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
  item* last_detached_ = nullptr;  // an item of the draft's own that the last change took out
  item_chain frozen_;              // the same, of which spatial ranges may hold a view
  std::uint64_t changes_ = 0;
  std::uint64_t changes_at_begin_ = 0;
  std::uint64_t serial_ = 0;
  bool doomed_ = false;
};

}  // namespace buntdb::engine
