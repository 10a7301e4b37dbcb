#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/store/store_reports.hpp>

namespace scs {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// Larger than the differences between clocks that a time service keeps.
constexpr nanoseconds tolerated_skew = seconds{1};
constexpr nanoseconds least_limit = seconds{5};
constexpr nanoseconds limit_without_idle_timeout = std::chrono::minutes{1};

constexpr std::chrono::minutes warning_pause{1};
constexpr std::size_t max_texts = 64;

std::string skew_text(nanoseconds skew) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(std::chrono::abs(skew)).count()) +
         " ms " + (skew > nanoseconds{0} ? "ahead of" : "behind") + " ours";
}

}  // namespace

struct server_watch::state {
  using shared_listener = std::shared_ptr<const store_reports::listener>;

  struct warned {
    steady_clock::time_point at{};
    bool told = false;
  };

  std::mutex mutex{};  // guards the other members; never held while the listener is called
  std::condition_variable ended{};
  shared_listener listener{};
  std::vector<std::thread::id> calling{};  // the threads in a listener, once for each call
  nanoseconds idle_timeout{0};
  std::map<std::string, warned, std::less<>> warnings{};  // by their texts

  /// One call of the listener. It starts under the lock and ends when the listener has returned.
  class call;

  /// Waits for the calls of other threads. Waiting for a call of this thread would never end.
  void wait_for_calls(std::unique_lock<std::mutex>& lock) {
    ended.wait(lock, [this, self = std::this_thread::get_id()] {
      return std::all_of(calling.begin(), calling.end(),
                         [self](std::thread::id each) { return each == self; });
    });
  }
};

class server_watch::state::call {
 public:
  explicit call(state& owner) noexcept : owner_(owner) {}
  /// Call it with the lock held, and only if there is a listener.
  void begin() {
    owner_.calling.push_back(std::this_thread::get_id());
    listener_ = owner_.listener;
  }
  /// Call it and tell() without the lock.
  ~call() {
    if (!listener_) return;
    const std::lock_guard lock{owner_.mutex};
    owner_.calling.erase(
        std::find(owner_.calling.begin(), owner_.calling.end(), std::this_thread::get_id()));
    owner_.ended.notify_all();  // under the lock: a waiting thread may destroy the owner
  }
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Does nothing if begin() was not called.
  void tell(const std::string& text) const noexcept {
    if (!listener_) return;
    try {
      (*listener_)(text);
    } catch (...) {  // NOLINT(bugprone-empty-catch): as promised
    }
  }

 private:
  state& owner_;
  shared_listener listener_{};
};

server_watch::server_watch() : state_(std::make_unique<state>()) {}
server_watch::~server_watch() = default;

void server_watch::listen(store_reports::listener call, nanoseconds idle_timeout) {
  state::shared_listener fresh =
      call ? std::make_shared<const store_reports::listener>(std::move(call)) : nullptr;
  state::call telling{*state_};  // destroyed after the lock is released
  std::unique_lock lock{state_->mutex};
  state_->listener.swap(fresh);  // the previous listener is destroyed after the lock is released
  state_->idle_timeout = idle_timeout;
  state_->wait_for_calls(lock);
  if (!state_->listener) return;
  std::vector<std::string> untold;
  for (const auto& [text, warned] : state_->warnings) {
    if (!warned.told) untold.push_back(text);
  }
  if (untold.empty()) return;
  telling.begin();
  for (const std::string& text : untold)
    state_->warnings.find(text)->second.told = true;
  lock.unlock();
  for (const std::string& text : untold)
    telling.tell(text);
}

void server_watch::warn(const std::string& warning) noexcept {
  try {
    const auto now = steady_clock::now();
    state::call telling{*state_};
    {
      const std::lock_guard lock{state_->mutex};
      if (state_->warnings.size() >= max_texts) {
        std::erase_if(state_->warnings,
                      [&](const auto& entry) { return now - entry.second.at >= warning_pause; });
      }
      const auto known = state_->warnings.find(warning);
      if (known != state_->warnings.end() && now - known->second.at < warning_pause) return;
      if (known == state_->warnings.end() && state_->warnings.size() >= max_texts) return;
      state_->warnings[warning] = {now, state_->listener != nullptr};
      if (state_->listener) telling.begin();
    }
    telling.tell(warning);
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory, there is no warning
  }
}

void server_watch::compare_clocks(const std::string& server, nanoseconds skew,
                                  const std::optional<milliseconds>& max_skew) {
  if (std::chrono::abs(skew) <= tolerated_skew &&
      (!max_skew || std::chrono::abs(skew) <= *max_skew))
    return;
  nanoseconds limit = limit_without_idle_timeout;
  if (max_skew) {
    limit = *max_skew;
  } else {
    const std::lock_guard lock{state_->mutex};
    if (state_->idle_timeout > nanoseconds{0}) {
      limit = std::max(state_->idle_timeout / 4, least_limit);
    }
  }
  if (limit > nanoseconds{0} && std::chrono::abs(skew) > limit) {
    throw error(errc::store_failed,
                server + ": its clock is " + skew_text(skew) + ", more than the " +
                    std::to_string(std::chrono::duration_cast<milliseconds>(limit).count()) +
                    " ms that are allowed (max_clock_skew); sessions would end at the wrong time: "
                    "synchronize the clocks");
  }
  if (std::chrono::abs(skew) <= tolerated_skew) return;
  // Rounded to a second, so that the same skew results in the same text.
  warn(server + ": its clock is about " +
       std::to_string(std::chrono::round<seconds>(std::chrono::abs(skew)).count()) + " s " +
       (skew > nanoseconds{0} ? "ahead of" : "behind") +
       " ours; sessions end at the wrong time: synchronize the clocks");
}

}  // namespace scs
