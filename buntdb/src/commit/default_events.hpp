#pragma once

#include <functional>

#include <buntdb/event.hpp>

namespace buntdb::engine {

/// What options::on_event is if the application gives none: warnings on standard error. A copy
/// shares the counts of the original. Thread-safe.
std::function<void(const event&)> warnings_on_standard_error();

}  // namespace buntdb::engine
