#include "support/figures.hpp"

#include <algorithm>

namespace buntdb::attacks {

std::uint64_t& figures::at(std::string_view name) {
  for (auto& [known, count] : counts_) {
    if (known == name) return count;
  }
  return counts_.emplace_back(name, 0).second;
}

void figures::add(std::string_view name, std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  at(name) += count;
}

void figures::greatest(std::string_view name, std::uint64_t value) {
  const std::lock_guard lock(mutex_);
  std::uint64_t& known = at(name);
  known = std::max(known, value);
}

std::uint64_t figures::get(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [known, count] : counts_) {
    if (known == name) return count;
  }
  return 0;
}

std::string figures::text() const {
  const std::lock_guard lock(mutex_);
  std::string line;
  for (const auto& [name, count] : counts_) {
    if (!line.empty()) line += ", ";
    line += std::to_string(count) + " " + name;
  }
  return line;
}

}  // namespace buntdb::attacks
