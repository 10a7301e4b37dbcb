#include "model/changes.hpp"

#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "model/index_check.hpp"
#include "model/index_plan.hpp"
#include "model/index_walk.hpp"
#include "model/mismatch.hpp"
#include "model/walk.hpp"

namespace buntdb::model {

namespace {

/// Returns the value that a change of the key must return.
std::optional<std::string> live_value(const state& draft, const std::string& key, time_point now) {
  const auto at = draft.find(key);
  if (at == draft.end() || !at->second.live(now)) return std::nullopt;
  return at->second.value;
}

template <class Function>
void require_refused(errc code, Function function) {
  try {
    function();
  } catch (const error& refused) {
    require(refused.code() == code, std::string("refused for another reason: ") + refused.what());
    return;
  }
  throw mismatch("what must be refused was not");
}

}  // namespace

void changes::one() {
  ++count_;
  if (random_.one_in(40)) {
    change_indexes();
    return;
  }
  if (random_.one_in(500)) {
    clear();
    return;
  }
  const std::uint64_t kind = random_.below(100);
  if (kind < 40) {
    set(make_.key());
  } else if (kind < 45) {
    set_from_stored_data();
  } else if (kind < 55) {
    set_expiry(make_.key());
  } else if (kind < 72) {
    erase(make_.key());
  } else if (kind < 74) {
    erase_many();
  } else if (kind < 79) {
    set_and_erase_again(make_.key());
  } else if (kind < 90) {
    ask(make_.key());
  } else if (kind < 91) {
    refused();
  } else if (kind < 94) {
    require_same(tx_, draft_, "a transaction");
  } else {
    go_through_something(0);
  }
}

/// Iterates over something, with changes and sometimes another range in between.
void changes::go_through_something(unsigned depth) {
  const bool changing = random_.one_in(2);
  const auto between = [&](const std::string& key) {
    if (changing && random_.one_in(2)) beside(key);
    if (depth < 2 && random_.one_in(20)) go_through_something(depth + 1);
  };
  if (draft_.indexes.empty() || random_.one_in(3)) {
    walk(tx_, draft_, make_, random_, between);
    return;
  }
  auto at = draft_.indexes.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random_.below(draft_.indexes.size())));
  const std::string name = at->first;
  if (at->second.plan->spatial) {
    walk_spatial(tx_, draft_, name, random_, between);
  } else {
    walk_ordered(tx_, draft_, name, make_, random_, between);
  }
}

void changes::change_indexes() {
  const std::string name = make_.index_name();
  const bool there = draft_.indexes.contains(name);
  const index_plan& plan = random_.pick(index_plans());
  const bool equal = plan.ordered.unique && holds_equal(draft_, plan, tx_.now());
  switch (random_.below(4)) {
    case 0:
      require(tx_.drop_index(name) == there, "drop_index() is wrong");
      draft_.indexes.erase(name);
      return;
    case 1:
      if (equal) {
        require_refused(errc::not_unique, [&] { plan.replace(tx_, name); });
        return;
      }
      plan.replace(tx_, name);
      break;
    default:
      if (there) {
        require_refused(errc::index_exists, [&] { plan.create(tx_, name); });
        return;
      }
      if (equal) {
        require_refused(errc::not_unique, [&] { plan.create(tx_, name); });
        return;
      }
      plan.create(tx_, name);
  }
  draft_.indexes[name] = {&plan, made()};
}

std::uint64_t changes::made() {
  static std::uint64_t last = 0;
  return ++last;
}

void changes::clear() {
  tx_.clear();
  draft_.clear();
}

void changes::set(const std::string& key) {
  const std::string value = make_.value();
  const auto [options, expires] = make_.life(tx_.now());
  if (conflicts(draft_, key, value, tx_.now())) {
    require_refused(errc::not_unique, [&, &how = options] { tx_.set(key, value, how); });
    return;
  }
  const auto expected = live_value(draft_, key, tx_.now());
  require(tx_.set(key, value, options) == expected,
          "set(" + shown(key) + ") gives another previous value");
  draft_[key] = {value, expires, 0};
}

/// Sets a key and a value that are views of stored data, perhaps of the item that is replaced.
void changes::set_from_stored_data() {
  const auto from = draft_.lower_bound(make_.key());
  if (from == draft_.end() || !from->second.live(tx_.now())) return;
  range entries = tx_.ascend({.at_least = from->first});
  const auto found = entries.begin();
  const std::string_view key = (*found).key;
  const std::string_view value = (*found).value;
  if (random_.one_in(2)) {
    const std::string half = from->second.value.substr(from->second.value.size() / 2);
    if (conflicts(draft_, from->first, half, tx_.now())) {
      require_refused(errc::not_unique, [&] { tx_.set(key, value.substr(value.size() / 2)); });
      return;
    }
    tx_.set(key, value.substr(value.size() / 2));
    from->second = {half};
    return;
  }
  // The erased value must be readable until the next change has used it.
  const auto erased = tx_.erase(key);
  require(erased == from->second.value, "erase() gives another value");
  const std::string target = make_.key();
  std::string copy = std::move(from->second.value);
  draft_.erase(from);
  if (conflicts(draft_, target, copy, tx_.now())) {
    require_refused(errc::not_unique, [&] { tx_.set(target, *erased); });
    return;
  }
  tx_.set(target, *erased);
  draft_[target] = {std::move(copy)};
}

void changes::set_expiry(const std::string& key) {
  const auto [options, expires] = make_.life(tx_.now());
  const auto at = draft_.find(key);
  const bool there = at != draft_.end() && at->second.live(tx_.now());
  if (there && conflicts(draft_, key, at->second.value, tx_.now())) {
    require_refused(errc::not_unique, [&, &how = options] { tx_.set_expiry(key, how); });
    return;
  }
  require(tx_.set_expiry(key, options) == there, "set_expiry(" + shown(key) + ") is wrong");
  if (there) at->second.expires = expires;
}

void changes::erase(const std::string& key) {
  const auto expected = live_value(draft_, key, tx_.now());
  require(tx_.erase(key) == expected, "erase(" + shown(key) + ") gives another value");
  draft_.erase(key);
}

/// Erases everything between two keys, so that nodes join.
void changes::erase_many() {
  const std::string from = make_.key();
  const std::string to = make_.key();
  for (auto at = draft_.lower_bound(from); at != draft_.end() && at->first < to;) {
    const std::string key = at->first;
    ++at;
    erase(key);
  }
}

void changes::set_and_erase_again(const std::string& key) {
  if (random_.one_in(2)) erase(key);
  set(key);
  erase(key);
  if (random_.one_in(3)) set(key);
}

void changes::ask(const std::string& key) {
  const auto expected = live_value(draft_, key, tx_.now());
  require(tx_.get(key) == expected, "get(" + shown(key) + ") is wrong in a transaction");
  require(tx_.contains(key) == expected.has_value(), "contains(" + shown(key) + ") is wrong");
  const auto ttl = tx_.ttl(key);
  require(ttl.has_value() == expected.has_value(), "ttl(" + shown(key) + ") is wrong");
  if (!ttl) return;
  const std::int64_t expires = draft_.find(key)->second.expires;
  require(expires == stored::never
              ? *ttl == forever
              : tx_.now().time_since_epoch() + *ttl == std::chrono::nanoseconds(expires),
          "ttl(" + shown(key) + ") is wrong");
  require(tx_.size() == draft_.size(), "size() is wrong in a transaction");
}

void changes::refused() {
  using namespace std::chrono_literals;
  require_refused(errc::invalid_argument,
                  [&] { tx_.set(make_.key(), "x", {.ttl = 1s, .expires_at = tx_.now()}); });
  require_refused(errc::reserved_key, [&] { tx_.set(std::string_view("\0bunt:1", 7), "x"); });
  require_refused(errc::too_large, [&] { tx_.set(std::string(65'536, 'k'), "x"); });
}

void changes::beside(const std::string& key) {
  ++count_;
  if (random_.one_in(300)) clear();
  if (random_.one_in(60)) change_indexes();
  const auto at = draft_.upper_bound(key);
  switch (random_.below(5)) {
    case 0:
      erase(key);
      break;
    case 1:
      set(key);
      break;
    case 2:
      if (at != draft_.end()) erase(std::string(at->first));
      break;
    case 3:
      if (at != draft_.begin() && at != draft_.end()) erase(std::string(std::prev(at)->first));
      break;
    default:
      set(make_.key());
  }
}

}  // namespace buntdb::model
