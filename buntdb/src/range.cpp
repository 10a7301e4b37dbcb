#include <new>
#include <type_traits>

#include <buntdb/range.hpp>

#include "engine/key_order.hpp"
#include "engine/tree.hpp"
#include "engine/write_state.hpp"

namespace buntdb {

namespace {

template <class Room>
engine::cursor& cursor_in(Room& room) noexcept {
  static_assert(sizeof(engine::cursor) <= sizeof(Room));
  static_assert(alignof(engine::cursor) <= alignof(Room));
  static_assert(std::is_trivially_copyable_v<engine::cursor>);
  return *std::launder(reinterpret_cast<engine::cursor*>(&room));
}

}  // namespace

range::range(const engine::version& version, const engine::write_state* writing, time_point now,
             const bounds& limits, direction towards)
    : version_(&version),
      writing_(writing),
      now_(now),
      ascending_(towards == direction::ascending),
      serial_(writing == nullptr ? 0 : writing->serial()) {
  tighten(lower_, limits.at_least, bound::kind::inclusive, 1);
  tighten(lower_, limits.greater_than, bound::kind::exclusive, 1);
  tighten(upper_, limits.at_most, bound::kind::inclusive, -1);
  tighten(upper_, limits.less_than, bound::kind::exclusive, -1);
  ::new (&cursor_) engine::cursor;
}

/// Narrows a bound; inwards is 1 for a lower one, where the greater key is the narrower, and -1 for
/// an upper one.
void range::tighten(bound& bound, const std::optional<std::string_view>& key, bound::kind kind,
                    int inwards) {
  if (!key) return;
  const int order = bound.what == bound::kind::none ? 1 : key->compare(bound.key) * inwards;
  if (order < 0 || (order == 0 && kind == bound::kind::inclusive)) return;
  bound.what = kind;
  bound.key = *key;
}

entry range::here() const noexcept {
  return {here_->key(), here_->value()};
}

void range::start() {
  if (writing_ != nullptr && ended()) {
    here_ = nullptr;
    return;
  }
  const bound& from = ascending_ ? lower_ : upper_;
  if (from.what == bound::kind::none) {
    engine::cursor& cursor = cursor_in(cursor_);
    ascending_ ? cursor.seek_first(version_->keys) : cursor.seek_last(version_->keys);
    if (writing_ != nullptr) changes_seen_ = writing_->changes();
  } else {
    seek(from.key, from.what == bound::kind::exclusive);
  }
  settle();
}

void range::seek(std::string_view key, bool beyond) {
  engine::cursor& cursor = cursor_in(cursor_);
  if (ascending_) {
    cursor.seek_from<engine::key_order>(version_->keys, key, beyond);
  } else {
    cursor.seek_back_from<engine::key_order>(version_->keys, key, beyond);
  }
  if (writing_ != nullptr) changes_seen_ = writing_->changes();
}

/// Whether the transaction has ended or lost its tree to an exception inside a change.
bool range::ended() const noexcept {
  return !writing_->active() || writing_->serial() != serial_ || writing_->doomed();
}

void range::advance() {
  if (writing_ != nullptr && ended()) {
    here_ = nullptr;
    return;
  }
  if (writing_ == nullptr || writing_->changes() == changes_seen_) {
    step();
  } else {
    seek(last_key_, true);
  }
  settle();
}

void range::step() noexcept {
  engine::cursor& cursor = cursor_in(cursor_);
  ascending_ ? cursor.next() : cursor.previous();
}

/// From where the cursor is to the next item that has not expired, if that is within the bounds.
void range::settle() {
  engine::cursor& cursor = cursor_in(cursor_);
  for (; !cursor.at_end(); step()) {
    const auto* item = static_cast<const engine::item*>(cursor.entry());
    if (beyond_end(*item)) break;
    if (item->expired(now_)) continue;
    here_ = item;
    if (writing_ != nullptr) last_key_ = item->key();
    return;
  }
  here_ = nullptr;
}

bool range::beyond_end(const engine::item& item) const noexcept {
  const bound& to = ascending_ ? upper_ : lower_;
  if (to.what == bound::kind::none) return false;
  const int order = item.key().compare(to.key) * (ascending_ ? 1 : -1);
  return order > 0 || (order == 0 && to.what == bound::kind::exclusive);
}

}  // namespace buntdb
