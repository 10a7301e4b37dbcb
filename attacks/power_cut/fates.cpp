#include "power_cut/fates.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "log/format.hpp"

namespace buntdb::attacks {

using testing::memory_file_system;
using testing::sector_fate;
using testing::unsynced_sector;

namespace {

enum class pattern { nothing, everything, up_to_a_moment, single_sectors, all_but_single, each };

class fates {
 public:
  explicit fates(model::random_source& random) : random_(random) {
    // The usual crash most often, and each of the others often enough.
    static constexpr pattern patterns[] = {
        pattern::nothing,        pattern::everything,     pattern::up_to_a_moment,
        pattern::up_to_a_moment, pattern::single_sectors, pattern::all_but_single,
        pattern::all_but_single, pattern::each,           pattern::each};
    pattern_ = patterns[random.below(std::size(patterns))];
    chance_ = random.below(101);
  }

  sector_fate of(const unsynced_sector& part) {
    switch (pattern_) {
      case pattern::nothing:
        return sector_fate::lost;
      case pattern::everything:
        return sector_fate::written;
      case pattern::up_to_a_moment: {
        const std::size_t moment = look(part).moment;
        if (part.change < moment) return sector_fate::written;
        return part.change == moment && random_.one_in(2) ? bad(part) : sector_fate::lost;
      }
      case pattern::single_sectors:
        return random_.one_in(8) ? sector_fate::written : sector_fate::lost;
      case pattern::all_but_single:
        return random_.one_in(8) ? bad(part) : sector_fate::written;
      case pattern::each:
        return random_.below(100) < chance_ ? sector_fate::written : bad(part);
    }
    return sector_fate::lost;
  }

 private:
  struct file {
    std::size_t moment;   ///< the first change that is not certain
    bool may_be_garbled;  ///< whether a durable marker identifies the file
  };

  const file& look(const unsynced_sector& part) {
    const auto known = files_.find(part.path);
    if (known != files_.end()) return known->second;
    const bool marked = part.durable.find(log::format::marker_head) != std::string::npos;
    return files_.emplace(part.path, file{random_.below(part.changes + 1), marked}).first->second;
  }

  sector_fate bad(const unsynced_sector& part) {
    switch (random_.below(5)) {
      case 0:
        return sector_fate::zeroed;
      case 1:
        return sector_fate::torn_front;
      case 2:
        return sector_fate::torn_back;
      case 3:
        return look(part).may_be_garbled ? sector_fate::garbled : sector_fate::lost;
      default:
        return sector_fate::lost;
    }
  }

  model::random_source& random_;
  pattern pattern_;
  std::uint64_t chance_;
  std::map<std::string, file> files_;
};

}  // namespace

std::unique_ptr<memory_file_system> cut_power(const memory_file_system& disk,
                                              model::random_source& random) {
  fates chosen(random);
  const std::uint64_t names = random.below(3);
  testing::power_cut cut;
  cut.sector_size = random.one_in(2) ? 512 : 4096;
  cut.seed = random.below(1'000'000);
  cut.fate = [&](const unsynced_sector& part) { return chosen.of(part); };
  cut.name_survives = [&](const std::string&) {
    return names == 0 || (names == 1 && random.one_in(2));
  };
  return disk.after(cut);
}

}  // namespace buntdb::attacks
