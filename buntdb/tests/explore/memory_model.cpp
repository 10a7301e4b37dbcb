#include "memory_model.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace explore {

void knowledge::learn(const knowledge& other) noexcept {
  for (unsigned i = 0; i < max_locations; ++i)
    oldest[i] = std::max(oldest[i], other.oldest[i]);
  for (unsigned i = 0; i < max_threads; ++i)
    happened[i] = std::max(happened[i], other.happened[i]);
}

unsigned memory_model::add(unsigned thread, std::uint64_t value) {
  if (locations_.size() == max_locations) throw std::length_error("too many atomic objects");
  locations_.push_back({.values = {{.value = value, .released = {}, .depth = 0}},
                        .constructor = thread,
                        .constructed = happened(thread)[thread],
                        .oldest_in_order = 0,
                        .is_loaded_in_order = false});
  return static_cast<unsigned>(locations_.size() - 1);
}

unsigned memory_model::oldest(unsigned thread, unsigned location,
                              std::memory_order order) const noexcept {
  const unsigned known = threads_[thread].oldest[location];
  if (order != std::memory_order_seq_cst) return known;
  return std::max(known, locations_[location].oldest_in_order);
}

void memory_model::load(unsigned thread, unsigned location, unsigned index,
                        std::memory_order order) noexcept {
  auto& from = locations_[location];
  knowledge& own = threads_[thread];
  own.oldest[location] = std::max(own.oldest[location], static_cast<std::uint8_t>(index));
  if (acquires(order)) own.learn(from.values[index].released);
  if (order == std::memory_order_seq_cst) {
    from.oldest_in_order = std::max(from.oldest_in_order, index);
    from.is_loaded_in_order = true;
  }
}

void memory_model::store(unsigned thread, unsigned location, std::uint64_t value,
                         std::memory_order order, std::size_t depth) {
  append(thread, location, {.value = value, .released = {}, .depth = depth}, order);
}

void memory_model::update(unsigned thread, unsigned location, std::uint64_t value,
                          std::memory_order order, std::size_t depth) {
  // It is part of the release sequence of what it replaces.
  const knowledge continued = locations_[location].values.back().released;
  if (acquires(order)) threads_[thread].learn(continued);
  append(thread, location, {.value = value, .released = continued, .depth = depth}, order);
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
  to.values.push_back(stored);
  to.is_loaded_in_order = false;
  if (order == std::memory_order_seq_cst) to.oldest_in_order = index;
}

bool memory_model::constructed_for(unsigned thread, unsigned location) const noexcept {
  const auto& at = locations_[location];
  return happened(thread)[at.constructor] >= at.constructed;
}

bool memory_model::depend(const operation& one, const operation& other) const noexcept {
  if (one.kind == action::start || other.kind == action::start) return false;
  if (one.location != other.location) return false;
  if (one.kind != action::load || other.kind != action::load) return true;
  // Two loads: each may limit what the other one returns, unless both must return the newest value.
  return one.order == std::memory_order_seq_cst && other.order == std::memory_order_seq_cst &&
         locations_[one.location].oldest_in_order != newest(one.location);
}

}  // namespace explore
