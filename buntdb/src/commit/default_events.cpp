#include "commit/default_events.hpp"

#include <chrono>
#include <memory>
#include <string>

#include <unistd.h>

#include <buntstore/internal/standard_error.hpp>
#include <buntstore/internal/warning_limiter.hpp>

namespace buntdb::engine {

std::function<void(const event&)> warnings_on_standard_error() {
  const auto limiter = std::make_shared<buntstore::warning_limiter>(event_kind_count);
  return [limiter](const event& happened) {
    // A file that another process is writing may have a torn end at any time.
    if (happened.kind == event_kind::ignored_torn_end) return;
    const auto withheld =
        limiter->admit(static_cast<std::size_t>(happened.kind), std::chrono::steady_clock::now());
    if (!withheld) return;
    std::string line = "buntdb: ";
    line.append(name_of(happened.kind)).append(": ").append(happened.message);
    line += buntstore::warning_limiter::suffix(*withheld);
    buntstore::write_line_at_once(STDERR_FILENO, line);
  };
}

}  // namespace buntdb::engine
