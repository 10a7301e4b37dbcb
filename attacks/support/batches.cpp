#include "support/batches.hpp"

#include <charconv>
#include <chrono>

#include "model/mismatch.hpp"

namespace buntdb::attacks {

using model::require;

namespace {

std::string make_value(model::random_source& random, std::uint64_t number,
                       const batch_shape& shape) {
  std::string value = std::to_string(number) + ":";
  const auto grow_to = [&](std::uint64_t size) {
    if (size > value.size()) value.append(size - value.size(), static_cast<char>('a' + size % 26));
  };
  switch (random.below(8)) {
    case 0:
      grow_to(random.below(shape.longest_value));
      break;
    case 1:  // often a length with which the next marker ends at the end of a sector
      grow_to(300 + random.below(32));
      break;
    case 2:  // commands that recovery must not find, also at the beginning of a sector
      while (value.size() < 700)
        value += "*3\r\n$3\r\nset\r\n$5\r\nnever\r\n$3\r\nset\r\n";
      break;
    case 3:  // NULs, as a disk leaves them
      value.append(random.below(700), '\0');
      break;
    case 4:  // the beginning of a marker
      value += std::string_view("\r\n*2\r\n$3\r\ndel\r\n$43\r\n\0bunt:1", 27);
      break;
    default:
      grow_to(random.below(60));
  }
  return value;
}

}  // namespace

batch make_batch(model::random_source& random, std::uint64_t number, const batch_shape& shape) {
  batch made{.number = number, .changes = {}};
  const std::uint64_t count = random.below(shape.max_changes + 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    change one;
    one.key = "key " + std::to_string(random.below(shape.keys));
    if (!random.one_in(5)) {
      one.value = make_value(random, number, shape);
      if (shape.expiring && random.one_in(4)) {
        const auto second = std::chrono::floor<std::chrono::seconds>(shape.now) +
                            std::chrono::seconds(1 + random.below(random.one_in(2) ? 3 : 300));
        one.expires = std::chrono::nanoseconds(second.time_since_epoch()).count();
      }
    }
    made.changes.push_back(std::move(one));
  }
  return made;
}

batch make_batch(std::uint64_t history, std::uint64_t number, const batch_shape& shape) {
  model::random_source random(history * 1'000'003 + number);
  return make_batch(random, number, shape);
}

void apply_batch(const batch& what, transaction& tx) {
  for (const change& each : what.changes) {
    if (!each.value) {
      tx.erase(each.key);
    } else if (each.expires == model::stored::never) {
      tx.set(each.key, *each.value);
    } else {
      tx.set(each.key, *each.value,
             {.expires_at = time_point(std::chrono::nanoseconds(each.expires))});
    }
  }
  tx.set(number_key, std::to_string(what.number));
}

void apply_batch(const batch& what, model::state& to) {
  for (const change& each : what.changes) {
    if (each.value) {
      to.insert_or_assign(each.key, model::stored{*each.value, each.expires, 0});
    } else {
      to.erase(each.key);
    }
  }
  to.insert_or_assign(std::string(number_key), model::stored{.value = std::to_string(what.number)});
}

std::uint64_t number_in(const reader& view) {
  const auto text = view.get(number_key);
  if (!text) return 0;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  require(problem == std::errc() && end == text->data() + text->size(),
          "the number of the last batch is " + model::shown(*text));
  return number;
}

void require_shows(const reader& view, const model::state& expected, const std::string& who) {
  auto at = expected.begin();
  const auto skip_expired = [&] {
    while (at != expected.end() && !at->second.live(view.now()))
      ++at;
  };
  for (const auto [key, value] : view.ascend()) {
    if (key.starts_with(volatile_prefix)) continue;
    skip_expired();
    require(at != expected.end() && !(key < at->first),
            who + ": " + model::shown(key) + " should not be there");
    require(at->first == key, who + ": " + model::shown(at->first) + " is missing");
    require(at->second.value == value, who + ": " + model::shown(key) + " is " +
                                           model::shown(value) + " instead of " +
                                           model::shown(at->second.value));
    ++at;
  }
  skip_expired();
  require(at == expected.end(),
          who + ": " + (at == expected.end() ? "" : model::shown(at->first)) + " is missing");
}

}  // namespace buntdb::attacks
