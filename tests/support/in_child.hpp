#pragma once

#include <cstdio>
#include <exception>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace buntstore::testing {

/// Runs the function in a child process, made by fork(). Returns the function's result, 99 for an
/// exception (which is printed), or minus the signal that ended the process.
template <class Function>
int in_child(Function run) {
  const pid_t child = ::fork();
  if (child == 0) {
    int status = 99;
    try {
      status = run();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s\n", failure.what());
    }
    ::_exit(status);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace buntstore::testing
