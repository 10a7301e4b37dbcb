#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace buntdb::attacks {

/// What an attack counts while it runs, in the order in which it was first counted. Thread-safe.
class figures {
 public:
  void add(std::string_view name, std::uint64_t count = 1);
  /// Keeps the greatest value.
  void greatest(std::string_view name, std::uint64_t value);
  std::uint64_t get(std::string_view name) const;
  /// Returns the name and number of each, in one line.
  std::string text() const;

 private:
  std::uint64_t& at(std::string_view name);

  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::uint64_t>> counts_;
};

}  // namespace buntdb::attacks
