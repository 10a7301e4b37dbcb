#include "engine/expiry_sweeper.hpp"

#include <array>
#include <exception>
#include <span>
#include <utility>

#include <buntdb/error.hpp>

#include "engine/open_draft.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {

namespace {

// The most that one step does while it holds the writer's lock.
constexpr std::uint64_t wheel_step = 16384;
constexpr unsigned max_removed = 256;

/// Calls a user's function. If it throws, reports an event and returns false.
template <class Function>
bool succeeds(const reporter& events, const char* name, Function function) {
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
  } catch (...) {  // an exception of any type must not end the thread
    what.append(" something that is no std::exception");
  }
  events.report(event_kind::callback_failed, code, what);
  return false;
}

}  // namespace

/// Calls found(item) for visible items that have expired and that the draft still contains.
template <class Found>
bool expiry_sweeper::find_expired(const write_state& writing, Found found) {
  return core_.pipeline().visit_due(writing.now(), wheel_step, max_removed, [&](item& item) {
    // Two kinds of items are skipped: those that are alive again because the clock was set back,
    // and those that a later version has replaced.
    if (item.expired(writing.now()) &&
        find<key_order>(writing.draft()->keys, item.key()) == &item) {
      found(item);
    }
  });
}

expiry_sweeper::outcome expiry_sweeper::remove_some() {
  const expiry_hooks hooks = core_.settings().get().expiry;
  std::vector<expired_item> removed;
  try {
    const outcome step =
        hooks.on_expired_sync ? remove_one_by_one(hooks, removed) : remove_together(hooks, removed);
    call_on_expired(hooks, std::move(removed));
    return step;
  } catch (...) {
    call_on_expired(hooks, std::move(removed));  // for those that were removed before the failure
    throw;
  }
}

expiry_sweeper::outcome expiry_sweeper::remove_together(const expiry_hooks& hooks,
                                                        std::vector<expired_item>& removed) {
  std::array<item*, max_removed> expired{};
  unsigned count = 0;
  bool more = false;
  open_draft draft(core_);
  try {
    more = find_expired(*draft, [&](item& item) { expired[count++] = &item; });
    for (const item* item : std::span(expired).first(count)) {
      if (hooks.on_expired)
        removed.push_back({std::string(item->key()), std::string(item->value())});
      draft->erase(item->key());
    }
  } catch (...) {
    const bool in_a_change = draft->doomed();
    draft.rollback();
    removed.clear();
    if (!in_a_change) throw;
    // A user-supplied ordering may have thrown: the other items are removed anyway.
    return remove_one_by_one(hooks, removed);
  }
  try {
    draft.commit();
  } catch (...) {
    removed.clear();
    throw;
  }
  return {count, more};
}

/// Removes each item in a separate transaction, so that an exception from a hook or an ordering
/// does not prevent the removal of other items.
expiry_sweeper::outcome expiry_sweeper::remove_one_by_one(const expiry_hooks& hooks,
                                                          std::vector<expired_item>& removed) {
  std::vector<std::string> keys;
  bool more = false;
  {
    const open_draft draft(core_);
    more = find_expired(*draft, [&](item& item) { keys.emplace_back(item.key()); });
  }
  const hook_call call = hooks.on_expired_sync ? hook_call::yes : hook_call::no;
  unsigned count = 0;
  std::exception_ptr failure;
  for (const std::string& key : keys) {
    try {
      std::optional<expired_item> gone = remove_one(key, hooks, call);
      if (!gone) continue;
      ++count;
      if (hooks.on_expired) removed.push_back(std::move(*gone));
    } catch (const error&) {  // an error of the file: the other removals would fail, too
      throw;
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
  return {count, more};
}

/// Returns the removed item, or nothing if another thread removed it first or the hook kept it.
std::optional<expired_item> expiry_sweeper::remove_one(const std::string& key,
                                                       const expiry_hooks& hooks, hook_call call) {
  open_draft draft(core_);
  const auto find_expired_item = [&]() -> const item* {
    const item* const found = find<key_order>(draft->draft()->keys, key);
    return found != nullptr && found->expired(draft->now()) ? found : nullptr;
  };
  const item* const item = find_expired_item();
  if (item == nullptr) return std::nullopt;
  expired_item gone{key, std::string(item->value())};
  if (call == hook_call::yes) {
    bool goes_on = false;
    const bool went_well = succeeds(core_.events(), "on_expired_sync", [&] {
      goes_on = call_hook_(hooks, core_, *draft, gone);
      if (goes_on && draft->doomed()) {
        throw error(errc::transaction_ended,
                    "an exception inside one of its changes left the transaction unusable");
      }
    });
    if (!went_well || !goes_on) {
      if (goes_on) {
        draft.rollback();
      } else {
        draft.forget();
      }
      return remove_one(key, hooks, hook_call::no);
    }
    if (find_expired_item() == nullptr) {  // erased or kept by the hook
      const bool erased = find<key_order>(draft->draft()->keys, key) == nullptr;
      draft.commit();
      return erased ? std::optional(std::move(gone)) : std::nullopt;
    }
  }
  draft->erase(key);
  draft.commit();
  return gone;
}

void expiry_sweeper::call_on_expired(const expiry_hooks& hooks,
                                     std::vector<expired_item>&& removed) const {
  if (!hooks.on_expired || removed.empty()) return;
  std::size_t bytes = 0;
  for (const expired_item& item : removed)
    bytes += sizeof item + item.key.size() + item.value.size();
  const reporter& events = core_.events();
  events.call(
      [&events, on_expired = hooks.on_expired, removed = std::move(removed)] {
        succeeds(events, "on_expired", [&] { on_expired(removed); });
      },
      bytes);
}

void expiry_sweeper::remove_all() {
  if (core_.pipeline().failed()) return;
  // Items that cannot be removed yet (because their removal is not visible, or the clock was set
  // back) are found again and again. Stop after a few steps that remove nothing.
  for (unsigned fruitless = 0; fruitless < 16;) {
    const outcome step = remove_some();
    if (!step.more) return;
    fruitless = step.removed == 0 ? fruitless + 1 : 0;
  }
}

}  // namespace buntdb::engine
