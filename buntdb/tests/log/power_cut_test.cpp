// How recovery treats a file whose last writes reached the disk in part and in any order.
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "log/marker.hpp"
#include "log/recovery.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::log {
namespace {

using testing::log_builder;
using testing::map_sink;
using testing::memory_file_system;
using testing::unsynced_change;

/// Writes batches as the engine does, and sometimes syncs. Begins with a synced seal.
class writer {
 public:
  explicit writer(std::uint32_t seed) : random_(seed) {
    file_->sync();
    disk_.sync_folder_of("db");
    commit([](log_builder& log) { log.seal(); });
    sync();
    for (int i = 0; i < 12; ++i) {
      const std::string value(value_size(), static_cast<char>('a' + i));
      // A value may look like commands, also at the beginning of a sector.
      const std::string tricky = random_() % 3 == 0 ? value + looks_like_commands() : value;
      commit([&](log_builder& log) {
        log.batch([&](std::string& out) {
          append_set(out, "key" + std::to_string(i % 5), tricky);
          append_set(out, "last", std::to_string(i));
        });
      });
      if (random_() % 4 == 0) sync();
    }
  }

  /// Every unsynced sector survives at random.
  std::unique_ptr<memory_file_system> cut_the_power() {
    const auto chance = random_() % 101;
    return disk_.after_power_cut(memory_file_system::unsynced_data::kept,
                                 [this, chance](const std::string&, std::size_t, std::uint64_t) {
                                   return random_() % 100 < chance;
                                 });
  }

  std::uint64_t synced() const { return synced_; }
  const std::vector<std::uint64_t>& ends() const { return log_.ends(); }
  const map_sink::map& state_after(std::size_t batches) const { return states_[batches]; }

 private:
  /// Often just so large that the next marker ends at the end of a sector.
  std::size_t value_size() {
    if (random_() % 2 == 0) return random_() % 1500;
    const std::uint64_t frame = 130;  // approximate size of a batch without the value
    const std::uint64_t end = log_.size() + marker_size + frame + marker_size;
    return unsynced_change::sector_size - end % unsynced_change::sector_size + random_() % 32;
  }

  static std::string looks_like_commands() {
    std::string out;
    while (out.size() < 1024)
      append_set(out, "never", "set");
    return out;
  }

  template <typename Append>
  void commit(Append append) {
    const std::uint64_t at = log_.size();
    append(log_);
    file_->write_at(at, std::string_view(log_.bytes()).substr(at));
    memory_file_system disk;
    disk.put("db", log_.bytes());
    const auto file = disk.open("db", io::open_mode::read_only);
    map_sink sink;
    replay(*file, inspect(*file), sink);
    states_.push_back(sink.items());
  }

  void sync() {
    file_->sync();
    synced_ = log_.size();
    log_.synced();
  }

  std::mt19937 random_;
  memory_file_system disk_;
  std::unique_ptr<io::file> file_ = disk_.open("db", io::open_mode::read_write);
  log_builder log_;
  std::uint64_t synced_ = 0;
  std::vector<map_sink::map> states_{{}};
};

TEST(power_cut, leaves_whole_batches_whatever_sectors_survive) {
  std::size_t cuts = 0;
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    writer before(seed);
    for (int i = 0; i < 5; ++i) {
      const auto disk = before.cut_the_power();
      const auto file = disk->open("db", io::open_mode::read_write);
      const inspection found = inspect(*file);
      if (found.damage) {
        ASSERT_EQ(found.damage->verdict, damage_verdict::cut) << found.damage->reason;
        ++cuts;
      }
      ASSERT_GE(found.good_end, before.synced()) << "what was synced is lost";
      std::size_t batches = 0;
      while (batches < before.ends().size() && before.ends()[batches] <= found.good_end)
        ++batches;
      ASSERT_EQ(found.good_end, before.ends()[batches - 1]);
      ASSERT_EQ(found.next_number, batches + 1);
      map_sink sink;
      replay(*file, found, sink);
      ASSERT_EQ(sink.items(), before.state_after(batches));
    }
  }
  EXPECT_GT(cuts, 100U);
}

}  // namespace
}  // namespace buntdb::log
