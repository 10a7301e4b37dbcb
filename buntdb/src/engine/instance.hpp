#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <buntdb/options.hpp>
#include <buntdb/statistics.hpp>

#include "engine/compactor.hpp"
#include "engine/core.hpp"
#include "engine/expiry_sweeper.hpp"
#include "engine/maintenance.hpp"
#include "io/file_system.hpp"

namespace buntdb::engine {

/// Settings of an instance in addition to the user's options.
struct instance_settings {
  /// If null, on_expired_sync must be empty.
  expiry_hook_call call_expiry_hook = nullptr;
  /// False in tests, which call the steps of the background threads themselves.
  bool with_threads = true;
};

/// An open database: the core, its file system, and the work outside transactions. Thread-safe.
class instance {
 public:
  /// `files` must outlive the instance. Throws buntdb::error.
  static std::unique_ptr<instance> open(io::file_system& files, const std::string& path,
                                        const options& options, const instance_settings& settings);
  static std::unique_ptr<instance> in_memory(const options& options,
                                             const instance_settings& settings);
  /// Closes the database; a failure is reported as an event. No snapshot or transaction may exist
  /// any more (asserted).
  ~instance();
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  engine::core& core() noexcept { return core_; }
  engine::compactor& compactor() noexcept { return compactor_; }
  expiry_sweeper& sweeper() noexcept { return sweeper_; }
  engine::maintenance& maintenance() noexcept { return maintenance_; }
  io::file_system& files() noexcept { return files_; }

  /// Returns whether the caller runs on one of the instance's threads, in a hook or in a function
  /// of commit_then(). Closing the database there would wait for itself.
  bool is_own_thread() const noexcept;
  /// Closes and destroys the instance on another thread, without waiting.
  static void end_elsewhere(std::unique_ptr<instance> ending) noexcept;

  void change(const std::function<void(settings&)>& edit);
  settings current_settings() const;
  statistics stats();
  /// See database::purge().
  std::vector<std::string> purge();
  void close(const close_options& how = {});

 private:
  /// What was found when the file was opened.
  struct recovery {
    std::uint64_t cut_bytes = 0;
    std::string cut_kept_in;
    std::uint64_t read_only_bytes = 0;
  };

  instance(io::file_system& files, const options& options, const instance_settings& settings);

  /// Loads the file into the version. Returns the file, or null if it was opened read-only.
  std::unique_ptr<log_file> read(const std::string& path, const options& options, version& first);
  void start(std::unique_ptr<log_file> log, version* first, const instance_settings& settings);

  io::file_system& files_;
  recovery recovery_;
  engine::core core_;
  expiry_sweeper sweeper_;
  engine::maintenance maintenance_;
  engine::compactor compactor_;
  bool started_ = false;
  bool took_over_ = false;  ///< the open waited for another process
};

}  // namespace buntdb::engine
