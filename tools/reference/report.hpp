#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

namespace check_reference {

/// What came out of one table. Prints the first mismatches, with their line.
class report {
 public:
  explicit report(std::string table) : table_(std::move(table)) {}

  /// Gives check each row of a file with one JSON text a line. What check returns is what is wrong
  /// with the row, empty if nothing; so is what it throws. Throws std::runtime_error if the file
  /// cannot be read or has no line.
  void rows(const std::string& path,
            const std::function<std::string(const nlohmann::json& row)>& check);

  std::size_t compared() const noexcept { return compared_; }
  std::size_t mismatches() const noexcept { return mismatches_; }

 private:
  std::string table_;
  std::size_t compared_ = 0;
  std::size_t mismatches_ = 0;
};

}  // namespace check_reference
