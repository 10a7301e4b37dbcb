#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <buntdb/database.hpp>

#include "jsonl.hpp"
#include "process.hpp"
#include "terminal.hpp"

// The exit codes.
inline constexpr int ok = 0;
inline constexpr int finding = 1;
inline constexpr int usage = 2;
inline constexpr int locked = 3;
inline constexpr int damaged = 4;
inline constexpr int failed = 5;

/// How a run of the tool ended.
struct result {
  int status;
  std::string output;
  std::string errors;
};

/// The real program in a temporary folder.
class tool : public testing::Test {
 protected:
  result run_program(const std::vector<std::string>& arguments) {
    process program(arguments, folder_.path());
    const int status = program.wait();
    return {status, program.output(), program.errors()};
  }

  result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BUNTDB);
    return run_program(arguments);
  }

  /// Runs a line of bash, in which $0 is the tool.
  result run_shell(const std::string& line) { return run_program({"bash", "-c", line, BUNTDB}); }

  terminal_result run_at_terminal(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BUNTDB);
    return run_on_terminal(arguments, folder_.path());
  }

  nlohmann::json run_json(const std::vector<std::string>& arguments) {
    return nlohmann::json::parse(run(arguments).output);
  }

  std::string path(const std::string& name = "app.db") const { return folder_.path() / name; }

  void make(const std::vector<std::pair<std::string, std::string>>& items) const {
    buntdb::database db = buntdb::database::open(path());
    for (const auto& [key, value] : items)
      db.set(key, value);
    db.close();
  }

  static std::string reference_file(const std::string& name) {
    return buntstore::testing::read_bytes(std::string(BUNTSTORE_REFERENCE_DIR) + "/aof/" + name +
                                          ".aof");
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      std::string name = entry.path().filename();
      if (!name.starts_with("stdout.") && !name.starts_with("stderr.")) found.push_back(name);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  temporary_folder folder_;
};
