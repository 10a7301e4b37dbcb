#include "report.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace check_reference {

void report::rows(const std::string& path,
                  const std::function<std::string(const nlohmann::json& row)>& check) {
  constexpr std::size_t shown = 10;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    std::string wrong;
    try {
      wrong = check(nlohmann::json::parse(line));
    } catch (const std::exception& failure) {
      wrong = failure.what();
    }
    ++compared_;
    if (wrong.empty()) continue;
    if (++mismatches_ <= shown) {
      std::cout << table_ << ": line " << number << ": " << wrong << "\n    " << line.substr(0, 300)
                << '\n';
    } else if (mismatches_ == shown + 1) {
      std::cout << table_ << ": further mismatches are only counted\n";
    }
  }
  if (in.bad()) throw std::runtime_error("cannot read all of " + path);
  if (compared_ == 0) throw std::runtime_error(path + " has no line to compare");
}

}  // namespace check_reference
