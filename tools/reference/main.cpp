// Compares this project's answers with those of the Go libraries BuntDB and SCS.
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>

#include "checkers.hpp"

namespace {

using namespace check_reference;

struct table {
  const char* name;
  const char* file;  ///< in the folder
  void (*check)(const std::string& folder, report& out);
};

constexpr table tables[] = {
    {"compare", "compare.jsonl", check_compare}, {"json_path", "json_path.jsonl", check_json_path},
    {"match", "match.jsonl", check_match},       {"rect", "rect.jsonl", check_rect},
    {"aof", "aof/expect.jsonl", check_aof},
};

int check_folder(const std::string& folder) {
  bool all_match = true;
  std::size_t found = 0;
  for (const table& table : tables) {
    if (!std::filesystem::exists(folder + "/" + table.file)) {
      std::cout << table.name << ": not compared: no " << table.file << " in " << folder << '\n';
      continue;
    }
    ++found;
    report out(table.name);
    table.check(folder, out);
    std::cout << std::left << std::setw(10) << table.name << std::right << std::setw(7)
              << out.compared() << " compared " << std::setw(5) << out.mismatches()
              << " mismatches\n";
    all_match = all_match && out.mismatches() == 0;
  }
  if (found == 0) {
    std::cerr << "check_reference: no table in " << folder << '\n';
    return 2;
  }
  return all_match ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string(argv[1]).starts_with("-")) {
    std::cerr << "usage: check_reference DIR\n"
                 "compares what this project answers with the tables of the folder DIR, which say\n"
                 "what the original Go libraries do. Prints for each table the lines compared and\n"
                 "the mismatches. Exits with 0 if there is none, 1 if there is one, 2 if a table\n"
                 "cannot be read or there is none.\n";
    return 2;
  }
  try {
    return check_folder(argv[1]);
  } catch (const std::exception& failure) {
    std::cerr << "check_reference: " << failure.what() << '\n';
    return 2;
  }
}
