#include "model/state.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <utility>

#include "model/index_check.hpp"
#include "model/index_plan.hpp"
#include "model/mismatch.hpp"

namespace buntdb::model {

std::string shown(std::string_view bytes) {
  std::string text = "\"";
  for (const char byte : bytes.substr(0, 60)) {
    if (byte >= ' ' && byte <= '~') {
      text += byte;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(byte));
      text += escaped;
    }
  }
  return text + "\"" + (bytes.size() > 60 ? "... (" + std::to_string(bytes.size()) + ")" : "");
}

state reloaded(state before) {
  constexpr std::int64_t second = 1'000'000'000;
  for (auto& [key, item] : before) {
    item.revision = 0;
    if (item.expires != stored::never) item.expires = item.expires / second * second;
  }
  std::erase_if(before.indexes, [](const auto& index) { return !index.second.plan->kept(); });
  return before;
}

bool same(const state& a, const state& b) {
  if (!std::equal(a.indexes.begin(), a.indexes.end(), b.indexes.begin(), b.indexes.end(),
                  [](const auto& x, const auto& y) {
                    return x.first == y.first && x.second.plan == y.second.plan;
                  })) {
    return false;
  }
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.value == y.second.value &&
           x.second.expires == y.second.expires;
  });
}

std::string difference(const state& found, const state& expected) {
  for (const auto& [key, item] : expected) {
    const auto at = found.find(key);
    if (at == found.end()) return shown(key) + " is missing";
    if (at->second.value != item.value) {
      return shown(key) + " is " + shown(at->second.value) + " instead of " + shown(item.value);
    }
    if (at->second.expires != item.expires) {
      return shown(key) + " expires at " + std::to_string(at->second.expires) + " instead of " +
             std::to_string(item.expires);
    }
  }
  for (const auto& [key, item] : found) {
    if (!expected.contains(key)) {
      return shown(key) + " is there with " + shown(item.value) + ", expiring at " +
             std::to_string(item.expires);
    }
  }
  for (const auto& [name, index] : expected.indexes) {
    const auto at = found.indexes.find(name);
    if (at == found.indexes.end()) return "index '" + name + "' is missing";
    if (at->second.plan != index.plan) return "index '" + name + "' is another one";
  }
  for (const auto& [name, index] : found.indexes) {
    if (!expected.indexes.contains(name)) return "index '" + name + "' is there";
  }
  return "nothing differs";
}

namespace {

template <class Iterator>
Iterator next_live(Iterator at, Iterator end, time_point now) {
  while (at != end && !at->second.live(now))
    ++at;
  return at;
}

template <class Iterator>
void require_walk(range walk, Iterator at, Iterator end, time_point now, const std::string& who) {
  for (const auto [key, value] : walk) {
    at = next_live(at, end, now);
    require(at != end, who + " gives " + shown(key) + ", which is not there");
    require(at->first == key, who + " gives " + shown(key) + " instead of " + shown(at->first));
    require(at->second.value == value, who + " gives " + shown(key) + " the value " + shown(value) +
                                           " instead of " + shown(at->second.value));
    ++at;
  }
  at = next_live(at, end, now);
  require(at == end, who + " ends before " + (at == end ? "" : shown(at->first)));
}

}  // namespace

void require_same(const reader& view, const state& expected, const std::string& who) {
  const time_point now = view.now();
  require(view.size() == expected.size(), who + ": size() is " + std::to_string(view.size()) +
                                              " instead of " + std::to_string(expected.size()));
  require_walk(view.ascend(), expected.begin(), expected.end(), now, who + ": ascend()");
  require_walk(view.descend(), expected.rbegin(), expected.rend(), now, who + ": descend()");
  for (const auto& [key, item] : expected) {
    const auto found = view.find(key);
    const std::string what = who + ": find(" + shown(key) + ")";
    require(found.has_value() == item.live(now), what + (found ? " finds" : " misses") + " it");
    if (!found) continue;
    require(found->value == item.value,
            what + " gives " + shown(found->value) + " instead of " + shown(item.value));
    require(found->expires_at.time_since_epoch().count() == item.expires,
            what + " gives another expiry");
    require(item.revision == 0 || found->revision == item.revision,
            what + " gives revision " + std::to_string(found->revision) + " instead of " +
                std::to_string(item.revision));
  }
  require_indexes(view, expected, who);
}

}  // namespace buntdb::model
