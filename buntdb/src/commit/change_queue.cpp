#include "commit/change_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace buntdb::engine {

watch_options change_queue::without_on_change(watch_options options) {
  options.on_change = nullptr;
  return options;
}

change_queue::change_queue(const watch_options& options)
    : options_(without_on_change(options)),
      pattern_(options.pattern),
      has_on_change_(options.on_change != nullptr),
      on_change_(options.on_change) {}

bool change_queue::watches(std::string_view key) const noexcept {
  if (options_.keys.empty()) return pattern_.matches(key);
  return std::find(options_.keys.begin(), options_.keys.end(), key) != options_.keys.end();
}

bool change_queue::has_room(std::size_t bytes) const noexcept {
  if (changes_.empty()) return options_.max_changes != 0;
  return changes_.size() < options_.max_changes && bytes <= options_.max_bytes &&
         bytes_ <= options_.max_bytes - bytes;
}

void change_queue::append_missed() {
  changes_.push_back({.kind = change_kind::missed, .missed = missed_});
  missed_ = 0;
  ready_missed_ = 0;
}

void change_queue::stage(change_kind kind, std::string_view key, std::string_view value,
                         time_point expires_at, std::uint64_t revision) noexcept {
  if (!options_.values) value = {};
  const mutex_lock lock(mutex_);
  const std::size_t bytes = key.size() + value.size();
  try {
    if (missed_ != 0 && has_room(0)) append_missed();
    if (missed_ == 0 && has_room(bytes)) {
      changes_.push_back({.kind = kind,
                          .key = std::string(key),
                          .value = std::string(value),
                          .expires_at = expires_at,
                          .revision = revision});
      bytes_ += bytes;
      return;
    }
  } catch (const std::bad_alloc&) {  // counts as missed, as if the queue were full
  }
  ++missed_;
}

bool change_queue::deliver() noexcept {
  const mutex_lock lock(mutex_);
  ready_ = changes_.size();
  ready_missed_ = missed_;
  if (!something_is_ready()) return false;
  changed_.notify_all();
  return has_on_change_ && !std::exchange(call_requested_, true) &&
         !std::exchange(call_waits_, true);
}

void change_queue::take_back_call() noexcept {
  const mutex_lock lock(mutex_);
  call_requested_ = false;
  call_waits_ = false;
}

void change_queue::call() noexcept {
  {
    const mutex_lock lock(mutex_);
    call_waits_ = false;
  }
  std::function<void()> no_longer_needed;  // destroyed without the lock
  const mutex_lock one_at_a_time(calling_);
  if (abandoned()) return;
  caller_ = std::this_thread::get_id();
  try {
    on_change_();
  } catch (...) {  // watch_options::on_change documents this
  }
  caller_ = std::thread::id();
  if (abandoned()) no_longer_needed.swap(on_change_);
}

std::optional<change> change_queue::next(
    std::optional<std::chrono::steady_clock::time_point> deadline) {
  mutex_lock lock(mutex_);
  if (deadline) {
    changed_.wait_until(lock.native(), *deadline, [this]() BUNTDB_REQUIRES(mutex_) {
      return something_is_ready() || ended_;
    });
  }
  if (!something_is_ready()) {
    call_requested_ = false;  // the caller now knows that the queue is empty
    return std::nullopt;
  }
  if (ready_ == 0) {
    missed_ -= ready_missed_;
    return change{.kind = change_kind::missed, .missed = std::exchange(ready_missed_, 0)};
  }
  change next = std::move(changes_.front());
  changes_.pop_front();
  --ready_;
  bytes_ -= next.key.size() + next.value.size();
  return next;
}

void change_queue::end() noexcept {
  {
    const mutex_lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

bool change_queue::ended() const {
  const mutex_lock lock(mutex_);
  return ended_;
}

void change_queue::abandon() noexcept {
  abandoned_.store(true, std::memory_order_release);
  std::deque<change> unread;
  {
    const mutex_lock lock(mutex_);
    unread.swap(changes_);
    ready_ = 0;
    bytes_ = 0;
  }
  if (caller_.load() == std::this_thread::get_id()) return;  // call() does the rest
  std::function<void()> no_longer_needed;
  const mutex_lock no_call_under_way(calling_);
  no_longer_needed.swap(on_change_);
}

}  // namespace buntdb::engine
