#pragma once

#include <string>

#include <buntdb/reader.hpp>

#include "model/material.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// Iterates over a random range (bounds, direction, left early or not) and compares each step with
/// the present state. between() is called after each step with the key just returned; it may change
/// both the database and the state.
template <class Between>
void walk(const reader& view, const state& expected, material& make, random_source& random,
          Between between) {
  const material::limits limits = make.some_limits();
  const bool ascending = random.one_in(2);
  const std::uint64_t most = random.one_in(2) ? ~std::uint64_t{0} : random.below(20);
  const auto matches = [&](const auto& entry) {
    return entry.second.live(view.now()) && limits.inside(entry.first);
  };
  // The entry after `last`, in the range's direction; the first of all if `last` is null.
  const auto following = [&](const std::string* last) -> const state::value_type* {
    if (ascending) {
      auto at = last == nullptr ? expected.begin() : expected.upper_bound(*last);
      while (at != expected.end() && !matches(*at))
        ++at;
      return at == expected.end() ? nullptr : &*at;
    }
    auto at = last == nullptr ? expected.end() : expected.lower_bound(*last);
    while (at != expected.begin()) {
      if (matches(*--at)) return &*at;
    }
    return nullptr;
  };

  const std::string who = ascending ? "a range upwards" : "a range downwards";
  range entries = ascending ? view.ascend(limits.bounds()) : view.descend(limits.bounds());
  range moved = std::move(entries);
  std::string last;
  bool any = false;
  std::uint64_t steps = 0;
  for (const auto [key, value] : moved) {
    const auto* next = following(any ? &last : nullptr);
    require(next != nullptr, who + " gives " + shown(key) + " behind its end");
    require(next->first == key, who + " gives " + shown(key) + " instead of " + shown(next->first));
    require(next->second.value == value, who + ": the value of " + shown(key) + " is " +
                                             shown(value) + " instead of " +
                                             shown(next->second.value));
    last = key;
    any = true;
    if (++steps > most) return;
    between(last);
  }
  const auto* next = following(any ? &last : nullptr);
  require(next == nullptr, who + " ends before " + (next != nullptr ? shown(next->first) : ""));
}

}  // namespace buntdb::model
