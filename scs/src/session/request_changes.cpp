#include "session/request_changes.hpp"

#include <algorithm>
#include <utility>

#include <scs/error.hpp>

namespace scs::detail {

namespace {

/// The key's place in the order of keys, whether it is there or not.
template <class Changes>
auto position_of(Changes& changes, std::string_view key) {
  return std::lower_bound(
      changes.begin(), changes.end(), key,
      [](const request_changes::key_change& c, std::string_view k) { return c.key < k; });
}

}  // namespace

void request_changes::set(std::string_view key, std::optional<std::string> json) {
  const auto position = position_of(keys_, key);
  if (position != keys_.end() && position->key == key) {
    position->json = std::move(json);
  } else {
    keys_.insert(position, key_change{std::string{key}, std::move(json)});
  }
}

void request_changes::clear() {
  keys_.clear();
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
      user_ = user_change{std::string{other.user}, std::string{other.where},
                          other.created.value_or(now), other.begun.value_or(time_point::min())};
      deadline_ = std::min(deadline_.value_or(deadline), other.deadline);
    }
  }
  for (const payload::member& member : other.data)
    set(member.key, std::string{member.json});
}

void request_changes::settle(std::string_view key, std::string&& json) {
  const auto pending = position_of(keys_, key);
  if (cleared_) {
    set(key, std::move(json));
  } else if (pending != keys_.end() && pending->key == key) {
    keys_.erase(pending);
  }
}

void request_changes::forget() noexcept {
  keys_.clear();
  cleared_ = false;
  deadline_.reset();
  remember_me_.reset();
  user_.reset();
  spared_.reset();
  renews_ = false;
}

bool request_changes::any() const noexcept {
  return cleared_ || !keys_.empty() || deadline_ || remember_me_ || user_ || renews_;
}

bool request_changes::puts_something() const noexcept {
  if (user_ && !user_->user.empty()) return true;
  return std::any_of(keys_.begin(), keys_.end(),
                     [](const key_change& c) { return c.json.has_value(); });
}

const request_changes::key_change* request_changes::find(std::string_view key) const noexcept {
  const auto position = position_of(keys_, key);
  return position != keys_.end() && position->key == key ? &*position : nullptr;
}

}  // namespace scs::detail
