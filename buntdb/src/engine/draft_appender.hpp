#pragma once

#include <exception>
#include <string>

#include <buntdb/settings.hpp>

#include "commit/commit_pipeline.hpp"
#include "engine/write_state.hpp"
#include "storage/log_file.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// Appends the changes of a transaction to the file. Used by the holder of the writer's lock.
class draft_appender {
 public:
  /// Both arguments must outlive it.
  draft_appender(log_file& log, commit_pipeline& pipeline) noexcept
      : log_(log), pipeline_(pipeline) {}
  draft_appender(const draft_appender&) = delete;
  draft_appender& operator=(const draft_appender&) = delete;

  /// Appends the draft that follows `head`, the last version that was appended. Throws
  /// buntdb::error and std::bad_alloc; then the file contains nothing of the draft, or
  /// stop_if_broken() stops further writes.
  void append(const write_state& writing, const version& head, sync_policy policy);

  /// Call it before the first append. Throws buntdb::error.
  void prepare(const version& head);

  /// After a failure, stops further commits if the file accepts no more writes or is lost.
  void stop_if_broken(const std::exception& failure);

 private:
  log_file& log_;
  commit_pipeline& pipeline_;
  std::string batch_;  // kept to reuse its memory
};

}  // namespace buntdb::engine
