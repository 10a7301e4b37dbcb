#include <array>
#include <exception>
#include <span>
#include <vector>

#include <buntdb/error.hpp>
#include <buntdb/transaction.hpp>

#include "database_access.hpp"
#include "engine/core.hpp"
#include "engine/key_order.hpp"

// The part of the engine that removes what has expired, and tells the user's hooks.

namespace buntdb::engine {

namespace {

// What the background does with the writer's lock held.
constexpr std::uint64_t wheel_step = 16384;
constexpr unsigned expire_step = 256;

using expired_items = std::array<item*, expire_step>;

}  // namespace

/// Visible items that have expired and that the draft still has.
template <class Found>
bool core::find_expired(const write_state& writing, Found found) {
  return pipeline_->visit_due(writing.now(), wheel_step, expire_step, [&](item& item) {
    // One that the clock, turned back, says is alive again waits for its time; one that a later
    // version has replaced is on its way out.
    if (item.expired(writing.now()) &&
        find<key_order>(writing.draft()->keys, item.key()) == &item) {
      found(item);
    }
  });
}

core::expired_step core::remove_expired() {
  const expiry_hooks hooks = settings_.get().expiry;
  std::vector<expired_item> removed;
  const auto tell = [&] {
    if (hooks.on_expired && !removed.empty()) {
      guard_hook("on_expired", [&] { hooks.on_expired(removed); });
    }
  };
  try {
    const expired_step step = hooks.on_expired_sync ? remove_expired_one_by_one(hooks, removed)
                                                    : remove_expired_together(hooks, removed);
    tell();
    return step;
  } catch (...) {
    tell();  // of those that have gone before it failed
    throw;
  }
}

core::expired_step core::remove_expired_together(const expiry_hooks& hooks,
                                                 std::vector<expired_item>& removed) {
  expired_items expired{};
  unsigned count = 0;
  write_state& writing = begin();
  bool more = false;
  try {
    more = find_expired(writing, [&](item& item) { expired[count++] = &item; });
    for (const item* item : std::span(expired).first(count)) {
      if (hooks.on_expired)
        removed.push_back({std::string(item->key()), std::string(item->value())});
      writing.erase(item->key());
    }
  } catch (...) {
    const bool in_a_change = writing.doomed();
    rollback(writing);
    removed.clear();
    if (!in_a_change) throw;
    // An ordering of the user's own threw, perhaps: the other items go all the same.
    return remove_expired_one_by_one(hooks, removed);
  }
  try {
    commit(writing);
  } catch (...) {
    removed.clear();
    throw;
  }
  return {count, more};
}

/// Each item in a transaction of its own, so that a hook or an ordering that throws keeps no other
/// item from going.
core::expired_step core::remove_expired_one_by_one(const expiry_hooks& hooks,
                                                   std::vector<expired_item>& removed) {
  std::vector<std::string> keys;
  write_state& looking = begin();
  bool more = false;
  try {
    more = find_expired(looking, [&](item& item) { keys.emplace_back(item.key()); });
  } catch (...) {
    rollback(looking);
    throw;
  }
  rollback(looking);
  const hook_call call = hooks.on_expired_sync ? hook_call::yes : hook_call::no;
  unsigned count = 0;
  std::exception_ptr failure;
  for (const std::string& key : keys) {
    try {
      std::optional<expired_item> gone = remove_one_expired(key, hooks, call);
      if (!gone) continue;
      ++count;
      if (hooks.on_expired) removed.push_back(std::move(*gone));
    } catch (const error&) {  // of the file: the others would fail, too
      throw;
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return {count, more};
}

/// Gives what was removed; empty if somebody else was faster, or the hook kept it.
std::optional<expired_item> core::remove_one_expired(const std::string& key,
                                                     const expiry_hooks& hooks, hook_call call) {
  transaction tx = database_access::transaction_of(begin());
  const write_state& writing = writing_;
  const item* item = find<key_order>(writing.draft()->keys, key);
  if (item == nullptr || !item->expired(writing.now())) return std::nullopt;
  expired_item gone{key, std::string(item->value())};
  if (call == hook_call::yes) {
    const bool went_well = guard_hook("on_expired_sync", [&] {
      hooks.on_expired_sync({gone.key, gone.value}, tx);
      if (database_access::is_active(tx) && writing.doomed()) {
        throw error(errc::transaction_ended,
                    "an exception inside one of its changes left the transaction unusable");
      }
    });
    if (!went_well || !database_access::is_active(tx)) {
      tx.rollback();
      return remove_one_expired(key, hooks, hook_call::no);
    }
    item = find<key_order>(writing.draft()->keys, key);
    if (item == nullptr || !item->expired(writing.now())) {  // erased or kept by the hook
      tx.commit();
      return item == nullptr ? std::optional(std::move(gone)) : std::nullopt;
    }
  }
  tx.erase(key);
  tx.commit();
  return gone;
}

/// False, and an event, if the user's function throws.
template <class Function>
bool core::guard_hook(const char* name, Function function) {
  std::string what = std::string(name) + " threw";
  std::error_code code;
  try {
    function();
    return true;
  } catch (const std::system_error& failure) {
    code = failure.code();
    what.append(": ").append(failure.what());
  } catch (const std::exception& failure) {
    what.append(": ").append(failure.what());
  } catch (...) {  // whatever it is, it must not end the thread
    what.append(" something that is no std::exception");
  }
  reporter_.report(event::kind::callback_failed, code, what);
  return false;
}

void core::remove_all_expired() {
  if (pipeline_->failed()) return;
  // Items that cannot go yet (their removal is not visible, the clock went back) come again and
  // again: a few steps that remove nothing are enough for now.
  for (unsigned fruitless = 0; fruitless < 16;) {
    const expired_step step = remove_expired();
    if (!step.more) return;
    fruitless = step.removed == 0 ? fruitless + 1 : 0;
  }
}

}  // namespace buntdb::engine
