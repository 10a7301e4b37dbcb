#include "terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

terminal_result run_on_terminal(const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder, const std::string& typed) {
  // Made before the fork: the child may only call what is safe after one.
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
  if (child == 0) {
    if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  terminal_result result;
  std::array<char, 4096> buffer{};
  std::string_view left = typed;
  // What is typed before the prompt would be taken by the terminal's own line editing.
  const auto type_at_prompt = [&] {
    if (left.empty() || !result.output.ends_with("> ")) return;
    const std::size_t size = std::min(left.find_first_of("\n\x03\x04"), left.size() - 1) + 1;
    if (::write(terminal, left.data(), size) == static_cast<ssize_t>(size)) {
      left.remove_prefix(size);
    }
  };
  for (;;) {
    const ssize_t got = ::read(terminal, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // EIO: the other end is closed
    result.output.append(buffer.data(), static_cast<std::size_t>(got));
    type_at_prompt();
  }
  ::close(terminal);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return result;
}
