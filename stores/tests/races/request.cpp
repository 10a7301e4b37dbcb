#include "request.hpp"

#include <algorithm>

namespace races {

std::string_view name_of(step which) {
  switch (which) {
    case step::load:
      return "load";
    case step::read:
      return "read";
    case step::put:
      return "put";
    case step::remove:
      return "remove";
    case step::clear:
      return "clear";
    case step::update:
      return "update";
    case step::renew:
      return "renew";
    case step::remember_me:
      return "remember_me";
    case step::set_deadline:
      return "set_deadline";
    case step::touch:
      return "touch";
    case step::destroy:
      return "destroy";
    case step::commit:
      return "commit";
    case step::abandon:
      return "abandon";
    case step::revoke:
      return "revoke";
    case step::revoke_all:
      return "revoke_all";
    case step::revoke_others:
      return "revoke_others";
    case step::iterate:
      return "iterate";
    case step::merge:
      return "merge";
  }
  return "?";
}

bool request::puts_something() const {
  return tags || std::any_of(changes.begin(), changes.end(),
                             [](const auto& change) { return change.second.has_value(); });
}

values request::view() const {
  values seen_now = kind == knows::live && !cleared ? base : values{};
  for (const auto& [key, value] : changes) {
    if (value) {
      seen_now[key] = *value;
    } else {
      seen_now.erase(key);
    }
  }
  return seen_now;
}

void request::forget_changes() {
  cleared = false;
  changes.clear();
  new_deadline.reset();
  remembers = false;
  renews = false;
  tags = false;
  latest_deadline.reset();
  merged.clear();
  spared = 0;
  applied = false;
  begins = false;
  successor.reset();
}

}  // namespace races
