#include "shell/history_file.hpp"

#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_line/words.hpp"

namespace {

namespace fs = std::filesystem;

void append(const fs::path& path, std::string_view text, int flags) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  if (file < 0) return;
  // For the owner only, even if somebody has changed that.
  if (::fchmod(file, 0600) == 0) static_cast<void>(::write(file, text.data(), text.size()) > 0);
  ::close(file);
}

bool is_secret(std::string_view line) {
  if (line.empty() || line.front() == ' ') return true;
  const unfinished_line typed = split_unfinished(line);
  const std::string& command = typed.words.empty() ? typed.last : typed.words.front();
  return command == "set" || command == "get-or-set" || command == "set-if-absent" ||
         command == "compare-and-set";
}

}  // namespace

fs::path history_file::usual_path() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') return fs::path(state) / "buntdb" / "history";
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/') return {};
  return fs::path(home) / ".local" / "state" / "buntdb" / "history";
}

history_file::history_file(fs::path path) : path_(std::move(path)) {}

std::vector<std::string> history_file::load() {
  std::vector<std::string> lines;
  if (path_.empty()) return lines;
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);)
    lines.push_back(std::move(line));
  if (lines.size() <= max_lines) return lines;

  lines.erase(lines.begin(), lines.end() - max_lines);
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  const fs::path fresh = path_.string() + "." + std::to_string(::getpid());
  append(fresh, text, O_EXCL);
  std::error_code ignored;
  fs::rename(fresh, path_, ignored);
  return lines;
}

void history_file::add(std::string_view line) {
  if (path_.empty() || is_secret(line)) return;
  std::error_code problem;
  const fs::path folder = path_.parent_path();
  if (!fs::exists(folder, problem)) {
    fs::create_directories(folder, problem);
    fs::permissions(folder, fs::perms::owner_all, problem);
  }
  append(path_, std::string(line) + "\n", O_APPEND);
}
