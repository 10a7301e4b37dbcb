#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace test {

/// Returns the lines of a table with the answers of the Go libraries: tests/reference/NAME.
inline std::vector<nlohmann::json> reference_table(const std::string& name) {
  std::ifstream in{std::string{BUNTSTORE_REFERENCE_DIR "/"} + name};
  EXPECT_TRUE(in.is_open()) << name;
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(nlohmann::json::parse(line));
  EXPECT_FALSE(lines.empty()) << name;
  return lines;
}

}  // namespace test
