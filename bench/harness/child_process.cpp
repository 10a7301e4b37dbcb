#include "harness/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

child_process::child_process(const std::vector<std::string>& argv,
                             const std::filesystem::path& folder)
    : name_(argv.front()) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));  // execvp does not write to them
  words.push_back(nullptr);
  int to_child[2];
  int from_child[2];
  if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(to_child[0], STDIN_FILENO);
    ::dup2(from_child[1], STDOUT_FILENO);
    if (!folder.empty() && ::chdir(folder.c_str()) != 0) _exit(127);
    ::execvp(words.front(), words.data());
    _exit(127);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  in_ = ::fdopen(to_child[1], "w");
  out_ = ::fdopen(from_child[0], "r");
}

child_process::~child_process() {
  std::fclose(in_);
  std::fclose(out_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

void child_process::send(const std::string& line) {
  if (std::fprintf(in_, "%s\n", line.c_str()) < 0 || std::fflush(in_) != 0) {
    throw std::runtime_error(name_ + " has ended");
  }
}

std::string child_process::receive() {
  std::string line;
  for (int c = std::fgetc(out_); c != '\n'; c = std::fgetc(out_)) {
    if (c == EOF) throw std::runtime_error(name_ + " has ended, or could not be started");
    line += static_cast<char>(c);
  }
  return line;
}

bool child_process::has_ended() const {
  siginfo_t found{};
  const int options = WEXITED | WNOHANG | WNOWAIT;
  return pid_ < 0 ||
         (::waitid(P_PID, static_cast<id_t>(pid_), &found, options) == 0 && found.si_pid == pid_);
}

void child_process::wait() {
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace bench
