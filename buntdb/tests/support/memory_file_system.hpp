#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>

#include "io/file_system.hpp"

namespace buntdb::testing {

/// The calls of io::file and io::file_system, to name one that is to fail.
enum class io_call {
  open,
  look,  ///< file_system::status
  rename,
  remove,
  list,
  sync_folder,
  status,
  read,
  write,
  truncate,
  sync,
  flush,
  set_modified,
  set_access,
  lock,
};

struct io_record {
  io_call call;
  std::string path;
  std::uint64_t offset = 0;  ///< of read, write; the size of truncate
  std::size_t size = 0;      ///< of read, write
};

/// A change of a file that is not on disk yet.
struct unsynced_change {
  enum class type { write, truncate };
  type what = type::write;
  std::uint64_t offset = 0;  ///< of the first byte written; the new size of truncate
  std::string bytes;

  /// The sync that should have put it on disk failed: it may still get there, but no later sync
  /// writes it (Linux discards what it could not write in this way).
  bool given_up = false;

  /// A disk writes sectors. This is the range of sectors that this write touches, for a test that
  /// lets some of them reach the disk.
  static constexpr std::uint64_t sector_size = 512;
  std::uint64_t first_sector(std::uint64_t size = sector_size) const noexcept {
    return offset / size;
  }
  std::uint64_t end_sector(std::uint64_t size = sector_size) const noexcept {
    return (offset + bytes.size() + size - 1) / size;
  }
};

/// What happens to the bytes that an unsynced write put into one sector. Bytes that it does not
/// change stay, whatever happens to the others.
enum class sector_fate {
  lost,
  written,
  zeroed,      ///< the size reached the disk and the bytes did not
  torn_front,  ///< the first of the bytes reached the disk
  torn_back,   ///< the last of the bytes
  garbled,     ///< the earlier content of that place on the disk
};

/// The part of an unsynced change in one sector, for the function that decides its fate. That
/// function is called twice for a truncation: for the zeros that fill the last block, as for a
/// write, and for the new size, which counts as in the sector where the file then ends.
struct unsynced_sector {
  const std::string& path;
  const std::string& durable;  ///< the file's bytes that are on disk for certain
  std::size_t change;          ///< counted from the oldest unsynced change of the file
  std::size_t changes;         ///< how many there are
  std::uint64_t sector;
};

/// What reaches the disk in a power cut.
struct power_cut {
  std::uint64_t sector_size = unsynced_change::sector_size;
  /// Called for each sector of each change, oldest first, so a sector's fate may differ between
  /// writes. A truncation happens unless it is lost. Must not use the disk.
  std::function<sector_fate(const unsynced_sector&)> fate;
  /// Whether the changes of a name (created, removed, given to another file) since the last sync of
  /// its folder reached the disk.
  std::function<bool(const std::string& path)> name_survives;
  /// Determines where torn sectors tear, and the content of garbled ones.
  std::uint64_t seed = 1;
};

/// A disk in memory, whose calls fail and whose power is cut when a test says so. It keeps what is
/// on disk (for each file its bytes and size, for each folder its names) separate from what is not.
///
/// Thread-safe. Open files continue to work after the object is destroyed.
class memory_file_system final : public io::file_system {
 public:
  memory_file_system();
  ~memory_file_system() override;
  memory_file_system(const memory_file_system&) = delete;
  memory_file_system& operator=(const memory_file_system&) = delete;

  // What a test arranges.

  /// The nth call from now on (1 is the next), of any kind or of one, throws this errno, once. The
  /// call has no effect.
  void fail_nth(std::uint64_t nth, int code, std::optional<io_call> only = std::nullopt);
  /// From the next call of that kind on, all throw this errno, until heal().
  void fail_all(io_call call, int code);
  void heal();
  /// The nth write from now on accepts at most this many bytes, once.
  void shorten_nth_write(std::uint64_t nth, std::size_t size);
  /// Every write accepts at most this many bytes; empty means no limit.
  void limit_writes(std::optional<std::size_t> size);
  /// The capacity for all files together. A write beyond it accepts what fits, and fails with
  /// ENOSPC if nothing does.
  void set_capacity(std::optional<std::uint64_t> bytes);
  /// Sets whether files are mount points, so that nothing can be renamed over them.
  void make_mount_points(bool wanted);
  /// Sets the clock for the times of modification of written files.
  void set_clock(const clock& clock);
  /// The watcher is called before every call, by its thread, before the call has any effect. It may
  /// use this object. Empty for none. Must not be changed while calls are under way.
  using watcher = std::function<void(const io_record&)>;
  void watch(watcher before_each_call);
  /// Makes or replaces a file, which is on disk immediately.
  void put(const std::string& path, std::string_view bytes, time_point modified = {});

  // What a test examines.

  std::string content(const std::string& path) const;         ///< as a reader sees it
  std::string synced_content(const std::string& path) const;  ///< as it is on disk
  std::vector<unsynced_change> unsynced(const std::string& path) const;
  std::vector<std::string> paths() const;
  std::vector<io_record> calls() const;
  std::uint64_t count(io_call call) const;
  void forget_calls();

  // Cuts the power: returns a new disk with what was on this one. Locks are released.

  enum class unsynced_data { dropped, kept };
  std::unique_ptr<memory_file_system> after_power_cut(unsynced_data what) const;

  /// Called for every unsynced sector of every write: returns whether it reached the disk. Sectors
  /// that did not keep their earlier content, or NULs where the file had not been that long. The
  /// index of a change counts from the oldest. Also called for truncations, with the sector of
  /// their size.
  using sector_survives =
      std::function<bool(const std::string& path, std::size_t change, std::uint64_t sector)>;
  /// Names in folders are kept or dropped as a whole.
  std::unique_ptr<memory_file_system> after_power_cut(unsynced_data names,
                                                      const sector_survives& survives) const;

  /// Sector by sector and name by name.
  std::unique_ptr<memory_file_system> after(const power_cut& cut) const;

  /// The process ends and the system does not: returns a copy with everything that was written,
  /// synced or not. Locks are released, and arranged failures are removed.
  std::unique_ptr<memory_file_system> after_kill() const;

  // io::file_system

  std::unique_ptr<io::file> open(const std::string& path, io::open_mode mode) override;
  std::optional<io::file_status> status(const std::string& path) override;
  void check_replaceable(const std::string& path) override;
  void rename(const std::string& from, const std::string& to) override;
  void remove(const std::string& path) override;
  std::vector<std::string> names_beginning_with(const std::string& path) override;
  void sync_folder_of(const std::string& path) override;

 private:
  struct disk;
  struct node;
  class memory_file;
  std::shared_ptr<disk> disk_;
};

}  // namespace buntdb::testing
