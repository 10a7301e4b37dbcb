#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/options.hpp>

#include "model/state.hpp"
#include "support/batches.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_system.hpp"
#include "support/test_database.hpp"

namespace buntdb::attacks {

/// Work of all kinds on a database on the simulated disk, from the first open to the last close,
/// during which something may fail once. Whatever fails, with buntdb::error or std::bad_alloc, it
/// continues as an application would, and requires that
///
///  1. a commit that failed is not there, unless the database then refuses to write: then only the
///     next open shows it,
///  2. a step that changes nothing that readers see changes nothing if it fails, either,
///  3. an error of the disk names the file.
///
/// Throws model::mismatch.
class scripted_run {
 public:
  scripted_run(std::uint64_t seed, sync_policy policy);
  scripted_run(const scripted_run&) = delete;
  scripted_run& operator=(const scripted_run&) = delete;
  ~scripted_run();

  testing::memory_file_system& disk() noexcept { return disk_; }

  /// Makes the database use another file system, which passes each call to the disk.
  void see_disk_through(io::file_system& files) noexcept { files_ = &files; }
  /// Sets functions to call whenever the database gets and returns control.
  void around_the_engine(std::function<void()> before, std::function<void()> after);

  void run();

  /// Requires that the file has the expected content at the end of run(); after a power cut, too,
  /// if the last close succeeded.
  void require_final();

  /// Requires that the file has the expected content if the process ends before the call that is
  /// under way.
  void require_survives_kill();

 private:
  class inside;

  template <class Function>
  void in_engine(Function function);
  template <class Function>
  bool succeeds(Function function);

  void open();
  void take_over();
  void close();
  void commit();
  void carefully(const std::function<void()>& step);
  void look_read_only();
  bool refuses_writes();
  void reopen();
  void require_content(testing::memory_file_system& disk, const std::string& who);

  std::uint64_t seed_;
  sync_policy policy_;
  testing::fake_clock clock_;
  testing::memory_file_system disk_;
  io::file_system* files_ = &disk_;
  std::function<void()> before_;
  std::function<void()> after_;
  std::optional<testing::test_database> db_;
  std::vector<model::state> states_{{}};  ///< by number
  bool under_way_ = false;                ///< the last one
  bool unknown_ = false;                  ///< whether the last one is there
  bool closed_well_ = false;
};

}  // namespace buntdb::attacks
