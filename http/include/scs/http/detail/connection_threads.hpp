#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <httplib.h>
#include <pthread.h>
#include <unistd.h>

namespace scs::http::detail {

/// Threads for cpp-httplib, which uses a thread for as long as a connection is open. A thread is
/// started when a connection finds no free one, up to a limit. Further connections wait for a
/// thread, up to a second limit. Beyond that enqueue() blocks, so that no more connections are
/// accepted.
///
/// Threads: the thread that accepts connections calls enqueue() and shutdown().
class connection_threads final : public httplib::TaskQueue {
 public:
  struct limits {
    std::size_t threads;      ///< at least 1
    std::size_t stack_bytes;  ///< of each thread
    std::size_t waiting;      ///< connections without a thread, at least 1
    /// How long shutdown() waits for connections to end by themselves.
    std::chrono::milliseconds stop_timeout;
  };

  struct callbacks {
    std::function<bool()> is_accepting;  ///< whether the server has not been stopped yet
    // Both shut connections down, so that their threads become free.
    std::function<void()> end_idle;  ///< called when shutdown() begins
    std::function<void()> end_all;   ///< called when the time of shutdown() has passed
  };

  /// Throws std::system_error if not even one thread can be started.
  connection_threads(limits most, callbacks calls) : limits_(most), calls_(std::move(calls)) {
    threads_.reserve(limits_.threads);
    const std::lock_guard lock(mutex_);
    if (const int problem = start_thread(); problem != 0) {
      throw std::system_error(problem, std::generic_category(),
                              "cannot start a thread with a stack of " +
                                  std::to_string(limits_.stack_bytes) + " bytes");
    }
  }
  connection_threads(const connection_threads&) = delete;
  connection_threads& operator=(const connection_threads&) = delete;
  ~connection_threads() override {
    stop();
    join();
  }

  // The result is void before cpp-httplib 0.15, and since then whether the connection was accepted.
  using taken = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::function<void()>()));
  taken enqueue(std::function<void()> connection) override {
    {
      std::unique_lock lock(mutex_);
      while (waiting_.size() >= limits_.waiting && calls_.is_accepting())
        has_room_.wait_for(lock, std::chrono::milliseconds(20));  // a stop does not notify
      waiting_.push_back(std::move(connection));
      // If no thread can be started, the connection waits for an existing one.
      if (free_ < waiting_.size() && threads_.size() < limits_.threads) start_thread();
    }
    is_waiting_.notify_one();
    return static_cast<taken>(true);
  }

  void shutdown() override {
    constexpr std::chrono::hours for_ever{87'600};  // ten years: a sum with more could overflow
    const auto until = std::chrono::steady_clock::now() +
                       std::min<std::chrono::milliseconds>(limits_.stop_timeout, for_ever);
    stop();
    calls_.end_idle();
    {
      std::unique_lock lock(mutex_);
      if (!has_ended_.wait_until(lock, until, [this] { return running_ == 0; })) {
        lock.unlock();
        calls_.end_all();
      }
    }
    join();
  }

 private:
  int start_thread() {
    pthread_attr_t attributes;
    if (const int problem = pthread_attr_init(&attributes); problem != 0) return problem;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t bytes =
        std::max(limits_.stack_bytes, static_cast<std::size_t>(PTHREAD_STACK_MIN));
    pthread_t thread{};
    int problem = pthread_attr_setstacksize(&attributes, (bytes + page - 1) / page * page);
    if (problem == 0) problem = pthread_create(&thread, &attributes, &run, this);
    pthread_attr_destroy(&attributes);
    if (problem == 0) {
      threads_.push_back(thread);
      ++running_;
      ++free_;
    }
    return problem;
  }

  static void* run(void* self) {
    static_cast<connection_threads*>(self)->serve();
    return nullptr;
  }

  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      is_waiting_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) break;
      const std::function<void()> connection = std::move(waiting_.front());
      waiting_.pop_front();
      --free_;
      lock.unlock();
      has_room_.notify_one();
      connection();
      lock.lock();
      ++free_;
    }
    if (--running_ == 0) has_ended_.notify_one();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    is_waiting_.notify_all();
  }

  void join() {
    for (const pthread_t thread : std::exchange(threads_, {}))
      pthread_join(thread, nullptr);
  }

  const limits limits_;
  const callbacks calls_;
  std::mutex mutex_;
  std::condition_variable is_waiting_;
  std::condition_variable has_room_;
  std::condition_variable has_ended_;
  std::deque<std::function<void()>> waiting_;
  std::vector<pthread_t> threads_;
  std::size_t running_ = 0;  // number of threads
  std::size_t free_ = 0;     // threads without a connection
  bool stopping_ = false;
};

}  // namespace scs::http::detail
