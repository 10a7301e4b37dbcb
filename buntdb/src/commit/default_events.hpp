#pragma once

#include <functional>

#include <buntdb/event.hpp>

namespace buntdb::engine {

/// Returns the function that is used if options::on_event is empty: it writes warnings to standard
/// error. A copy of it shares the counts. Thread-safe.
std::function<void(const event&)> warnings_on_standard_error();

}  // namespace buntdb::engine
