#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace scs::stores::postgres_detail {

/// A thread that calls a function repeatedly until it is destroyed.
class cleaner {
 public:
  /// `clean` removes one batch and returns whether there may be more. In that case it is called
  /// again immediately. The pauses are random, between half of `every` and one and a half, so that
  /// several servers do not clean in step.
  cleaner(std::chrono::milliseconds every, std::function<bool()> clean);
  ~cleaner();
  cleaner(const cleaner&) = delete;
  cleaner& operator=(const cleaner&) = delete;

 private:
  void run();
  bool wait();

  const std::chrono::milliseconds every_;
  const std::function<bool()> clean_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace scs::stores::postgres_detail
