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

/// How an instance works, beyond the user's options.
struct instance_settings {
  /// Null: on_expired_sync must be empty.
  expiry_hook_call call_expiry_hook = nullptr;
  /// Tests call the steps of the background threads themselves.
  bool with_threads = true;
};

/// An open database: the core, the file system it is on, and what works beside its transactions.
/// Thread-safe.
class instance {
 public:
  /// files must outlive the instance. Throws buntdb::error.
  static std::unique_ptr<instance> open(io::file_system& files, const std::string& path,
                                        const options& options, const instance_settings& settings);
  static std::unique_ptr<instance> in_memory(const options& options,
                                             const instance_settings& settings);
  /// Closes; a failure is reported. No snapshot or transaction may be left (asserted).
  ~instance();
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;

  engine::core& core() noexcept { return core_; }
  engine::compactor& compactor() noexcept { return compactor_; }
  expiry_sweeper& sweeper() noexcept { return sweeper_; }
  engine::maintenance& maintenance() noexcept { return maintenance_; }
  io::file_system& files() noexcept { return files_; }

  /// Whether the caller runs on one of the instance's threads: in a hook, or in a function of
  /// commit_then(), which waits for itself if it closes the database.
  bool is_own_thread() const noexcept;
  /// Closes and destroys on another thread, without waiting.
  static void end_elsewhere(std::unique_ptr<instance> ending) noexcept;

  void change(const std::function<void(settings&)>& edit);
  settings current_settings() const;
  statistics stats();
  /// See database::purge().
  std::vector<std::string> purge();
  void close(const close_options& how = {});

 private:
  /// What an open found.
  struct recovery {
    std::uint64_t cut_bytes = 0;
    std::string cut_kept_in;
    std::uint64_t read_only_bytes = 0;
  };

  instance(io::file_system& files, const options& options, const instance_settings& settings);

  /// Takes the file's content into the version and returns the file, null if it is only read.
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
