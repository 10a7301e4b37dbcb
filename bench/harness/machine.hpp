#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Name and value, in the order to print them: what a figure means nothing without.
using facts = std::vector<std::pair<std::string, std::string>>;

/// The machine, the compiler, the file system of the folder, and the versions of these Debian
/// packages: name to print, and package.
facts describe_machine(const std::filesystem::path& folder, const std::string& label,
                       const facts& packages);

/// What other processes take of the machine's cores: noise, here.
class other_work {
 public:
  /// From now on.
  other_work() : before_(cores_now()) {}
  /// "12 % of the cores"
  std::string so_far() const;

 private:
  struct ticks {
    double all = 0;
    double busy = 0;
    double own = 0;  ///< of this process and of those it has started and seen end
  };
  static ticks cores_now();

  ticks before_;
};

}  // namespace bench
