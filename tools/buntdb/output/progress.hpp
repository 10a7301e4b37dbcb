#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

/// The progress of an operation.
struct progress_state {
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: unknown, and no percentage is shown
};

/// What is counted.
enum class progress_unit { bytes, items };

/// A bar on standard error during the life of this object. It is shown on a terminal only, and only
/// if the operation takes longer than a second (BUNTDB_PROGRESS_AFTER_MS changes that). It is
/// erased at the end.
class progress {
 public:
  /// `sample` is called on another thread.
  progress(const std::string& what, progress_unit unit, std::function<progress_state()> sample);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

 private:
  void run(std::chrono::milliseconds after);
  void draw();

  std::string what_;
  progress_unit unit_;
  std::function<progress_state()> sample_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::uint64_t drawn_ = 0;  ///< number of times

  std::mutex mutex_;
  std::condition_variable ending_;
  bool end_ = false;
  std::thread thread_;
};
