#include "model/index_check.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "model/mismatch.hpp"

namespace buntdb::model {

namespace {

bool belongs(const state::value_type& item, const index_plan& plan, time_point now) {
  return item.second.live(now) && plan.matches(item.first) &&
         (!plan.has_place || plan.has_place(item.second.value));
}

void require_entry(const entry& found, const state::value_type& wanted, const std::string& who) {
  require(found.key == wanted.first,
          who + " gives " + shown(found.key) + " instead of " + shown(wanted.first));
  require(found.value == wanted.second.value, who + ": the value of " + shown(found.key) + " is " +
                                                  shown(found.value) + " instead of " +
                                                  shown(wanted.second.value));
}

template <class Iterator>
void require_range(range items, Iterator at, Iterator end, const std::string& who) {
  for (const entry found : items) {
    require(at != end, who + " gives " + shown(found.key) + " behind its end");
    require_entry(found, **at, who);
    ++at;
  }
  require(at == end, who + " ends before " + (at == end ? "" : shown((*at)->first)));
}

/// Requires what one part selects, and what follows it.
void require_parts(const reader& view, const std::string& name,
                   const std::vector<const state::value_type*>& wanted, const index_plan& plan,
                   const std::string& who) {
  if (!plan.first_part || wanted.empty()) return;
  const auto* middle = wanted[wanted.size() / 2];
  const auto [first, last] =
      std::equal_range(wanted.begin(), wanted.end(), middle, [&](const auto* a, const auto* b) {
        return plan.compare_first(entry_of(*a), entry_of(*b)) < 0;
      });
  const first_parts part(plan.first_part(entry_of(*middle)));
  require_range(view.equal(name, part), first, last, who + ", equal() to a part");
  require_range(view.ascend(name, {.greater_than = part}), last, wanted.end(),
                who + ", ascend() above a part");
  require_range(view.descend(name, {.less_than = part}), std::make_reverse_iterator(first),
                wanted.rend(), who + ", descend() below a part");
}

void require_ordered(const reader& view, const std::string& name, const state& expected,
                     const index_plan& plan, const std::string& who) {
  const auto wanted = in_order(expected, plan, view.now());
  require_range(view.ascend(name), wanted.begin(), wanted.end(), who + ", ascend()");
  require_range(view.descend(name), wanted.rbegin(), wanted.rend(), who + ", descend()");
  require_parts(view, name, wanted, plan, who);
  if (!plan.bounds_are_values || wanted.empty()) return;
  // Equal to some value, and from there on.
  const entry middle = entry_of(*wanted[wanted.size() / 2]);
  const auto [first, last] = std::equal_range(
      wanted.begin(), wanted.end(), wanted[wanted.size() / 2],
      [&](const auto* a, const auto* b) { return plan.compare(entry_of(*a), entry_of(*b)) < 0; });
  require_range(view.equal(name, middle.value), first, last, who + ", equal()");
  require_range(view.ascend(name, {.greater_than = middle.value}), last, wanted.end(),
                who + ", ascend() above a value");
  require_range(view.descend(name, {.at_most = middle.value}), std::make_reverse_iterator(last),
                wanted.rend(), who + ", descend() from a value");
}

double distance(const rect& a, const rect& b) {
  double sum = 0;
  for (std::size_t d = 0; d < std::min(a.dimensions(), b.dimensions()); ++d) {
    const double apart = std::max({0.0, a.min(d) - b.max(d), b.min(d) - a.max(d)});
    sum += apart * apart;
  }
  return sum;
}

void require_spatial(const reader& view, const std::string& name, const state& expected,
                     const index_plan& plan, const std::string& who) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const rect& area : {rect({-infinity}, {infinity}), rect({2, 0}, {7, 4})}) {
    const state wanted = in_area(expected, plan, area, view.now());
    state found;
    for (const auto [key, value] : view.intersects(name, area)) {
      require(found.emplace(key, stored{std::string(value)}).second,
              who + " gives " + shown(key) + " twice");
    }
    for (const auto& [key, item] : wanted) {
      const auto at = found.find(key);
      require(at != found.end(), who + " misses " + shown(key));
      require_entry({at->first, at->second.value}, {key, item}, who);
    }
    require(found.size() == wanted.size(), who + " gives what does not belong there");
  }
  const rect center = point({3, 1});
  const state wanted = in_area(expected, plan, rect({-infinity}, {infinity}), view.now());
  std::size_t count = 0;
  double last = 0;
  for (const auto [key, value, apart] : view.nearby(name, center)) {
    ++count;
    const auto at = wanted.find(key);
    require(at != wanted.end(), who + ", nearby() gives " + shown(key) + ", which is not there");
    require_entry({key, value}, *at, who + ", nearby()");
    require(apart == distance(*plan.where(value), center), who + ": the distance is wrong");
    require(apart >= last, who + ", nearby() goes back");
    last = apart;
  }
  require(count == wanted.size(), who + ", nearby() ends too early");
}

}  // namespace

std::vector<const state::value_type*> in_order(const state& all, const index_plan& plan,
                                               time_point now) {
  std::vector<const state::value_type*> found;
  for (const auto& item : all) {
    if (belongs(item, plan, now)) found.push_back(&item);
  }
  // Items that compare equal stay in the order of their keys.
  std::stable_sort(found.begin(), found.end(), [&](const auto* a, const auto* b) {
    return plan.compare(entry_of(*a), entry_of(*b)) < 0;
  });
  return found;
}

bool holds_equal(const state& all, const index_plan& plan, time_point now) {
  const auto items = in_order(all, plan, now);
  return std::adjacent_find(items.begin(), items.end(), [&](const auto* a, const auto* b) {
           return plan.compare(entry_of(*a), entry_of(*b)) == 0;
         }) != items.end();
}

bool conflicts(const state& all, const std::string& key, const std::string& value, time_point now) {
  const auto meets = [&](const auto& index) {
    const index_plan& plan = *index.second.plan;
    if (!plan.ordered.unique || !plan.matches(key)) return false;
    return std::any_of(all.begin(), all.end(), [&](const auto& item) {
      return item.first != key && belongs(item, plan, now) &&
             plan.compare(entry_of(item), {key, value}) == 0;
    });
  };
  return std::any_of(all.indexes.begin(), all.indexes.end(), meets);
}

state in_area(const state& all, const index_plan& plan, const rect& area, time_point now) {
  state found;
  for (const auto& item : all) {
    if (!belongs(item, plan, now)) continue;
    const std::optional<rect> where = plan.where(item.second.value);
    if (where && intersects(*where, area)) found.insert(item);
  }
  return found;
}

void require_indexes(const reader& view, const state& expected, const std::string& who) {
  const std::vector<std::string> names = view.indexes();
  require(std::equal(names.begin(), names.end(), expected.indexes.begin(), expected.indexes.end(),
                     [](const std::string& a, const auto& b) { return a == b.first; }),
          who + " has other indexes");
  for (const auto& [name, index] : expected.indexes) {
    const std::string what = who + ": index '" + name + "' of " + index.plan->pattern();
    require(&plan_of(*view.index(name)) == index.plan, what + " is another one");
    index.plan->spatial ? require_spatial(view, name, expected, *index.plan, what)
                        : require_ordered(view, name, expected, *index.plan, what);
  }
}

}  // namespace buntdb::model
