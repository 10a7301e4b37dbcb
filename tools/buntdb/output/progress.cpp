#include "output/progress.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "text/printable.hpp"
#include "text/times.hpp"

namespace {

constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::size_t bar_width = 24;
// A carriage return, and "erase to the end of the line".
constexpr std::string_view clear_line = "\r\x1b[K";

std::chrono::milliseconds quiet_time() {
  constexpr std::chrono::milliseconds usual{1000};
  const char* wanted = std::getenv("BUNTDB_PROGRESS_AFTER_MS");
  if (wanted == nullptr) return usual;
  const auto parsed = parse_duration(std::string(wanted) + "ms");
  return parsed ? std::chrono::duration_cast<std::chrono::milliseconds>(*parsed) : usual;
}

/// Output that cannot be written is dropped, because a bar is not important.
void show(std::string_view text) noexcept {
  static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()) > 0);
}

std::string amount(std::uint64_t count, progress_unit unit) {
  return unit == progress_unit::bytes ? short_size_text(count) : std::to_string(count) + " items";
}

}  // namespace

progress::progress(const std::string& what, progress_unit unit,
                   std::function<progress_state()> sample)
    : what_(printable(what)), unit_(unit), sample_(std::move(sample)) {
  if (::isatty(STDERR_FILENO) != 1) return;
  const std::chrono::milliseconds after = quiet_time();
  if (after.count() == 0) draw();
  thread_ = std::thread([this, after] { run(after); });
}

progress::~progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ending_.notify_one();
  thread_.join();
  if (drawn_ > 0) show(clear_line);
}

void progress::run(std::chrono::milliseconds after) {
  std::unique_lock lock(mutex_);
  auto wait = after;
  while (!ending_.wait_for(lock, wait, [this] { return end_; })) {
    draw();
    wait = between_drawings;
  }
}

void progress::draw() {
  const progress_state now = sample_();
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
  std::string line(clear_line);
  line += what_;
  if (now.total > 0) {
    const double part =
        std::min(1.0, static_cast<double>(now.done) / static_cast<double>(now.total));
    const auto filled = static_cast<std::size_t>(part * bar_width);
    line += " [" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] " +
            std::to_string(static_cast<int>(part * 100)) + "%";
    line += " of " + amount(now.total, unit_);
  } else {
    line += std::string(" ") + "|/-\\"[drawn_ % 4] + " " + amount(now.done, unit_);
  }
  line += ", " + std::to_string(elapsed.count()) + " s";
  show(line);
  ++drawn_;
}
