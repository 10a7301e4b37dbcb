#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/clock.hpp>

#include "io/file_system.hpp"
#include "log/scan.hpp"

enum class change_kind {
  set,     ///< it did not exist, or has another value or expiry now
  erased,  ///< by a command
  expired  ///< its time had passed when it was removed
};

/// A change of one key.
struct change {
  change_kind kind = change_kind::set;
  std::string key;
  std::string value;                              ///< for change_kind::set
  std::optional<std::int64_t> expires_at_second;  ///< for change_kind::set; seconds since 1970
  bool is_new = false;  ///< for change_kind::set: the key did not exist before
};

enum class change_group_kind {
  batch,       ///< a transaction; in BuntDB's files without markers: one command
  difference,  ///< the differences of a file that replaced the previous one
  live,        ///< reported by a running server: one of a commit's changes
};

/// Changes that belong together.
struct change_group {
  change_group_kind kind = change_group_kind::batch;
  /// The number of the batch in its file, or 0 without a marker. If `live`, the commit's revision.
  std::uint64_t number = 0;
  std::vector<change> changes;
};

/// What happened to the file itself.
enum class file_event {
  absent,    ///< it does not exist: waiting for one
  found,     ///< it exists now
  replaced,  ///< another file has the name: a compaction, or a copy
  cut,       ///< it became shorter, or was rewritten in place
  damaged,   ///< what follows is not a command, and stays so
};

/// Follows a file that another process writes, by reading it regularly.
///
/// 1. A batch is reported when it is complete and its checksum is right, never in part.
/// 2. What was reported is remembered (keys, and hashes of values). A file that replaces another
///    one is compared with that, so that no change is missed, however late it is detected. This
///    takes memory for all keys.
/// 3. The file is only read.
///
/// Used by one thread.
class log_follower {
 public:
  enum class start { now, beginning };

  /// Nothing is read before the first call of look(). With start::now, the contents at that time
  /// are remembered but not reported.
  log_follower(std::string path, start where, std::function<void(const change_group&)> on_changes,
               std::function<void(file_event, const std::string& detail)> on_event);

  /// Reads what is new. Throws buntdb::error if the file cannot be read or is not a database.
  void look();

 private:
  struct remembered {
    std::uint64_t hash = 0;
    std::optional<std::int64_t> expires_at_second;
    friend bool operator==(const remembered& a, const remembered& b) noexcept {
      return a.hash == b.hash && a.expires_at_second == b.expires_at_second;
    }
  };
  /// A key of a file that is being compared with the remembered items.
  struct compared {
    remembered now;
    std::optional<std::string> value;  ///< if it is to be reported
  };

  void look_at_file(const buntdb::io::file_status& status);
  bool read_new();
  bool step(buntdb::log::window& in);
  void take_batch(buntdb::log::window& in, std::uint64_t begin, std::uint64_t end,
                  std::uint64_t number);
  void apply(const buntdb::log::parsed_command& command, change_group& group);
  void set(std::string_view key, std::string_view value, std::optional<std::int64_t> expires_at,
           change_group& group);
  void erase(std::string_view key, change_group& group);
  void clear(change_group& group);
  void begin_again();
  void end_comparison();
  void doubt(const std::string& why);
  bool is_what_was_read();
  void remember_end();

  std::string path_;
  bool silent_;
  std::function<void(const change_group&)> on_changes_;
  std::function<void(file_event, const std::string&)> on_event_;

  std::unique_ptr<buntdb::io::file> file_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  std::uint64_t position_ = 0;  ///< everything before it was reported
  std::string end_;             ///< the last bytes before it
  buntdb::time_point modified_{};
  bool told_absent_ = false;

  // Not a hash table: a file may contain keys that were chosen to collide, and clearing a hash
  // table takes time in proportion to its former size.
  std::map<std::string, remembered> items_;
  bool comparing_ = false;  ///< reading a file's beginning to compare it with the remembered items
  std::map<std::string, compared> next_;  ///< what the file has so far

  /// When data at position_ that is not understood was first seen, and the file's size then.
  std::optional<std::chrono::steady_clock::time_point> doubtful_since_;
  std::uint64_t doubtful_size_ = 0;
  bool told_damage_ = false;
};
