#pragma once

#include <optional>
#include <string>

#include <buntdb/reader.hpp>

#include "model/index_check.hpp"
#include "model/index_plan.hpp"
#include "model/material.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// Iterates over a random range of an ordered index, and compares each step with the present state:
/// the result must be the first item after the last position returned, wherever items have moved
/// since; there is none if the index has been dropped. between() is called after each step and may
/// change both.
template <class Between>
void walk_ordered(const reader& view, const state& expected, const std::string& name,
                  material& make, random_source& random, Between between) {
  const placed_index index = expected.indexes.at(name);
  const index_plan& plan = *index.plan;
  const bool ascending = random.one_in(2);
  const std::uint64_t most = random.below(40);
  std::optional<std::string> from;
  if (plan.bounds_are_values && random.one_in(2)) from = make.value();

  // The position of the range: an item that was there, or the bound.
  const auto comes_before = [&](const entry& a, const entry& b) {
    const int order = plan.compare(a, b);
    return order != 0 ? order < 0 : a.key < b.key;
  };
  const auto following = [&](const std::optional<entry>& last) -> const state::value_type* {
    const auto there = expected.indexes.find(name);
    if (there == expected.indexes.end() || there->second.made != index.made) return nullptr;
    const state::value_type* next = nullptr;
    for (const auto& item : expected) {
      const entry one = entry_of(item);
      if (!item.second.live(view.now()) || !plan.matches(one.key)) continue;
      if (plan.has_place && !plan.has_place(one.value)) continue;
      if (from) {
        const int order = plan.compare(one, {{}, *from});
        if (ascending ? order < 0 : order > 0) continue;
      }
      if (last && !(ascending ? comes_before(*last, one) : comes_before(one, *last))) continue;
      if (next == nullptr ||
          (ascending ? comes_before(one, entry_of(*next)) : comes_before(entry_of(*next), one))) {
        next = &item;
      }
    }
    return next;
  };

  const std::string who =
      "a range over '" + name + "' of " + plan.pattern() + (ascending ? " upwards" : " downwards");
  bounds limits;
  if (from) (ascending ? limits.at_least : limits.at_most) = *from;
  range entries = ascending ? view.ascend(name, limits) : view.descend(name, limits);
  std::string last_key;
  std::string last_value;
  std::optional<entry> last;
  std::uint64_t steps = 0;
  for (const auto [key, value] : entries) {
    const auto* next = following(last);
    require(next != nullptr, who + " gives " + shown(key) + " behind its end");
    require(next->first == key, who + " gives " + shown(key) + " instead of " + shown(next->first));
    require(next->second.value == value, who + ": the value of " + shown(key) + " is wrong");
    last_key = key;
    last_value = value;
    last = entry{last_key, last_value};
    if (++steps > most) return;
    between(last_key);
  }
  const auto* next = following(last);
  require(next == nullptr, who + " ends before " + (next != nullptr ? shown(next->first) : ""));
}

/// Does the same for a spatial index, which returns what was there when it began.
template <class Between>
void walk_spatial(const reader& view, const state& expected, const std::string& name,
                  random_source& random, Between between) {
  const index_plan& plan = *expected.indexes.at(name).plan;
  const double x = static_cast<double>(random.below(12));
  const rect area = random.one_in(2) ? rect({-100}, {100}) : rect({x, 0}, {x + 3, 9});
  const bool nearby = random.one_in(3);
  const state all = in_area(expected, plan, nearby ? rect({-1e300}, {1e300}) : area, view.now());
  const std::uint64_t most = random.one_in(2) ? ~std::uint64_t{0} : random.below(20);
  const std::string who = "a spatial range over '" + name + "'";
  std::uint64_t steps = 0;
  state met;
  const auto step = [&](std::string_view key, std::string_view value) {
    const auto at = all.find(key);
    require(at != all.end(), who + " gives " + shown(key) + ", which was not there");
    require(at->second.value == value, who + ": the value of " + shown(key) + " is wrong");
    require(met.insert(*at).second, who + " gives " + shown(key) + " twice");
    if (++steps > most) return false;
    const std::string copy(key);
    between(copy);
    require(copy == key && at->second.value == value, who + ": what it gave has changed");
    return true;
  };
  if (nearby) {
    for (const auto [key, value, distance] : view.nearby(name, area)) {
      if (!step(key, value)) return;
    }
  } else {
    for (const auto [key, value] : view.intersects(name, area)) {
      if (!step(key, value)) return;
    }
  }
  require(met.size() == all.size(), who + " ends too early");
}

}  // namespace buntdb::model
