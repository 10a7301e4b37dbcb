#include "stress/checks.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <vector>

#include <buntdb/range.hpp>
#include <buntdb/spatial_range.hpp>

#include "model/mismatch.hpp"

namespace buntdb::attacks::stress {

namespace {

using model::require;

constexpr double infinity = std::numeric_limits<double>::infinity();

bool same(const entry& a, const entry& b) {
  return a.key == b.key && a.value == b.value;
}

bool key_less(const entry& a, const entry& b) {
  return a.key < b.key;
}

/// Returns all items whose keys have this prefix, in key order.
std::vector<entry> scan(const reader& view, std::string_view prefix) {
  std::vector<entry> found;
  for (const entry item : view.ascend()) {
    if (item.key.starts_with(prefix)) found.push_back(item);
  }
  return found;
}

template <class Range>
std::vector<entry> listed(Range range) {
  std::vector<entry> found;
  for (const auto item : range)
    found.push_back({item.key, item.value});
  return found;
}

void require_same(const std::vector<entry>& found, const std::vector<entry>& wanted,
                  const std::string& what) {
  const auto [at, wanted_at] =
      std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end(), same);
  if (at == found.end() && wanted_at == wanted.end()) return;
  const auto shown = [](auto position, auto end) {
    return position == end ? std::string("nothing")
                           : std::string(position->key) + " = " + std::string(position->value);
  };
  throw model::mismatch(what + " lists " + std::to_string(found.size()) +
                        " items, and a scan finds " + std::to_string(wanted.size()) +
                        "; the first difference: " + shown(at, found.end()) + ", and " +
                        shown(wanted_at, wanted.end()));
}

void require_ordered(const reader& view, const index_plan& plan, std::vector<entry> wanted,
                     const std::string& what) {
  std::stable_sort(wanted.begin(), wanted.end(), plan.less);
  require_same(listed(view.ascend(plan.name)), wanted, what + ", ascend()");
  std::reverse(wanted.begin(), wanted.end());
  require_same(listed(view.descend(plan.name)), wanted, what + ", descend()");
}

void require_nearby(const reader& view, const index_plan& plan, const std::vector<entry>& wanted,
                    const rect& center, const std::string& what) {
  std::vector<entry> found;
  double last = 0;
  for (const neighbor each : view.nearby(plan.name, center)) {
    require(each.distance >= last, what + ", nearby() goes back");
    last = each.distance;
    found.push_back({each.key, each.value});
  }
  std::sort(found.begin(), found.end(), key_less);
  require_same(found, wanted, what + ", nearby()");
}

void require_spatial(const reader& view, const index_plan& plan, const std::vector<entry>& wanted,
                     const std::string& what, model::random_source& random) {
  const auto intersecting = [&](const rect& area) {
    std::vector<entry> found = listed(view.intersects(plan.name, area));
    std::sort(found.begin(), found.end(), key_less);
    return found;
  };
  require_same(intersecting(rect({-infinity}, {infinity})), wanted, what + ", intersects()");
  const auto x = static_cast<double>(random.below(100));
  const auto y = static_cast<double>(random.below(100));
  const rect area({x, y}, {x + 20, y + 20});
  std::vector<entry> inside;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(inside),
               [&](const entry& item) { return intersects(plan.area(item.value), area); });
  require_same(intersecting(area), inside, what + ", intersects() in an area");
  if (random.one_in(2)) require_nearby(view, plan, wanted, point({x, y}), what);
}

void require_bounds(const reader& view, const std::vector<entry>& all, const std::string& who,
                    model::random_source& random) {
  if (all.empty()) return;
  std::size_t first = static_cast<std::size_t>(random.below(all.size()));
  std::size_t last = static_cast<std::size_t>(random.below(all.size()));
  if (last < first) std::swap(first, last);
  std::vector<entry> wanted(all.begin() + static_cast<std::ptrdiff_t>(first),
                            all.begin() + static_cast<std::ptrdiff_t>(last));
  const bounds limits{.at_least = all[first].key, .less_than = all[last].key};
  require_same(listed(view.ascend(limits)), wanted, who + ": a range between two keys");
  std::reverse(wanted.begin(), wanted.end());
  require_same(listed(view.descend(limits)), wanted, who + ": a range between two keys, down");
}

std::uint64_t add_to_digest(std::uint64_t digest, std::string_view bytes) {
  for (const char byte : bytes)  // FNV-1a
    digest = (digest ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return digest * 31;
}

template <class Range>
std::uint64_t add_all(std::uint64_t digest, Range range) {
  for (const auto item : range)
    digest = add_to_digest(add_to_digest(digest, item.key), item.value);
  return digest;
}

}  // namespace

void require_index(const reader& view, const index_plan& plan, const std::string& who,
                   model::random_source& random) {
  const std::string what = who + ": the index '" + std::string(plan.name) + "'";
  const std::vector<entry> wanted = scan(view, plan.prefix);
  if (plan.less) {
    require_ordered(view, plan, wanted, what);
  } else {
    require_spatial(view, plan, wanted, what, random);
  }
}

void require_consistent(const reader& view, const std::string& who, model::random_source& random) {
  std::int64_t sum = 0;
  unsigned found = 0;
  std::vector<entry> all;
  for (const entry item : view.ascend()) {
    all.push_back(item);
    if (item.key.starts_with(accounts_prefix)) {
      sum += balance_in(item.value);
      ++found;
    } else if (item.key.starts_with(owned_prefix)) {
      require_owned(item.key, item.value);
    } else if (item.key.starts_with(brief_prefix)) {
      require(view.find(item.key)->expires_at > view.now(),
              who + " lists " + std::string(item.key) + ", which has expired");
    }
  }
  require(found == accounts && sum == accounts * initial_balance,
          who + ": " + std::to_string(found) + " accounts have " + std::to_string(sum));
  require(view.size() >= all.size(), who + " has fewer items than it lists");
  require_bounds(view, all, who, random);
  for (const std::string& name : view.indexes())
    require_index(view, plan_of(name), who, random);
}

std::uint64_t digest_of(const reader& view) {
  std::uint64_t digest = add_all(14695981039346656037U, view.ascend());
  for (const std::string& name : view.indexes()) {
    digest = add_to_digest(digest, name);
    if (plan_of(name).less) {
      digest = add_all(digest, view.ascend(name));
    } else {
      digest = add_all(digest, view.intersects(name, rect({-infinity}, {infinity})));
    }
  }
  return digest;
}

}  // namespace buntdb::attacks::stress
