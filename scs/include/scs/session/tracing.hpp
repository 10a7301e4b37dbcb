#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a session_manager does for a request, and the calls that it makes to its store meanwhile.
enum class traced_operation {
  /// The session is loaded at its first use. Calls store_find.
  load,
  /// The changes are stored, or the idle time is extended. Calls store_commit or store_touch.
  /// session::save() is traced as a commit, too.
  commit,
  /// A request that failed ends without its changes.
  abandon,
  store_find,
  store_commit,
  store_touch,
  store_erase,
  store_list,
};
/// The number of traced operations.
inline constexpr std::size_t traced_operation_count = 8;

/// Returns a name for the span: `session.load`, `session.commit`, `session.abandon`,
/// `session.store.find` and so on. Valid for the life of the process.
std::string_view name_of(traced_operation traced) noexcept;

/// How an operation ended.
enum class traced_outcome {
  done,
  /// The operation would have blocked, so it was not done. Only session_manager::try_commit() and
  /// the other try functions report it.
  would_block,
  failed,
};

/// One operation while it runs. It begins when the tracer constructs the span and ends when the
/// span is destroyed. On one thread, spans are nested like the blocks of a program: the span of a
/// call to the store is destroyed before that of the load or commit in which it began. So a span's
/// constructor can make it the thread's current span.
class trace_span {
 public:
  virtual ~trace_span() = default;
  /// Called once, before the destructor. The cause is null unless the operation failed.
  virtual void end(traced_outcome how, const std::exception_ptr& cause) noexcept = 0;
};

/// Begins a span, or returns null for none. Called on any thread that uses the manager. If it
/// throws, the exception is dropped, and there is no span. The span's name is
/// name_of(traced_operation).
using tracer = std::function<std::unique_ptr<trace_span>(traced_operation traced)>;

}  // namespace scs
