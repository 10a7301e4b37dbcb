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

/// The calls that io::file and io::file_system have, to name one that shall fail.
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

  /// A sync failed that should have put it on disk: it may still get there, but no later sync sees
  /// to it (as Linux forgets what it could not write).
  bool given_up = false;

  /// A disk writes sectors: the range of those that this write touches, for a test that lets some
  /// of them reach the disk.
  static constexpr std::uint64_t sector_size = 512;
  std::uint64_t first_sector(std::uint64_t size = sector_size) const noexcept {
    return offset / size;
  }
  std::uint64_t end_sector(std::uint64_t size = sector_size) const noexcept {
    return (offset + bytes.size() + size - 1) / size;
  }
};

/// What becomes of the bytes that an unsynced write put into one sector. Bytes that it does not
/// change stay what they were, whatever happens to the others.
enum class sector_fate {
  lost,
  written,
  zeroed,      ///< the size reached the disk and the bytes did not
  torn_front,  ///< the first bytes of them reached the disk
  torn_back,   ///< the last bytes
  garbled,     ///< what stood in that place of the disk before
};

/// The part of an unsynced change in one sector, for whoever decides what becomes of it. A
/// truncation is asked for twice: for the zeros with which it fills the last block, as for a write,
/// and for the new size, which is in the sector where it is.
struct unsynced_sector {
  const std::string& path;
  const std::string& durable;  ///< the file's bytes that are on disk for certain
  std::size_t change;          ///< counted from the oldest unsynced one of the file
  std::size_t changes;         ///< how many there are
  std::uint64_t sector;
};

/// What reaches the disk when the power goes.
struct power_cut {
  std::uint64_t sector_size = unsynced_change::sector_size;
  /// Asked for each sector of each change, oldest first, so a sector's fate may differ from one
  /// write to the next. A truncation happens unless it is lost. Must not use the disk.
  std::function<sector_fate(const unsynced_sector&)> fate;
  /// Whether what happened to a name (made, removed, given to another file) since the last sync of
  /// its folder reached the disk.
  std::function<bool(const std::string& path)> name_survives;
  /// Where torn sectors tear, and what garbled ones hold.
  std::uint64_t seed = 1;
};

/// A disk in memory, whose calls fail and whose power goes when a test says so. It keeps what is on
/// disk (for each file its bytes and size, for each folder its names) apart from what is not.
///
/// Thread-safe. Open files go on working after the object is gone.
class memory_file_system final : public io::file_system {
 public:
  memory_file_system();
  ~memory_file_system() override;
  memory_file_system(const memory_file_system&) = delete;
  memory_file_system& operator=(const memory_file_system&) = delete;

  // What a test arranges.

  /// The nth call from now on (1 is the next), of any kind or of one, throws this errno, once.
  /// Before it throws, the call has done nothing.
  void fail_nth(std::uint64_t nth, int code, std::optional<io_call> only = std::nullopt);
  /// From the next call of that kind on, all throw this errno, until heal().
  void fail_all(io_call call, int code);
  void heal();
  /// The nth write from now on takes at most this many bytes, once.
  void shorten_nth_write(std::uint64_t nth, std::size_t size);
  /// Every write takes at most this many bytes; empty for no limit.
  void limit_writes(std::optional<std::size_t> size);
  /// Bytes in all files together; a write beyond takes what fits, and ENOSPC if nothing does.
  void set_capacity(std::optional<std::uint64_t> bytes);
  /// Whether files are mount points: nothing can be renamed over them.
  void make_mount_points(bool wanted);
  /// What the time of modification of a file that is written now becomes.
  void set_clock(const clock& clock);
  /// Is called before every call, from its thread, when nothing of it has happened yet. It may use
  /// this object. Empty for none; must not change while calls are under way.
  using watcher = std::function<void(const io_record&)>;
  void watch(watcher before_each_call);
  /// Makes or replaces a file, on disk at once.
  void put(const std::string& path, std::string_view bytes, time_point modified = {});

  // What a test looks at.

  std::string content(const std::string& path) const;         ///< as a reader sees it
  std::string synced_content(const std::string& path) const;  ///< as it is on disk
  std::vector<unsynced_change> unsynced(const std::string& path) const;
  std::vector<std::string> paths() const;
  std::vector<io_record> calls() const;
  std::uint64_t count(io_call call) const;
  void forget_calls();

  // The power goes: a new disk, with what was on this one. Locks are gone.

  enum class unsynced_data { dropped, kept };
  std::unique_ptr<memory_file_system> after_power_cut(unsynced_data what) const;

  /// Every unsynced sector of every write asks whether it made it to the disk. Sectors that did not
  /// keep what was there, NULs where the file had not been so long. The change's index counts from
  /// the oldest. Truncations ask too, with the sector of their size.
  using sector_survives =
      std::function<bool(const std::string& path, std::size_t change, std::uint64_t sector)>;
  /// Names in folders are kept or dropped as a whole.
  std::unique_ptr<memory_file_system> after_power_cut(unsynced_data names,
                                                      const sector_survives& survives) const;

  /// Sector by sector and name by name.
  std::unique_ptr<memory_file_system> after(const power_cut& cut) const;

  /// The process is gone and the system is not: a copy with everything that was written, synced or
  /// not. Locks are gone, and what was arranged to fail.
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
