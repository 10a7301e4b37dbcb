#include "commit/reporter.hpp"

#include <new>

#include <buntstore/internal/printable.hpp>

namespace buntdb::engine {

void reporter::tell(const event& event) const noexcept {
  try {
    sink_(event);
  } catch (...) {  // options::on_event documents this
  }
}

void reporter::report(event_kind kind, std::error_code code,
                      const std::string& message) const noexcept {
  if (!sink_) return;
  try {
    event made{.kind = kind, .code = code, .message = buntstore::text::escaped(message)};
    if (!periodic_thread::is_current()) return tell(made);
    const std::size_t bytes = made.message.size();
    call([this, made = std::move(made)] { tell(made); }, bytes);
  } catch (const std::bad_alloc&) {  // no memory: no event
  }
}

void reporter::call(std::function<void()> function, std::size_t bytes) const noexcept {
  if (!periodic_thread::is_current()) return function();
  try {
    queue_.post(
        [this, function = std::move(function)] {
          function();
          report_dropped();
        },
        bytes);
  } catch (const std::bad_alloc&) {  // no memory: dropped, as if the queue were full
  }
}

void reporter::report_dropped() const noexcept {
  const std::uint64_t dropped = queue_.dropped();
  if (dropped == reported_drops_ || !sink_) return;
  try {
    tell(
        {.kind = event_kind::calls_dropped,
         .code = {},
         .message = std::to_string(dropped - reported_drops_) +
                    " calls of on_expired and on_event were dropped, because the functions are too "
                    "slow: let them hand long work to a thread of the application's own"});
    reported_drops_ = dropped;
  } catch (const std::bad_alloc&) {  // the next call tries again
  }
}

}  // namespace buntdb::engine
