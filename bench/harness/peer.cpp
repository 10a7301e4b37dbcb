#include "harness/peer.hpp"

#include <stdexcept>

namespace bench {

peer::peer(const setup& wanted, const std::filesystem::path& folder,
           const std::filesystem::path& sessions, bool always)
    : name_(wanted.name),
      process_({program().string(), wanted.store, folder.string(), sessions.string(),
                always ? "always" : "every_second"}) {}

child_figures peer::ask(const std::string& request) {
  process_.send(request);
  child_figures figures;
  for (std::string line = process_.receive(); line != "done"; line = process_.receive()) {
    const std::size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    if (word == "error" || space == std::string::npos) {
      throw std::runtime_error(name_ + ", asked to " + request + ": " + line);
    }
    figures[word] = std::stod(line.substr(space + 1));
  }
  return figures;
}

timing peer::time(const std::string& request) {
  const child_figures figures = ask(request);
  return {figures.at("wall_ns"), figures.at("cpu_ns")};
}

std::filesystem::path peer::program() {
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
  const std::filesystem::path file = own.parent_path() / "go_peers";
  return std::filesystem::exists(file) ? file : std::filesystem::path();
}

}  // namespace bench
