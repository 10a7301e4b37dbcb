// Replaces libFuzzer where it is not available: passes each file (or each file of a folder) named
// on the command line to the fuzzer once.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

int inputs = 0;

void try_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // A separate block, so that AddressSanitizer detects every read past its end.
  const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(data.data(), data.size());
  ++inputs;
}

}  // namespace

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const std::filesystem::path path = words[i];
    if (!std::filesystem::is_directory(path)) {
      try_file(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path))
      try_file(entry.path());
  }
  std::cout << inputs << " inputs\n";
  return inputs == 0 ? 1 : 0;
}
