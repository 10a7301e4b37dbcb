// Fills a small real disk to its last block, by commits and during compactions, and frees space
// again. Acknowledged commits must stay, failed ones must not be there, and the database must
// continue to work.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <buntdb/database.hpp>

#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/batches.hpp"
#include "support/run.hpp"
#include "support/small_disk.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using model::require;

constexpr std::uint64_t disk_size = std::uint64_t{2} << 20U;

class attacker {
 public:
  attacker(std::uint64_t seed, small_disk::kind kind, sync_policy policy, figures& counts)
      : random_(seed), policy_(policy), counts_(counts), disk_(kind, disk_size) {}

  void run() {
    open();
    for (int i = 0; i < 12; ++i) {
      fill_by_commits();
      compact_on_a_full_disk();
      if (i % 3 == 2) reopen();
      make_room();
      commit_or_fail();
      (*db_)->compact();
    }
    reopen();
  }

 private:
  // A database can be neither copied nor moved.
  struct holder {
    holder(const std::string& path, const options& how) : db(database::open(path, how)) {}
    database* operator->() noexcept { return &db; }
    database db;
  };

  std::string path() const { return disk_.folder() + "/app.db"; }

  void open() {
    db_.emplace(path(), options{.sync = policy_, .compaction = {.automatic = false}});
    look("an open");
  }

  /// Closes and opens the database, often on a disk without a free byte.
  void reopen() {
    try {
      (*db_)->close();
    } catch (const error& full) {
      require_full(full);  // the seal at the end did not fit
      counts_.add("closes without room for a seal");
    }
    db_.reset();
    open();
    counts_.add("opens");
  }

  static void require_full(const error& failure) {
    require(failure.code() == std::errc::no_space_on_device,
            std::string("a full disk fails as something else: ") + failure.what());
  }

  void look(const std::string& when) { require_shows((*db_)->begin_read(), state_, when); }

  bool commit_or_fail() {
    // Each attempt has its own number: one that failed must not be found later.
    const batch next = make_batch(random_, ++attempts_, {.keys = 60, .longest_value = 20'000});
    try {
      (*db_)->update([&](transaction& tx) { apply_batch(next, tx); });
    } catch (const error& full) {
      require_full(full);
      counts_.add("commits that failed");
      look("after a commit that failed");
      return false;
    }
    apply_batch(next, state_);
    counts_.add("commits");
    return true;
  }

  void fill_by_commits() {
    // Another file takes the last blocks, so that the smallest commits hit the limit, too.
    while (disk_.bytes_free() > disk_size / 4)
      commit_or_fail();
    disk_.fill("ballast");
    int failures = 0;
    for (int i = 0; i < 200 && failures < 5; ++i) {
      if (!commit_or_fail()) ++failures;
    }
    require(failures == 5, "the disk is not full");
  }

  void compact_on_a_full_disk() {
    const std::uint64_t compactions = (*db_)->stats().compactions;
    try {
      (*db_)->compact();
    } catch (const error& full) {
      require_full(full);
      require((*db_)->stats().compactions == compactions, "a compaction failed and counts");
      counts_.add("compactions that failed");
    }
    look("after a compaction on a full disk");
    for (const auto& entry : std::filesystem::directory_iterator(disk_.folder())) {
      require(entry.path().filename().string().find(".compact-") == std::string::npos,
              "a failed compaction leaves " + entry.path().string());
    }
  }

  void make_room() {
    std::filesystem::remove(disk_.folder() + "/ballast");
    require(commit_or_fail(), "a commit fails though there is room");
  }

  model::random_source random_;
  sync_policy policy_;
  figures& counts_;
  small_disk disk_;
  std::optional<holder> db_;
  model::state state_;
  std::uint64_t attempts_ = 0;
};

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "full_disk",
              .about = "a small tmpfs, and an ext4 in a loop device, filled to the last block",
              .default_rounds = 2,
              .parallel = false},
             [](std::uint64_t seed, figures& counts) {
               const sync_policy policy = seed % 2 == 0 ? sync_policy::never : sync_policy::always;
               attacker(seed, small_disk::kind::tmpfs, policy, counts).run();
               counts.add("disks of kind tmpfs");
               try {
                 attacker(seed, small_disk::kind::ext4, policy, counts).run();
                 counts.add("disks of kind ext4");
               } catch (const skipped&) {  // the tmpfs was a real disk, too; the figures show it
                 counts.add("disks of kind ext4 that could not be made");
               }
             });
}
