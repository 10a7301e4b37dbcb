#include "support/child.hpp"

#include <cerrno>
#include <csignal>
#include <exception>
#include <iostream>
#include <system_error>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace buntdb::attacks {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void run(const std::function<void(const child::report&)>& body, int pipe) {
  int status = 0;
  try {
    body([pipe](std::uint64_t number) {
      // Eight bytes are written as a whole or not at all.
      if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(2);
    });
  } catch (const std::exception& failure) {
    std::cerr << "the child failed: " << failure.what() << std::endl;
    status = 1;
  }
  // Nothing that belongs to the parent may be flushed or destroyed here.
  ::_exit(status);
}

}  // namespace

child::child(const std::function<void(const report&)>& body) {
  int ends[2];
  if (::pipe(ends) == -1) fail("pipe");
  id_ = ::fork();
  if (id_ == -1) fail("fork");
  if (id_ == 0) {
    ::close(ends[0]);
    run(body, ends[1]);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
}

child::~child() {
  if (!status_) kill();
  ::close(pipe_);
}

std::optional<std::uint64_t> child::next(std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = pipe_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return std::nullopt;
  std::uint64_t number = 0;
  if (::read(pipe_, &number, sizeof number) != sizeof number) return std::nullopt;
  return number;
}

void child::kill() {
  ::kill(id_, SIGKILL);
  wait();
}

int child::wait() {
  if (!status_) {
    int status = 0;
    while (::waitpid(id_, &status, 0) == -1) {
      if (errno != EINTR) fail("waitpid");
    }
    status_ = status;
  }
  return *status_;
}

}  // namespace buntdb::attacks
