#include <algorithm>
#include <span>
#include <utility>

#include "json/path.hpp"
#include "json/query.hpp"
#include "json/scanner.hpp"
#include "json/unescape.hpp"

namespace buntdb::json {

namespace {

using step_span = std::span<const step>;

// These functions search the value at the scanner's position. If they return true, the search is
// over and its result, which may be nothing, is in `found`. If they return false, the scanner is
// after the value, and the search continues with the next one, because two members may have the
// same key or match the same pattern. They recurse once for each step of a path, which has at most
// 128 steps.
bool select(scanner& at, step_span steps, value& found);

bool key_matches(const step& step, std::string_view key) {
  if (step.query && step.key.empty()) return false;  // a query selects elements, not members
  return step.pattern ? step.pattern->matches(key) : step.key == key;
}

bool key_matches(const step& step, const scanner::member_key& key) {
  if (!key.escaped) return key_matches(step, key.inside);
  std::string unescaped;
  unescape(key.inside, unescaped);
  return key_matches(step, unescaped);
}

bool select_in_object(scanner& at, step_span steps, value& found) {
  at.skip_byte();
  for (scanner::member_key key; at.next_member(key);) {
    if (!key_matches(steps.front(), key)) {
      at.read_value();
    } else if (select(at, steps.subspan(1), found)) {
      return true;
    }
  }
  return false;
}

bool select_position(scanner& at, step_span steps, value& found) {
  const step& here = steps.front();
  for (std::size_t position = 0; at.next_element(); ++position) {
    if (here.position != position) {
      at.read_value();
    } else if (select(at, steps.subspan(1), found)) {
      return true;
    }
  }
  return false;
}

void count(scanner& at, value& found) {
  std::size_t elements = 0;
  while (at.next_element()) {
    if (!at.read_value().empty()) ++elements;
  }
  found = value::made(std::to_string(elements));
}

/// Returns what the steps select in one element.
value select_in_element(std::string_view element, step_span steps) {
  value found;
  scanner inside(element);
  select(inside, steps, found);
  return found;
}

void list(scanner& at, step_span steps, value& found) {
  const step& here = steps.front();
  std::string list = "[";
  while (at.next_element()) {
    const std::string_view element = at.read_value();
    if (here.query && !here.query->matches(element)) continue;
    const value selected = select_in_element(element, steps.subspan(1));
    if (!selected.exists()) continue;
    if (list.size() > 1) list += ',';
    list += selected.raw();
  }
  list += ']';
  found = value::made(std::move(list));
}

bool first_match(scanner& at, step_span steps, value& found) {
  while (at.next_element()) {
    const std::string_view element = at.read_value();
    if (!steps.front().query->matches(element)) continue;
    found = select_in_element(element, steps.subspan(1));
    return true;
  }
  return false;
}

/// Called after the opening bracket, if there is one.
bool select_in_array(scanner& at, step_span steps, value& found) {
  switch (steps.front().kind) {
    case step_kind::name:
    case step_kind::wildcard:
      return select_position(at, steps, found);
    case step_kind::count:
      count(at, found);
      return true;
    case step_kind::each:
    case step_kind::all_matches:
      list(at, steps, found);
      return true;
    case step_kind::first_match:
      return first_match(at, steps, found);
  }
  return false;
}

bool select(scanner& at, step_span steps, value& found) {
  if (steps.empty()) {
    found = value(at.read_value());
    return found.exists();
  }
  if (at.peek() == '{') return select_in_object(at, steps, found);
  if (at.peek() == '[') {
    at.skip_byte();
    return select_in_array(at, steps, found);
  }
  at.read_value();
  return false;
}

value select_in_text(std::string_view text, step_span steps) {
  value found;
  scanner at(text);
  at.skip_space();
  if (steps.empty() && (at.peek() == '{' || at.peek() == '[')) {
    found = value(at.rest());  // as in gjson: what follows the value belongs to it
  } else {
    select(at, steps, found);
  }
  return found;
}

value select_in_lines(std::string_view text, step_span steps) {
  if (steps.empty()) return {};
  value found;
  scanner at(text);
  select_in_array(at, steps, found);
  return found;
}

/// Returns whether a stage produced an empty list because `#(…)#`, followed by more steps, found no
/// element. As in gjson, this ends the path: later stages are not applied.
template <class Select>
bool found_no_element(const value& found, step_span steps, Select select_here) {
  if (found.raw() != "[]") return false;
  const auto lists = [](const step& each) {
    return each.kind != step_kind::name && each.kind != step_kind::wildcard;
  };
  const auto first = std::find_if(steps.begin(), steps.end(), lists);
  if (first == steps.end() || first->kind != step_kind::all_matches) return false;
  const auto up_to_it = static_cast<std::size_t>(first - steps.begin()) + 1;
  return up_to_it < steps.size() && select_here(steps.first(up_to_it)).raw() == "[]";
}

}  // namespace

value get(std::string_view text, const path& path) {
  value found;
  for (const stage& stage : path.stages()) {
    const bool is_first = &stage == &path.stages().front();
    const value before = std::move(found);
    const auto select_here = [&](step_span steps) {
      if (!is_first) return select_in_text(before.raw(), steps);
      return path.reads_lines() ? select_in_lines(text, steps) : select_in_text(text, steps);
    };
    found = select_here(stage.steps);
    if (found_no_element(found, stage.steps, select_here)) return value::made("[]");
    if (before.is_made() && !found.is_made()) found = value::made(std::string(found.raw()));
  }
  return found;
}

}  // namespace buntdb::json
