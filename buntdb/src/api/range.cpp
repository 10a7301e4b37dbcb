#include <new>
#include <type_traits>
#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/range.hpp>

#include "engine/write_state.hpp"
#include "index/bound_key.hpp"
#include "index/entry.hpp"
#include "index/roots.hpp"
#include "memory/prefetch.hpp"
#include "text/glob.hpp"
#include "tree/cursor.hpp"
#include "version/key_order.hpp"

namespace buntdb {

namespace {

template <class Room>
auto& cursor_in(Room& room) noexcept {
  static_assert(sizeof(engine::cursor) <= sizeof(Room));
  static_assert(alignof(engine::cursor) <= alignof(Room));
  static_assert(std::is_trivially_copyable_v<engine::cursor>);
  using cursor = std::conditional_t<std::is_const_v<Room>, const engine::cursor, engine::cursor>;
  return *std::launder(reinterpret_cast<cursor*>(&room));
}

using tie = engine::index_order::tie;

/// A bound of keys must have exactly one part, a text.
std::string_view only_text(const first_parts& parts) {
  if (parts.parts().size() != 1 || parts.parts().front().type() != index_part::kind::text) {
    throw error(errc::invalid_argument, "a bound of keys is one text: it has other parts");
  }
  return parts.parts().front().text();
}

}  // namespace

range::range(const engine::version& version, const engine::write_state* writing, time_point now,
             direction towards, std::shared_ptr<const engine::index_definition> index,
             const bounds& limits)
    : version_(&version),
      writing_(writing),
      now_(now),
      index_(std::move(index)),
      ascending_(towards == direction::ascending),
      serial_(writing == nullptr ? 0 : writing->serial()) {
  tighten(side::lower, limits.at_least, limit_kind::inclusive);
  tighten(side::lower, limits.greater_than, limit_kind::exclusive);
  tighten(side::upper, limits.at_most, limit_kind::inclusive);
  tighten(side::upper, limits.less_than, limit_kind::exclusive);
  tighten_to_prefix(limits.prefix);
  ::new (&cursor_) engine::cursor;
}

void range::tighten(side which, const std::optional<bound>& wanted, limit_kind kind) {
  if (!wanted) return;
  place at;
  if (index_ == nullptr) {
    at.key = wanted->parts() ? only_text(*wanted->parts()) : wanted->value();
    return tighten(which, kind, std::move(at), false);
  }
  engine::bound_key key = engine::key_of(*index_, *wanted);
  at.sort_key = std::move(key.sort_key);
  if (index_->order.has_custom()) at.value = wanted->value();
  tighten(which, kind, std::move(at), key.is_beginning);
}

void range::tighten_to_prefix(const std::optional<first_parts>& prefix) {
  if (!prefix) return;
  place at;
  if (index_ == nullptr) {
    at.key = only_text(*prefix);
  } else {
    at.sort_key = engine::key_of_prefix(*index_, *prefix).sort_key;
  }
  tighten(side::lower, limit_kind::inclusive, at, true);
  tighten(side::upper, limit_kind::inclusive, std::move(at), true);
}

/// Narrows a limit. If `at` is a prefix (is_beginning), everything that begins with it counts as
/// equal to it.
void range::tighten(side which, limit_kind kind, place at, bool is_beginning) {
  const limit_kind covers_beginning =
      which == side::lower ? limit_kind::exclusive : limit_kind::inclusive;
  if (is_beginning && kind == covers_beginning) {
    const bool is_end = !engine::advance_beyond(index_ == nullptr ? at.key : at.sort_key);
    if (is_end && which == side::upper) return;
    if (is_end) {  // no text is greater than the prefix: the range is empty
      upper_ = {.kind = limit_kind::exclusive, .at = {}};
      return;
    }
    kind = which == side::lower ? limit_kind::inclusive : limit_kind::exclusive;
  }
  limit& narrowed = which == side::lower ? lower_ : upper_;
  const int inwards = which == side::lower ? 1 : -1;
  const int order = narrowed.kind == limit_kind::none ? 1 : compare(at, narrowed.at) * inwards;
  if (order < 0 || (order == 0 && kind == limit_kind::inclusive)) return;
  narrowed.kind = kind;
  narrowed.at = std::move(at);
}

int range::compare(const place& a, const place& b) const {
  if (index_ == nullptr) return a.key.compare(b.key);
  if (!index_->order.has_custom()) return a.sort_key.compare(b.sort_key);
  return index_->order.compare(a.sort_key, {a.key, a.value}, b.sort_key, {b.key, b.value});
}

/// Returns the root of the tree that the range iterates over, in its present state; null if the
/// tree is empty or the index has been dropped.
const engine::node* range::root() const noexcept {
  if (index_ == nullptr) return version_->keys;
  if (version_->indexes == nullptr) return nullptr;
  const engine::index_catalog::placed* placed = version_->indexes->catalog->find(index_->info.name);
  if (placed == nullptr || placed->definition != index_) return nullptr;
  const auto* table = std::as_const(version_->indexes);
  return static_cast<const engine::node*>(table->roots_of(*placed)[0]);
}

entry range::here() const noexcept {
  return {here_->key(), here_->value()};
}

void range::start() {
  if (writing_ != nullptr && ended()) {
    here_ = nullptr;
    return;
  }
  seek_limit(ascending_ ? lower_ : upper_);
  settle();
}

/// Moves the cursor to the first position within the limit, in the direction of the range.
void range::seek_limit(const limit& from) {
  engine::cursor& cursor = cursor_in(cursor_);
  if (writing_ != nullptr) changes_seen_ = writing_->changes();
  if (from.kind == limit_kind::none) {
    ascending_ ? cursor.seek_first(root()) : cursor.seek_last(root());
    return;
  }
  const bool exclusive = from.kind == limit_kind::exclusive;
  if (index_ == nullptr) {
    ascending_ ? cursor.seek_from<engine::key_order>(root(), from.at.key, exclusive)
               : cursor.seek_back_from<engine::key_order>(root(), from.at.key, exclusive);
    return;
  }
  const engine::index_order::probe probe{from.at.sort_key,
                                         {from.at.key, from.at.value},
                                         ascending_ == exclusive ? tie::after_all : tie::before_all,
                                         index_.get()};
  ascending_ ? cursor.seek_from<engine::index_order>(root(), probe, false)
             : cursor.seek_back_from<engine::index_order>(root(), probe, false);
}

void range::seek_beyond_last() {
  engine::cursor& cursor = cursor_in(cursor_);
  changes_seen_ = writing_->changes();
  if (index_ == nullptr) {
    ascending_ ? cursor.seek_from<engine::key_order>(root(), last_.key, true)
               : cursor.seek_back_from<engine::key_order>(root(), last_.key, true);
    return;
  }
  const engine::index_order::probe probe{
      last_.sort_key, {last_.key, last_.value}, tie::by_key, index_.get()};
  ascending_ ? cursor.seek_from<engine::index_order>(root(), probe, true)
             : cursor.seek_back_from<engine::index_order>(root(), probe, true);
}

/// Returns whether the transaction has ended, or an exception during a change has left its tree
/// unusable.
bool range::ended() const noexcept {
  return !writing_->active() || writing_->serial() != serial_ || writing_->doomed();
}

void range::advance() {
  here_ = nullptr;  // stays null if an ordering throws
  if (writing_ != nullptr && ended()) return;
  if (writing_ == nullptr || writing_->changes() == changes_seen_) {
    step();
  } else {
    seek_beyond_last();
  }
  settle();
}

void range::step() noexcept {
  engine::cursor& cursor = cursor_in(cursor_);
  ascending_ ? cursor.next() : cursor.previous();
  if (index_ == nullptr) return;
  // The cursor prefetches entries further ahead than this. Each of these entries points to an item,
  // which is prefetched here.
  constexpr int distance = 6;
  const void* coming = cursor.entry_nearby(ascending_ ? distance : -distance);
  if (coming == nullptr) return;
  const engine::item* item = static_cast<const engine::index_place*>(coming)->item();
  engine::prefetch(reinterpret_cast<const char*>(item) + 16);
  engine::prefetch(reinterpret_cast<const char*>(item) + 80);
}

const engine::item* range::item_here() const noexcept {
  const void* entry = cursor_in(cursor_).entry();
  return index_ == nullptr ? static_cast<const engine::item*>(entry)
                           : static_cast<const engine::index_place*>(entry)->item();
}

/// Moves the cursor forward to the next item that has not expired, if there is one within the
/// limits.
void range::settle() {
  here_ = nullptr;
  for (engine::cursor& cursor = cursor_in(cursor_); !cursor.at_end(); step()) {
    if (beyond_end()) return;
    const engine::item* item = item_here();
    if (item->expired(now_) || (pattern_ != nullptr && !pattern_->matches(item->key()))) continue;
    if (writing_ != nullptr) remember(*item);
    here_ = item;  // stays null if an ordering throws
    return;
  }
}

/// Keeps the place of the item at the cursor, to continue from there after a change.
void range::remember(const engine::item& item) {
  if (index_ != nullptr) {
    std::string scratch;
    last_.sort_key = static_cast<const engine::index_place*>(cursor_in(cursor_).entry())
                         ->sort_key(*index_, scratch);
    if (index_->order.has_custom()) last_.value = item.value();
  }
  last_.key = item.key();
}

bool range::beyond_end() const {
  const limit& to = ascending_ ? upper_ : lower_;
  if (to.kind == limit_kind::none) return false;
  int order = 0;
  if (index_ == nullptr) {
    order = item_here()->key().compare(to.at.key);
  } else {
    const engine::index_order::probe probe{
        to.at.sort_key, {to.at.key, to.at.value}, tie::by_key, index_.get()};
    order = engine::index_order::compare_sort_keys(
        *static_cast<const engine::index_place*>(cursor_in(cursor_).entry()), probe);
  }
  if (!ascending_) order = -order;
  return order > 0 || (order == 0 && to.kind == limit_kind::exclusive);
}

/// Returns whether no item can be within both limits. If false, the lower limit is not greater than
/// the upper one.
bool range::is_contradiction() const {
  if (lower_.kind == limit_kind::none || upper_.kind == limit_kind::none) return false;
  const int order = compare(lower_.at, upper_.at);
  const bool both_inclusive =
      lower_.kind == limit_kind::inclusive && upper_.kind == limit_kind::inclusive;
  return order > 0 || (order == 0 && !both_inclusive);
}

/// Counts the items of an ascending range, including expired ones.
std::uint64_t range::count() {
  if (is_contradiction()) return 0;
  seek_limit(lower_);
  engine::cursor end;  // at the first entry after the upper limit
  const bool inclusive = upper_.kind == limit_kind::inclusive;
  if (upper_.kind == limit_kind::none) {
    end.seek_first(nullptr);
  } else if (index_ == nullptr) {
    end.seek_from<engine::key_order>(root(), upper_.at.key, inclusive);
  } else {
    const engine::index_order::probe probe{upper_.at.sort_key,
                                           {upper_.at.key, upper_.at.value},
                                           inclusive ? tie::after_all : tie::before_all,
                                           index_.get()};
    end.seek_from<engine::index_order>(root(), probe, false);
  }
  std::uint64_t found = 0;
  for (engine::cursor& at = cursor_in(cursor_); !at.at_end(); at.leave_leaf()) {
    const engine::cursor::step& leaf = at.path().back();
    if (!end.at_end() && end.path().back().at == leaf.at) {
      return found + end.path().back().index - leaf.index;
    }
    found += leaf.at->count - leaf.index;
  }
  return found;
}

}  // namespace buntdb
