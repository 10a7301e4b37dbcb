#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// What a session_manager does for a request, and what it asks its store meanwhile.
enum class traced_operation {
  /// The session is opened, at its first use: calls store_find.
  load,
  /// The changes are stored, or the idle time is extended: calls store_commit or store_touch. Also
  /// session::save().
  commit,
  /// A request that failed ends without its changes.
  abandon,
  store_find,
  store_commit,
  store_touch,
  store_erase,
  store_list,
};
inline constexpr std::size_t traced_operation_count = 8;

/// `session.load`, `session.commit`, `session.abandon`, `session.store.find` and so on: names for
/// spans.
std::string_view name_of(traced_operation traced) noexcept;

/// How an operation ended.
enum class traced_outcome {
  done,
  /// It would have blocked, so it was not done: session_manager::try_commit() and its like.
  would_block,
  failed,
};

/// One operation while it is under way. It begins with its construction by the tracer and ends with
/// its destruction, which follow each other on one thread like the blocks of a program: a span of
/// the store is destroyed before that of the load or commit in which it began. So a span can be
/// made the current one of its thread in its constructor.
class trace_span {
 public:
  virtual ~trace_span() = default;
  /// Called once, before the destructor. The cause is null unless the operation failed.
  virtual void end(traced_outcome how, const std::exception_ptr& cause) noexcept = 0;
};

/// Begins a span; null for none. Called from any thread that uses the manager; what it throws is
/// dropped, and there is no span then. The name is name_of(traced_operation).
using tracer = std::function<std::unique_ptr<trace_span>(traced_operation traced)>;

}  // namespace scs
