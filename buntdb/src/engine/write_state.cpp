#include "engine/write_state.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "reclaim/deferred_free.hpp"
#include "tree/dropped_tree.hpp"
#include "version/item_commands.hpp"

namespace buntdb::engine {

namespace {

constexpr std::size_t max_kept_capacity = 4096;

/// Sets a flag unless all_went_well() is called.
class doom_on_exception {
 public:
  explicit doom_on_exception(bool& doomed) noexcept : doomed_(doomed) { doomed_ = true; }
  doom_on_exception(const doom_on_exception&) = delete;
  doom_on_exception& operator=(const doom_on_exception&) = delete;
  ~doom_on_exception() = default;
  void all_went_well() noexcept { doomed_ = false; }

 private:
  bool& doomed_;
};

/// Undoes a discarded draft's retirements: objects of older versions stay alive, the draft's own
/// are freed.
void forget_retired(pool& memory, version& draft) noexcept {
  deferred_free unreachable(memory);
  while (!draft.retired.empty()) {
    retirable* object = draft.retired.pop_front();
    if (object->type() == retirable::kind::dropped_tree) {
      dropped_tree::destroy(memory, static_cast<dropped_tree*>(object));
    } else if (object->born == draft.number) {
      unreachable.free(object);
    }
  }
  while (!draft.adopted.empty())
    unreachable.free(draft.adopted.pop_front());
  for (std::uint64_t budget = 0; !unreachable.empty();) {
    budget = std::numeric_limits<std::uint64_t>::max();
    unreachable.step(budget);
  }
}

}  // namespace

void write_state::begin(version* draft, const version& base, time_point now) noexcept {
  draft_ = draft;
  draft->number = base.number + 1;
  draft->keys = base.keys;
  draft->indexes = base.indexes;
  draft->size = base.size;
  draft->live_bytes = base.live_bytes;
  base_keys_ = base.keys;
  now_ = now;
  editor_.emplace(memory_, draft->number);
  indexes_.begin(*draft);
  changes_at_begin_ = changes_;
  ++serial_;
  doomed_ = false;
}

void write_state::free_detached() noexcept {
  if (last_detached_ != nullptr) item::destroy(memory_, std::exchange(last_detached_, nullptr));
}

void write_state::reserve_replaced(std::size_t more) {
  auto& replaced = draft_->replaced;
  if (replaced.capacity() - replaced.size() < more) {
    replaced.reserve(std::max(replaced.size() + more, replaced.size() * 2));
  }
}

/// Detaches an item that was removed from the draft. Returns its value, if it had not expired. An
/// item that the draft itself created stays allocated until the next change, because the returned
/// value is a view of it.
std::optional<std::string_view> write_state::detach_item(item* item) noexcept {
  if (own(*item)) {
    item_list::unlink(item);
    if (indexes_.frozen()) {
      frozen_.push_back(item);
    } else {
      last_detached_ = item;
    }
  } else {
    draft_->replaced.push_back(item);  // the caller has reserved the capacity
  }
  if (item->expired(now_)) return {};
  return item->value();
}

/// Puts a new item into the draft. Returns the item that it replaced, or null.
item* write_state::put(std::string_view key, std::string_view value, std::int64_t expires,
                       std::uint64_t revision) {
  doom_on_exception doom(doomed_);
  reserve_replaced(1);
  item* made = item::create(memory_, draft_->number, key, value, expires, revision);
  draft_->created.push_back(made);
  free_detached();  // only after the arguments, which may point into it, have been copied
  item* previous = editor_->insert<key_order>(draft_->keys, *made);
  indexes_.changed(previous, made);
  ++changes_;
  if (previous == nullptr) ++draft_->size;
  draft_->live_bytes += command_size(*made);
  if (previous != nullptr) draft_->live_bytes -= command_size(*previous);
  doom.all_went_well();
  return previous;
}

std::optional<std::string_view> write_state::set(std::string_view key, std::string_view value,
                                                 std::int64_t expires) {
  item* previous = put(key, value, expires, draft_->number);
  if (previous == nullptr) return {};
  return detach_item(previous);
}

bool write_state::set_expiry(std::string_view key, std::int64_t expires) {
  const item* item = engine::find<key_order>(draft_->keys, key);
  if (item == nullptr || item->expired(now_)) return false;
  detach_item(put(item->key(), item->value(), expires, item->revision()));
  return true;
}

std::optional<std::string_view> write_state::erase(std::string_view key) {
  if (engine::find<key_order>(draft_->keys, key) == nullptr) return {};
  doom_on_exception doom(doomed_);
  reserve_replaced(1);
  if (item* base = engine::find<key_order>(base_keys_, key); base != nullptr) {
    erased_.push_back(base);
  }
  item* removed = editor_->erase<key_order>(draft_->keys, key);
  indexes_.changed(removed, nullptr);
  ++changes_;
  doom.all_went_well();
  free_detached();  // only after the key, which may point into it, has been used
  --draft_->size;
  draft_->live_bytes -= command_size(*removed);
  return detach_item(removed);
}

void write_state::clear() {
  if (draft_->keys == nullptr) return;
  doom_on_exception doom(doomed_);
  reserve_replaced(draft_->size);
  indexes_.clear();
  free_detached();
  cursor at;
  for (at.seek_first(draft_->keys); !at.at_end(); at.next()) {
    auto* gone = static_cast<item*>(at.entry());
    if (!own(*gone)) {
      draft_->replaced.push_back(gone);
    } else if (item_list::unlink(gone); indexes_.frozen()) {
      frozen_.push_back(gone);
    } else {
      item::destroy(memory_, gone);
    }
  }
  editor_->retire_tree(draft_->keys);
  draft_->keys = nullptr;
  draft_->size = 0;
  draft_->live_bytes = 0;
  base_keys_ = nullptr;
  erased_.clear();
  cleared_ = true;
  ++changes_;
  doom.all_went_well();
}

/// Records the definition of an index that is to be created, if it is a persistent one.
void write_state::keep(const index_info& info) {
  if (!info.persistent) return;
  kept_indexes_.push_back(kept_definition(info));
  indexes_.forget_set_aside(info.name);
}

void write_state::create_index(const shared_definition& definition) {
  doom_on_exception doom(doomed_);
  keep(definition->info);
  indexes_.create(definition);
  ++changes_;
  doom.all_went_well();
}

void write_state::adopt_index(const shared_definition& definition,
                              std::span<retirable* const> roots) {
  doom_on_exception doom(doomed_);
  keep(definition->info);
  indexes_.adopt(definition, roots);
  ++changes_;
  doom.all_went_well();
}

bool write_state::drop_index(std::string_view name) {
  const index_definition* dropped = indexes_.find(name);
  doom_on_exception doom(doomed_);
  if (dropped != nullptr) {
    if (dropped->info.persistent) kept_indexes_.push_back(kept_drop(name));
    indexes_.drop(name);
  } else if (indexes_.forget_set_aside(name)) {
    kept_indexes_.push_back(kept_drop(name));
  } else {
    doom.all_went_well();
    return false;
  }
  ++changes_;
  doom.all_went_well();
  return true;
}

void write_state::set_aside(set_aside_definition definition) {
  doom_on_exception doom(doomed_);
  kept_indexes_.push_back(definition.record);
  indexes_.set_aside(std::move(definition));
  ++changes_;
  doom.all_went_well();
}

void write_state::encode(std::string& out) const {
  if (cleared_) log::append_flushdb(out);
  for (const item* item : erased_)
    log::append_del(out, item->key());
  for (const list_link* at = draft_->created.begin(); at != draft_->created.end(); at = at->next) {
    append_item(out, *static_cast<const engine::item*>(at));
  }
  for (const std::string& record : kept_indexes_)
    log::append_del(out, record);
}

version* write_state::finish() noexcept {
  free_detached();
  while (!frozen_.empty())
    item::destroy(memory_, frozen_.pop_front());
  cleared_ = false;
  kept_indexes_.clear();
  erased_.clear();
  if (erased_.capacity() > max_kept_capacity) erased_.shrink_to_fit();
  draft_->retired_count = draft_->replaced.size() + editor_->retired_count();
  draft_->retired.splice_back(editor_->retired());
  indexes_.finish();
  return std::exchange(draft_, nullptr);
}

void write_state::discard(pool& memory, version& draft) noexcept {
  index_set_editor::discard(memory, draft);
  tree_editor(memory, draft.number).discard(draft.keys);
  while (!draft.created.empty())
    item::destroy(memory, draft.created.pop_front());
  draft.replaced.clear();
  forget_retired(memory, draft);
  draft.keys = nullptr;
}

version* write_state::discard() noexcept {
  version* draft = finish();
  discard(memory_, *draft);
  return draft;
}

}  // namespace buntdb::engine
