#include "thread/call_queue.hpp"

#include <exception>
#include <utility>

#include "platform/signals_blocked.hpp"

namespace buntdb::engine {

namespace {

thread_local const call_queue* calling = nullptr;

}  // namespace

bool call_queue::has_room(std::size_t bytes) const noexcept {
  if (calls_.empty()) return true;
  return calls_.size() < max_calls_ && bytes <= max_bytes_ && bytes_ <= max_bytes_ - bytes;
}

bool call_queue::post(std::function<void()> call, std::size_t bytes) noexcept {
  const mutex_lock lock(mutex_);
  try {
    if (!stopping_ && has_room(bytes)) {
      if (!thread_.joinable()) {
        const platform::signals_blocked blocked;
        thread_ = std::thread([this] { run(); });
      }
      calls_.push_back({std::move(call), bytes});
      bytes_ += bytes;
      posted_.notify_one();
      return true;
    }
  } catch (const std::exception&) {  // no memory, or no thread
  }
  ++dropped_;
  return false;
}

void call_queue::stop() {
  {
    const mutex_lock lock(mutex_);
    stopping_ = true;
  }
  posted_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool call_queue::is_this_thread() const noexcept {
  return calling == this;
}

std::uint64_t call_queue::dropped() const {
  const mutex_lock lock(mutex_);
  return dropped_;
}

void call_queue::run() {
  calling = this;
  mutex_lock lock(mutex_);
  const auto is_wanted = [this]() BUNTDB_REQUIRES(mutex_) { return stopping_ || !calls_.empty(); };
  for (;;) {
    posted_.wait(lock.native(), is_wanted);
    if (calls_.empty()) return;
    waiting next = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    next.call();
    next.call = nullptr;  // the function's captures are destroyed without the lock, too
    lock.lock();
    bytes_ -= next.bytes;
  }
}

}  // namespace buntdb::engine
