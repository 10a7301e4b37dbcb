#include "single_order.hpp"

#include <stdexcept>

namespace explore {

bool single_order::allows(const order_set& before, const order_set& after) const noexcept {
  if ((before & after).any()) return false;
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (after[i] && (followers_[i] & before).any()) return false;
  }
  return true;
}

std::size_t single_order::add(const order_set& before, const order_set& after) {
  const std::size_t added = followers_.size();
  if (added == max_ordered) throw std::length_error("too many sequentially consistent operations");
  order_set followers = after;
  for (std::size_t i = 0; i < added; ++i) {
    if (after[i]) followers |= followers_[i];
  }
  followers_.push_back(followers);
  followers.set(added);
  for (std::size_t i = 0; i < added; ++i) {
    if (before[i] || (followers_[i] & before).any()) followers_[i] |= followers;
  }
  return added;
}

}  // namespace explore
