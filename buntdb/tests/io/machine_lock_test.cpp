// Locks for files on file systems without locks.

#include "platform/machine_lock.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "in_child.hpp"
#include "support/code_of.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using buntstore::testing::in_child;
using platform::machine_lock;

TEST(machine_locks, are_had_by_one_holder_at_a_time) {
  const auto number = static_cast<std::uint64_t>(::getpid());
  machine_lock first;
  EXPECT_TRUE(first.try_acquire(1, number));
  {
    machine_lock second;
    EXPECT_FALSE(second.try_acquire(1, number));
    machine_lock other;
    EXPECT_TRUE(other.try_acquire(2, number));
  }
  machine_lock again;
  EXPECT_TRUE(again.try_acquire(2, number));
}

TEST(machine_locks, are_seen_by_other_processes_and_not_kept_by_children) {
  const auto number = static_cast<std::uint64_t>(::getpid());
  int runs[2];
  int ends[2];
  ASSERT_EQ(::pipe(runs), 0);
  ASSERT_EQ(::pipe(ends), 0);
  pid_t child = -1;
  char byte = 0;
  {
    machine_lock mine;
    ASSERT_TRUE(mine.try_acquire(3, number));
    EXPECT_EQ(in_child([&] { return machine_lock().try_acquire(3, number) ? 1 : 0; }), 0);
    child = ::fork();
    if (child == 0) {  // lives until the parent has released the lock
      ::close(ends[1]);
      ::_exit(::write(runs[1], "r", 1) == 1 && ::read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    ASSERT_EQ(::read(runs[0], &byte, 1), 1);
  }
  machine_lock again;
  EXPECT_TRUE(again.try_acquire(3, number)) << "the child has kept it";
  for (const int number_of_pipe : {runs[0], runs[1], ends[0], ends[1]})
    ::close(number_of_pipe);
  int status = 0;
  ::waitpid(child, &status, 0);
}

/// From now on flock() fails in this process, as on a file system without locks.
bool take_flock_away() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(rules), .filter = rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(files_without_locks, open_with_an_option_that_still_refuses_a_second_opener) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("app.db");
  const int status = in_child([&] {
    if (!take_flock_away()) return 77;
    try {
      database::open(path);
      return 1;
    } catch (const error& failure) {
      if (failure.code() != std::errc::no_lock_available) return 2;
      if (std::string(failure.what()).find("this_machine_only") == std::string::npos) return 3;
    }
    const options here{.locking = lock_policy::this_machine_only};
    database db = database::open(path, here);
    db.set("a", "1");
    if (testing::code_of([&] { database::open(path, here); }) != errc::locked) return 4;
    const int other = in_child([&] {
      return testing::code_of([&] { database::open(path, here); }) == errc::locked ? 0 : 1;
    });
    if (other != 0) return 5;
    db.compact();
    if (testing::code_of([&] { database::open(path, here); }) != errc::locked) return 6;
    db.close();
    return database::open(path, here).get("a") == "1" ? 0 : 7;
  });
  if (status == 77) GTEST_SKIP() << "this process may not filter its system calls";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace buntdb
