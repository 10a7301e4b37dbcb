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
  set,     ///< it was not there, or has another value or expiry now
  erased,  ///< by somebody
  expired  ///< its time was over when it went
};

/// What became of a key.
struct change {
  change_kind kind = change_kind::set;
  std::string key;
  std::string value;                              ///< of change_kind::set
  std::optional<std::int64_t> expires_at_second;  ///< of change_kind::set; seconds since 1970
  bool is_new = false;  ///< of change_kind::set: the key was not there before
};

enum class change_group_kind {
  batch,       ///< a transaction; BuntDB's files without markers: one command
  difference,  ///< what is otherwise in a file that took the place of the one before
  live,        ///< told by a running server: one of a commit's changes
};

/// Changes that belong together.
struct change_group {
  change_group_kind kind = change_group_kind::batch;
  /// Of the batch in its file; 0 without a marker. If `live`, the commit's revision.
  std::uint64_t number = 0;
  std::vector<change> changes;
};

/// What happened to the file itself.
enum class file_event {
  absent,    ///< there is none of this name: waiting for one
  found,     ///< one is there now
  replaced,  ///< another file has the name: a compaction, or somebody's copy
  cut,       ///< it became shorter, or was written anew in place
  damaged,   ///< it goes on with something that is no command, and stays so
};

/// Follows a file that somebody else writes, by looking at it now and then.
///
///   1. A batch is told of when all of it is there and its checksum holds: never a part of one.
///   2. What was told of is remembered (keys, and hashes of values): a file that takes the place of
///      another is compared with that, so that nothing is missed however late it is noticed. So
///      this takes memory for all keys.
///   3. The file is only read.
///
/// One thread.
class log_follower {
 public:
  enum class start { now, beginning };

  /// Nothing is read before the first look(). With start::now, what is in the file by then is only
  /// remembered.
  log_follower(std::string path, start where, std::function<void(const change_group&)> on_changes,
               std::function<void(file_event, const std::string& detail)> on_event);

  /// Reads what is new. Throws buntdb::error if the file cannot be read or is none.
  void look();

 private:
  struct remembered {
    std::uint64_t hash = 0;
    std::optional<std::int64_t> expires_at_second;
    friend bool operator==(const remembered& a, const remembered& b) noexcept {
      return a.hash == b.hash && a.expires_at_second == b.expires_at_second;
    }
  };
  /// A key of a file that is being compared with what is remembered.
  struct compared {
    remembered now;
    std::optional<std::string> value;  ///< if it is to be told of
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
  std::uint64_t position_ = 0;  ///< all before it was told of
  std::string end_;             ///< the last bytes before it
  buntdb::time_point modified_{};
  bool told_absent_ = false;

  // Not hashed: a file may have keys that were chosen to have one hash, and clear() of a hash table
  // takes time by how large it once was.
  std::map<std::string, remembered> items_;
  bool comparing_ = false;  ///< reading a file's beginning, to compare it with what is remembered
  std::map<std::string, compared> next_;  ///< what it has so far

  /// Since when, and at which size, there is something at position_ that is not understood.
  std::optional<std::chrono::steady_clock::time_point> doubtful_since_;
  std::uint64_t doubtful_size_ = 0;
  bool told_damage_ = false;
};
