#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace buntstore::testing {

/// The objects of a file with one JSON text a line, as the reference answers are kept.
/// An absent or empty file is an error: a table test that replays nothing proves nothing.
inline std::vector<nlohmann::json> read_jsonl(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(nlohmann::json::parse(line));
  }
  if (lines.empty()) throw std::runtime_error(path + " is empty");
  return lines;
}

#ifdef BUNTSTORE_REFERENCE_DIR
/// Returns a table of the Go libraries' answers, by its path in the reference folder.
inline std::vector<nlohmann::json> read_reference(const std::string& name) {
  return read_jsonl(std::string(BUNTSTORE_REFERENCE_DIR) + "/" + name);
}
#endif

/// The bytes of a whole file.
inline std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Makes, or replaces, a file with these bytes.
inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace buntstore::testing
