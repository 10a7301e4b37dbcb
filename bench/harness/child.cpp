#include "harness/child.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace bench {

namespace {

struct pipe_closer {
  void operator()(FILE* pipe) const noexcept { pclose(pipe); }
};

std::string quoted_argument(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace

child_figures run_child(const std::string& job, const std::string& contender, std::size_t sessions,
                        const std::filesystem::path& folder) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = quoted_argument(program) + " --child " + quoted_argument(job) +
                              " --contender " + quoted_argument(contender) + " --sessions " +
                              std::to_string(sessions) + " --folder " +
                              quoted_argument(folder.string());
  std::unique_ptr<FILE, pipe_closer> pipe(popen(command.c_str(), "re"));
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get()))
    text += static_cast<char>(c);
  if (pclose(pipe.release()) != 0) throw std::runtime_error("failed: " + command);

  child_figures figures;
  std::istringstream in(text);
  std::string name;
  double value = 0;
  while (in >> name >> value)
    figures[name] = value;
  return figures;
}

namespace {

double resident_of(const std::string& process) {
  std::ifstream in("/proc/" + process + "/statm");
  double total = 0;
  double resident = 0;
  in >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

double resident_bytes() {
  return resident_of("self");
}

double resident_bytes(int process) {
  return resident_of(std::to_string(process));
}

}  // namespace bench
