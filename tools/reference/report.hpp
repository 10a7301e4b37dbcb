#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

namespace check_reference {

/// The result of one table. Prints the first mismatches with their lines.
class report {
 public:
  explicit report(std::string table) : table_(std::move(table)) {}

  /// Calls check with each row of a file with one JSON text a line. It returns what is wrong with
  /// the row, or an empty text. An exception counts as wrong, too. Throws std::runtime_error if the
  /// file cannot be read or has no lines.
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
