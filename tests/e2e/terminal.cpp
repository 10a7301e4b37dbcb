#include "terminal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

terminal_result run_on_terminal(const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder, const std::string& typed) {
  // Made before the fork, because the child may call only async-signal-safe functions.
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
  std::size_t typed_at = 0;  // size of the output when something was last typed
  // Keys that are typed before the program reads keys, after its prompt, would be handled by the
  // terminal's own line editing, or dropped.
  const auto reads_keys = [&] {
    termios state{};
    return result.output.find("> ", typed_at) != std::string::npos &&
           ::tcgetattr(terminal, &state) == 0 && (state.c_lflag & tcflag_t{ICANON}) == 0;
  };
  for (;;) {
    constexpr int look_again_ms = 10;
    pollfd readable{.fd = terminal, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&readable, 1, left.empty() ? -1 : look_again_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      if (!reads_keys()) continue;
      const std::size_t size = std::min(left.find_first_of("\n\x03\x04"), left.size() - 1) + 1;
      typed_at = result.output.size();
      if (::write(terminal, left.data(), size) != static_cast<ssize_t>(size)) break;
      left.remove_prefix(size);
      continue;
    }
    const ssize_t got = ::read(terminal, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // EIO: the other end is closed
    result.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(terminal);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return result;
}
