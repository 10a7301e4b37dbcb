#include <algorithm>
#include <utility>

#include <buntdb/subscription.hpp>

#include "commit/change_queue.hpp"

namespace buntdb {

subscription::subscription(std::shared_ptr<engine::change_queue> queue) noexcept
    : queue_(std::move(queue)) {}

subscription::subscription(subscription&& other) noexcept = default;

subscription& subscription::operator=(subscription&& other) noexcept {
  if (this != &other) {
    if (queue_ != nullptr) queue_->abandon();
    queue_ = std::move(other.queue_);
  }
  return *this;
}

subscription::~subscription() {
  if (queue_ != nullptr) queue_->abandon();
}

std::optional<change> subscription::try_next() {
  return queue_->next(std::nullopt);
}

std::optional<change> subscription::next_for(std::chrono::nanoseconds timeout) {
  const auto now = std::chrono::steady_clock::now();
  const auto longest = std::chrono::steady_clock::time_point::max() - now;
  return queue_->next(now + std::min<std::chrono::nanoseconds>(timeout, longest));
}

bool subscription::ended() const {
  return queue_->ended();
}

}  // namespace buntdb
