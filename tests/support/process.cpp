#include "process.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(int code, const std::string& what) {
  throw std::system_error(code, std::generic_category(), what);
}

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

process::process(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  static std::atomic<int> count = 0;
  const std::string number = std::to_string(++count);
  output_ = folder / ("stdout." + number);
  errors_ = folder / ("stderr." + number);

  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors_.c_str(), flags, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  const int problem = posix_spawnp(&id_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) fail(problem, "starting " + arguments[0]);

  handle_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
  if (handle_ < 0) {
    const int reason = errno;
    kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
    fail(reason, "pidfd_open");
  }
}

process::~process() {
  if (!ended_) {
    kill(id_, SIGKILL);
    reap(-1);
  }
  close(handle_);
}

void process::send_signal(int signal) const {
  if (!ended_) kill(id_, signal);
}

bool process::reap(int timeout_ms) {
  if (ended_) return true;
  pollfd wanted{.fd = handle_, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&wanted, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) return false;
  int status = 0;
  waitpid(id_, &status, 0);
  ended_ = true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return true;
}

int process::wait(std::chrono::milliseconds limit) {
  if (reap(static_cast<int>(limit.count()))) return status_;
  kill(id_, SIGKILL);
  reap(-1);
  return still_running;
}

bool process::running() {
  return !reap(0);
}

std::string process::output() const {
  return contents(output_);
}
std::string process::errors() const {
  return contents(errors_);
}

temporary_folder::temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "buntstore-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) fail(errno, "mkdtemp");
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
