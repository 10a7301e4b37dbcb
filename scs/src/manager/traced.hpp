#pragma once

#include <exception>
#include <memory>
#include <type_traits>

#include <scs/session/tracing.hpp>

namespace scs::detail {

inline std::unique_ptr<trace_span> begin_span(const tracer& trace, traced_operation kind) noexcept {
  try {
    return trace(kind);
  } catch (...) {  // see scs::tracer
    return nullptr;
  }
}

/// Calls call() inside of a span, if there is a tracer, and returns its result. would_block(result)
/// says whether the result means that nothing was done.
template <class Call, class WouldBlock>
auto traced(const tracer& trace, traced_operation kind, Call call, WouldBlock would_block)
    -> decltype(call()) {
  if (!trace) return call();
  const std::unique_ptr<trace_span> begun = begin_span(trace, kind);
  if (begun == nullptr) return call();
  try {
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      begun->end(traced_outcome::done, nullptr);
    } else {
      auto result = call();
      begun->end(would_block(result) ? traced_outcome::would_block : traced_outcome::done, nullptr);
      return result;
    }
  } catch (...) {
    begun->end(traced_outcome::failed, std::current_exception());
    throw;
  }
}

template <class Call>
auto traced(const tracer& trace, traced_operation kind, Call call) -> decltype(call()) {
  return traced(trace, kind, call, [](const auto&) { return false; });
}

}  // namespace scs::detail
