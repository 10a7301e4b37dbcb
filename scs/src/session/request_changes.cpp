#include "session/request_changes.hpp"

#include <algorithm>
#include <utility>

#include <scs/error.hpp>
#include <scs/session.hpp>

namespace scs::detail {

void request_changes::set(std::string_view key, std::optional<std::string> json) {
  if (key == session::flash_key) flashes_.reset();
  size_ = size_with(key, json ? json->size() : 0);
  if (const auto found = keys_.find(key); found != keys_.end()) {
    found->second = std::move(json);
  } else {
    keys_.emplace(key, std::move(json));
  }
}

std::size_t request_changes::size_with(std::string_view key,
                                       std::size_t value_size) const noexcept {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return size_ + key.size() + value_size;
  return size_ - (found->second ? found->second->size() : 0) + value_size;
}

void request_changes::clear() {
  keys_.clear();
  size_ = 0;
  flashes_.reset();
  user_.reset();
  cleared_ = true;
}

void request_changes::take_over(const payload& other, std::string_view user, time_point deadline,
                                time_point now) {
  if (!other.user.empty()) {
    if (!user.empty() && user != other.user) {
      throw error(errc::invalid_value, "merge: the other session is another user's");
    }
    if (user.empty()) {
      set_user({std::string{other.user}, std::string{other.where}, other.created.value_or(now),
                other.begun.value_or(time_point::min())});
      deadline_ = std::min(deadline_.value_or(deadline), other.deadline);
    }
  }
  for (const payload::member& member : other.data) {
    if (member.key != session::csrf_key) set(member.key, std::string{member.json});
  }
}

void request_changes::settle(std::string_view key, std::string&& json) {
  if (cleared_) return set(key, std::move(json));
  const auto pending = keys_.find(key);
  if (pending == keys_.end()) return;
  if (key == session::flash_key) flashes_.reset();
  size_ -= pending->first.size() + (pending->second ? pending->second->size() : 0);
  keys_.erase(pending);
}

void request_changes::forget() noexcept {
  keys_.clear();
  size_ = 0;
  cleared_ = false;
  deadline_.reset();
  remember_me_.reset();
  idle_timeout_.reset();
  flashes_.reset();
  user_.reset();
  spared_.reset();
  renews_ = false;
}

bool request_changes::any() const noexcept {
  return cleared_ || !keys_.empty() || deadline_ || remember_me_ || idle_timeout_ || user_ ||
         renews_;
}

bool request_changes::puts_something() const noexcept {
  if (user_ && !user_->user.empty()) return true;
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const auto& change) { return change.second.has_value(); });
}

const std::optional<std::string>* request_changes::find(std::string_view key) const noexcept {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace scs::detail
