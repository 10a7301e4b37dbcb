#include "storage/preload.hpp"

#include <utility>

namespace buntdb::engine {

namespace {

/// The time between two looks at what the other process has appended. What is appended after the
/// last look is read when the lock has been acquired.
constexpr std::chrono::milliseconds look_interval{20};

}  // namespace

void preload::read_some(const io::file& file) {
  const clock::time_point now = clock::now();
  if (now < next_look_) return;
  const io::file_status status = file.status();
  const bool is_first = !progress_;
  if (is_first) {
    supply_ = std::make_unique<chunk_supply>(memory_, status.size);
    progress_.emplace(sink_);
  }
  if (progress_->advance(file, status)) {
    sink_.settle();
    supply_.reset();
  } else {
    begin_anew();
  }
  next_look_ = clock::now() + look_interval;
}

log::inspection preload::read_rest(const io::file& file, const io::file_status& status) {
  if (progress_) {
    if (std::optional<log::inspection> all = progress_->finish(file, status))
      return *std::move(all);
    begin_anew();
  }
  // Items take about as much memory as their commands take in the file.
  const chunk_supply ahead(memory_, status.size);
  return log::inspect(file, status, sink_);
}

void preload::begin_anew() {
  progress_.reset();
  supply_.reset();
  sink_.forget();
}

}  // namespace buntdb::engine
