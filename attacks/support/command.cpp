#include "support/command.hpp"

#include <cerrno>
#include <system_error>

#include <sys/wait.h>
#include <unistd.h>

namespace buntdb::attacks {

command_result run_command(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe(ends) == -1) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t id = ::fork();
  if (id == -1) throw std::system_error(errno, std::generic_category(), "fork");
  if (id == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    std::vector<char*> arguments;
    for (const std::string& word : words)
      arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  command_result result;
  char buffer[4096];
  for (;;) {
    const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
    if (size == -1 && errno == EINTR) continue;
    if (size <= 0) break;
    result.output.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  while (::waitpid(id, &result.status, 0) == -1 && errno == EINTR) {
  }
  return result;
}

}  // namespace buntdb::attacks
