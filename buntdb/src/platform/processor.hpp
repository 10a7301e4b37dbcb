#pragma once

#include <cstdint>

namespace buntdb::platform {

/// Returns the processor time that this thread has used, in nanoseconds.
std::int64_t thread_time() noexcept;

/// Returns whether this thread may run on only one processor, however many the machine has.
bool has_one_processor() noexcept;

}  // namespace buntdb::platform
