#include "support/growth_check.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>

#include <unistd.h>

#include "model/mismatch.hpp"

namespace buntdb::attacks {

std::uint64_t resident_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  status >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

void growth_check::require_none(figures& counts) const {
  const auto third = static_cast<std::ptrdiff_t>(samples_.size() / 3);
  if (third < 5) return;
  const auto begin = samples_.begin();
  const std::uint64_t middle = *std::max_element(begin + third, begin + 2 * third);
  const std::uint64_t last = *std::max_element(begin + 2 * third, samples_.end());
  counts.greatest(figure_ + " at most", std::max(middle, last));
  model::require(last <= middle + middle / 10 + allowance_,
                 figure_ + " grows: at most " + std::to_string(middle) +
                     " in the second third of the time, and " + std::to_string(last) +
                     " in the last third");
}

}  // namespace buntdb::attacks
