#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file_system.hpp"

/// The operating system's files. It counts how far they have been read and written, which the
/// progress bars show. Thread-safe.
class watched_file_system final : public buntdb::io::file_system {
 public:
  struct counters {
    std::atomic<std::uint64_t> passes{0};    ///< how often reading began at offset 0
    std::atomic<std::uint64_t> position{0};  ///< where the latest read ended
    std::atomic<std::uint64_t> written{0};   ///< bytes
    std::atomic<bool> stopped{false};
  };

  const counters& counted() const noexcept { return counters_; }

  /// From now on, writing fails with std::errc::interrupted.
  void stop_writing() noexcept { counters_.stopped = true; }

  std::unique_ptr<buntdb::io::file> open(const std::string& path,
                                         buntdb::io::open_mode mode) override;
  std::string resolved(const std::string& path) override { return files_.resolved(path); }
  std::optional<buntdb::io::file_status> status(const std::string& path) override;
  void check_replaceable(const std::string& path) override { files_.check_replaceable(path); }
  void rename(const std::string& from, const std::string& to) override;
  void remove(const std::string& path) override;
  std::vector<std::string> names_beginning_with(const std::string& path) override;
  void sync_folder_of(const std::string& path) override;

 private:
  buntdb::io::file_system& files_ = buntdb::io::file_system::native();
  counters counters_;
};
