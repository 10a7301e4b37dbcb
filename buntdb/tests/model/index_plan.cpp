#include "model/index_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "model/mismatch.hpp"

namespace buntdb::model {

namespace {

template <class Value>
int three_way(const Value& a, const Value& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

/// Returns a whole decimal number, otherwise 0. The numbers that material makes have few digits.
std::int64_t number(std::string_view text) {
  const std::string_view digits = text.substr(!text.empty() && text.front() == '-' ? 1 : 0);
  if (digits.empty() || digits.size() > 18) return 0;
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  return std::atoll(std::string(text).c_str());
}

std::string folded(std::string_view text) {
  std::string made(text);
  for (char& byte : made) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return made;
}

/// Returns a field of the flat objects that material makes; nothing if the value is not such an
/// object or has no such field.
std::optional<std::string> field(std::string_view value, std::string_view name) {
  if (!value.starts_with('{')) return std::nullopt;
  const std::string wanted = '"' + std::string(name) + "\":";
  const std::size_t at = value.find(wanted);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = value.substr(at + wanted.size());
  if (rest.starts_with('"')) rest.remove_prefix(1);
  return std::string(rest.substr(0, rest.find_first_of("\",}")));
}

int by_field_n(const entry& a, const entry& b) {
  const auto number_of = [](const entry& of) -> std::optional<std::int64_t> {
    const auto text = field(of.value, "n");
    if (!text) return std::nullopt;
    return number(*text);
  };
  return three_way(number_of(a), number_of(b));  // nothing comes first
}

int by_field_s(const entry& a, const entry& b) {
  const auto text_of = [](const entry& of) -> std::optional<std::string> {
    const auto text = field(of.value, "s");
    if (!text) return std::nullopt;
    return folded(*text);
  };
  return three_way(text_of(a), text_of(b));
}

int by_number(const entry& a, const entry& b) {
  return three_way(number(a.value), number(b.value));
}

std::int64_t number_behind_colon(std::string_view key) {
  const std::size_t colon = key.find(':');
  return colon == std::string_view::npos ? 0 : number(key.substr(colon + 1));
}

bool is_longer(const entry& a, const entry& b) {
  return a.value.size() % 50 > b.value.size() % 50;
}

std::optional<rect> by_size(std::string_view value) {
  if (value.size() % 3 == 0) return std::nullopt;
  const auto x = static_cast<double>(value.size() % 17);
  if (value.size() % 3 == 1) return point({x});
  return rect({x, 0, -1}, {x + 2, x, 1});
}

void add_ordered(std::vector<index_plan>& all) {
  all.push_back({.ordered = {.pattern = "*", .persistent = true},
                 .bounds_are_values = false,
                 .matches = [](std::string_view) { return true; },
                 .compare = [](const entry&, const entry&) { return 0; }});
  all.push_back({.ordered = {.pattern = "session:*", .order = {by_int()}, .persistent = true},
                 .matches = [](std::string_view key) { return key.starts_with("session:"); },
                 .compare = by_number});
  all.push_back(
      {.ordered = {.pattern = "*1*", .order = {desc(by_int()), by_string()}, .persistent = true},
       .matches = [](std::string_view key) { return key.find('1') != key.npos; },
       .compare =
           [](const entry& a, const entry& b) {
             const int first = by_number(b, a);
             return first != 0 ? first : three_way(folded(a.value), folded(b.value));
           },
       .first_part = [](const entry& of) { return index_part(number(of.value)); },
       .compare_first = [](const entry& a, const entry& b) { return by_number(b, a); }});
  all.push_back(
      {.ordered = {.pattern = "long*", .order = {by_json("n")}, .sparse = true, .persistent = true},
       .matches = [](std::string_view key) { return key.starts_with("long"); },
       .has_place = [](std::string_view value) { return field(value, "n").has_value(); },
       .compare = by_field_n});
  all.push_back({.ordered = {.pattern = "S*",
                             .order = {by_json("s"), desc(by_json("n"))},
                             .ignore_case = true,
                             .persistent = true},
                 .matches = [](std::string_view key) { return folded(key).starts_with('s'); },
                 .compare =
                     [](const entry& a, const entry& b) {
                       const int first = by_field_s(a, b);
                       return first != 0 ? first : by_field_n(b, a);
                     }});
  all.push_back({.ordered = {.pattern = "?*", .order = {by_custom(is_longer), by_int()}},
                 .matches = [](std::string_view key) { return !key.empty(); },
                 .compare =
                     [](const entry& a, const entry& b) {
                       if (is_longer(a, b)) return -1;
                       return is_longer(b, a) ? 1 : by_number(a, b);
                     }});
  all.push_back(
      {.ordered = {.pattern = "session:?*",
                   .order = {by_key_part(":", 1, by_int())},
                   .persistent = true},
       .bounds_are_values = false,
       .matches =
           [](std::string_view key) { return key.starts_with("session:") && key.size() > 8; },
       .compare =
           [](const entry& a, const entry& b) {
             return three_way(number_behind_colon(a.key), number_behind_colon(b.key));
           }});
  all.push_back(
      {.ordered = {.pattern = "*e*", .order = {desc(by_binary())}},
       .matches = [](std::string_view key) { return key.find('e') != key.npos; },
       .compare = [](const entry& a, const entry& b) { return b.value.compare(a.value); }});
}

int by_number_behind_colon(const entry& a, const entry& b) {
  return three_way(number_behind_colon(a.key), number_behind_colon(b.key));
}

void add_of_several_orderings(std::vector<index_plan>& all) {
  all.push_back(
      {.ordered = {.pattern = "session:*?",
                   .order = {by_key_part(":", 1, by_int()), desc(by_string())},
                   .persistent = true},
       .bounds_are_values = false,
       .matches =
           [](std::string_view key) { return key.starts_with("session:") && key.size() > 8; },
       .compare =
           [](const entry& a, const entry& b) {
             const int first = by_number_behind_colon(a, b);
             return first != 0 ? first : three_way(folded(b.value), folded(a.value));
           },
       .first_part = [](const entry& of) { return index_part(number_behind_colon(of.key)); },
       .compare_first = by_number_behind_colon});
  // Not persistent: after the clock was set back, a reopen omits it.
  all.push_back(
      {.ordered = {.pattern = "*7", .order = {by_string()}, .unique = true},
       .matches = [](std::string_view key) { return key.ends_with('7'); },
       .compare = [](const entry& a,
                     const entry& b) { return three_way(folded(a.value), folded(b.value)); },
       .first_part = [](const entry& of) { return index_part(of.value); },
       .compare_first =
           [](const entry& a, const entry& b) {
             return three_way(folded(a.value), folded(b.value));
           }});
}

int by_length(const entry& a, const entry& b) {
  return three_way(a.value.size() % 9, b.value.size() % 9);
}

void add_by_own_sort_key(std::vector<index_plan>& all) {
  const auto append_length = [](std::string_view value, std::string& out) {
    out += static_cast<char>('a' + value.size() % 9);
  };
  all.push_back(
      {.ordered = {.pattern = "*5", .order = {by_sort_key(append_length)}, .keep_sort_keys = false},
       .matches = [](std::string_view key) { return key.ends_with('5'); },
       .compare = by_length});
}

/// Adds the same plans once more without sort keys, where that is possible.
void add_without_sort_keys(std::vector<index_plan>& all) {
  const std::vector<index_plan> kept = all;
  for (index_plan plan : kept) {
    const auto& order = plan.ordered.order;
    if (!std::all_of(order.begin(), order.end(), [](auto& one) { return one.is_portable(); }))
      continue;
    plan.ordered.keep_sort_keys = false;
    all.push_back(std::move(plan));
  }
}

void add_spatial(std::vector<index_plan>& all) {
  all.push_back({.area = {.pattern = "*2*", .persistent = true},
                 .spatial = true,
                 .matches = [](std::string_view key) { return key.find('2') != key.npos; },
                 .where = parse_rect});
  all.push_back({.area = {.pattern = "long prefix *", .extract_rect = by_size},
                 .spatial = true,
                 .matches = [](std::string_view key) { return key.starts_with("long prefix "); },
                 .where = by_size});
  all.push_back({.area = {.pattern = "**"},
                 .spatial = true,
                 .matches = [](std::string_view) { return true; },
                 .where = parse_rect});
}

}  // namespace

const std::vector<index_plan>& index_plans() {
  static const std::vector<index_plan> plans = [] {
    std::vector<index_plan> all;
    add_ordered(all);
    add_of_several_orderings(all);
    add_without_sort_keys(all);
    add_by_own_sort_key(all);
    add_spatial(all);
    return all;
  }();
  return plans;
}

const index_plan& plan_of(const index_info& index) {
  const auto at =
      std::find_if(index_plans().begin(), index_plans().end(), [&](const index_plan& plan) {
        return plan.pattern() == index.pattern && plan.spatial == index.spatial &&
               plan.kept() == index.persistent &&
               (plan.spatial ? plan.area.ignore_case == index.ignore_case
                             : plan.ordered.ignore_case == index.ignore_case &&
                                   plan.ordered.sparse == index.sparse &&
                                   plan.ordered.unique == index.unique &&
                                   plan.ordered.keep_sort_keys == index.keep_sort_keys &&
                                   plan.ordered.order.size() == index.order.size());
      });
  require(at != index_plans().end(), "index '" + index.name + "' is none that anybody made");
  return *at;
}

}  // namespace buntdb::model
