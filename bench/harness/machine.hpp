#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Names and values, in the order in which to print them: what is needed to interpret a figure.
using facts = std::vector<std::pair<std::string, std::string>>;

/// Describes the machine, the compiler, the file system of the folder, and the versions of these
/// Debian packages (name to print, and package).
facts describe_machine(const std::filesystem::path& folder, const std::string& label,
                       const facts& packages);

/// The share of the machine's cores that other processes use, which is noise here.
class other_work {
 public:
  /// Measures from now on.
  other_work() : before_(cores_now()) {}
  /// Returns a text such as "12 % of the cores".
  std::string so_far() const;

 private:
  struct ticks {
    double all = 0;
    double busy = 0;
    double own = 0;  ///< of this process and of its children that have ended
  };
  static ticks cores_now();

  ticks before_;
};

}  // namespace bench
