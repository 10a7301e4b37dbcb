#include "memory_model.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace explore {

namespace {

constexpr auto seq_cst = std::memory_order_seq_cst;

}  // namespace

void knowledge::learn(const knowledge& other) noexcept {
  for (unsigned i = 0; i < max_locations; ++i)
    oldest[i] = std::max(oldest[i], other.oldest[i]);
  for (unsigned i = 0; i < max_threads; ++i)
    happened[i] = std::max(happened[i], other.happened[i]);
  ordered |= other.ordered;
}

unsigned memory_model::add(unsigned thread, std::uint64_t value) {
  if (locations_.size() == max_locations) throw std::length_error("too many atomic objects");
  locations_.push_back({.values = {{.value = value, .depth = 0, .released = {}, .ordered = {}}},
                        .ordered = {},
                        .constructor = thread,
                        .constructed = happened(thread)[thread]});
  return static_cast<unsigned>(locations_.size() - 1);
}

bool memory_model::can_load(unsigned thread, unsigned location, unsigned index,
                            std::memory_order order) const noexcept {
  const knowledge& own = threads_[thread];
  if (index < own.oldest[location]) return false;
  if (order != seq_cst) return true;
  const order_set& told = locations_[location].values[index].ordered;
  const neighbors place = neighbors_of(location, position_of_load(index), own.ordered | told);
  return order_.allows(place.before, place.after);
}

void memory_model::load(unsigned thread, unsigned location, unsigned index,
                        std::memory_order order) {
  const written& from = locations_[location].values[index];
  knowledge& own = threads_[thread];
  own.oldest[location] = std::max(own.oldest[location], static_cast<std::uint8_t>(index));
  if (order == seq_cst) {
    own.ordered |= take_place(location, position_of_load(index), own.ordered | from.ordered);
  }
  if (acquires(order)) own.learn(from.released);
}

void memory_model::store(unsigned thread, unsigned location, std::uint64_t value,
                         std::memory_order order, std::size_t depth) {
  append(thread, location, {.value = value, .depth = depth, .released = {}, .ordered = {}}, order);
}

void memory_model::update(unsigned thread, unsigned location, std::uint64_t value,
                          std::memory_order order, std::size_t depth) {
  // It is part of the release sequence of the value it replaces.
  written stored = locations_[location].values.back();
  stored.value = value;
  stored.depth = depth;
  const knowledge acquired = acquires(order) ? stored.released : knowledge{};
  append(thread, location, std::move(stored), order);
  // Last, because in the single order it precedes only what follows.
  threads_[thread].learn(acquired);
}

void memory_model::append(unsigned thread, unsigned location, written stored,
                          std::memory_order order) {
  auto& to = locations_[location];
  if (to.values.size() > std::numeric_limits<std::uint8_t>::max()) {
    throw std::length_error("too many values of one atomic object");
  }
  const auto index = static_cast<std::uint8_t>(to.values.size());
  knowledge& own = threads_[thread];
  own.oldest[location] = index;
  stored.released.oldest[location] = index;
  if (releases(order)) stored.released.learn(own);
  if (order == seq_cst) {
    stored.ordered = take_place(location, 2 * std::size_t{index}, own.ordered | stored.ordered);
    own.ordered |= stored.ordered;
  }
  to.values.push_back(std::move(stored));
}

/// Returns the position of an operation on the location in the single order, after all of `before`.
memory_model::neighbors memory_model::neighbors_of(unsigned location, std::size_t position,
                                                   const order_set& before) const noexcept {
  neighbors result{.before = before, .after = {}};
  for (const ordered_operation& each : locations_[location].ordered) {
    if (each.position < position) result.before.set(each.number);
    if (each.position > position) result.after.set(each.number);
  }
  return result;
}

/// Inserts an operation at this position. Returns it, with what strongly happens before it.
order_set memory_model::take_place(unsigned location, std::size_t position,
                                   const order_set& before) {
  const neighbors place = neighbors_of(location, position, before);
  const std::size_t number = order_.add(place.before, place.after);
  locations_[location].ordered.push_back({.number = number, .position = position});
  order_set result = before;
  result.set(number);
  return result;
}

bool memory_model::constructed_for(unsigned thread, unsigned location) const noexcept {
  const auto& at = locations_[location];
  return happened(thread)[at.constructor] >= at.constructed;
}

}  // namespace explore
