#include "commit/default_events.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <buntdb/database.hpp>
#include <buntstore/internal/standard_error.hpp>
#include <buntstore/internal/warning_limiter.hpp>

#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

class default_events : public ::testing::Test {
 protected:
  /// Makes a file that everybody may read, about which an open warns.
  std::string exposed_file() {
    const std::string path = folder_.file("app.db");
    database::open(path).close();
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    return path;
  }

  buntstore::testing::temporary_folder folder_;
};

TEST_F(default_events, are_lines_on_standard_error) {
  const std::string path = exposed_file();
  CaptureStderr();
  database::open(path).close();
  const std::string said = GetCapturedStderr();
  EXPECT_TRUE(said.starts_with("buntdb: file_exposed: ")) << said;
  EXPECT_NE(said.find(path), std::string::npos) << said;
  EXPECT_EQ(said.back(), '\n');
}

TEST_F(default_events, are_not_written_when_there_are_none) {
  CaptureStderr();
  {
    database db = database::open(folder_.file("app.db"));
    db.set("key", "value");
    db.compact();
    db.sync();
  }
  database::in_memory().set("key", "value");
  EXPECT_EQ(GetCapturedStderr(), "");
}

TEST_F(default_events, are_switched_off_by_ignore_event_and_by_a_function_of_the_users) {
  const std::string path = exposed_file();
  int heard = 0;
  CaptureStderr();
  database::open(path, {.on_event = ignore_event}).close();
  database::open(path, {.on_event = [&](const event&) { ++heard; }}).close();
  EXPECT_EQ(GetCapturedStderr(), "");
  EXPECT_EQ(heard, 1);
}

TEST_F(default_events, of_one_kind_come_once_a_minute) {
  const auto warn = engine::warnings_on_standard_error();
  CaptureStderr();
  warn({.kind = event_kind::compaction_failed, .code = {}, .message = "no space"});
  warn({.kind = event_kind::compaction_failed, .code = {}, .message = "no space"});
  warn({.kind = event_kind::sync_failed, .code = {}, .message = "an I/O error"});
  warn({.kind = event_kind::ignored_torn_end, .code = {}, .message = "a torn end"});
  EXPECT_EQ(GetCapturedStderr(),
            "buntdb: compaction_failed: no space\nbuntdb: sync_failed: an I/O error\n");
}

TEST(warning_limiter, counts_what_it_withholds_until_the_next_minute) {
  buntstore::warning_limiter limiter(2);
  const std::chrono::steady_clock::time_point begin{};
  EXPECT_EQ(limiter.admit(0, begin), 0U);
  EXPECT_EQ(limiter.admit(0, begin + 1s), std::nullopt);
  EXPECT_EQ(limiter.admit(0, begin + 59s), std::nullopt);
  EXPECT_EQ(limiter.admit(1, begin + 59s), 0U) << "each kind has a minute of its own";
  EXPECT_EQ(limiter.admit(0, begin + 60s), 2U);
  EXPECT_EQ(limiter.admit(0, begin + 119s), std::nullopt);
  EXPECT_EQ(limiter.admit(0, begin + 120s), 1U);
  EXPECT_EQ(buntstore::warning_limiter::suffix(0), "");
  EXPECT_EQ(buntstore::warning_limiter::suffix(2), " (and 2 more since the last of these lines)");
}

/// A pipe in place of standard error.
struct pipe_ends {
  pipe_ends() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~pipe_ends() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] != -1) ::close(ends[0]);
    ends[0] = -1;
  }
  std::array<int, 2> ends{};
};

TEST(standard_error, is_not_waited_for) {
  pipe_ends pipe;
  ASSERT_NE(::fcntl(pipe.ends[1], F_SETPIPE_SZ, 4096), -1);
  const std::string line(4000, 'x');
  buntstore::write_line_at_once(pipe.ends[1], line);
  buntstore::write_line_at_once(pipe.ends[1], line);  // there is no room: it returns nevertheless
  std::array<char, 16384> read{};
  EXPECT_EQ(::read(pipe.ends[0], read.data(), read.size()), 4001)
      << "a line is written whole or not";
}

TEST(standard_error, that_nobody_reads_does_not_end_the_program) {
  pipe_ends pipe;
  pipe.close_reader();
  buntstore::write_line_at_once(pipe.ends[1], "to nobody");
  sigset_t pending;
  sigpending(&pending);
  EXPECT_FALSE(sigismember(&pending, SIGPIPE));
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_FALSE(sigismember(&blocked, SIGPIPE)) << "the thread's signals are as they were";
}

TEST(standard_error, takes_no_line_longer_than_a_pipe_takes_whole) {
  pipe_ends pipe;
  buntstore::write_line_at_once(pipe.ends[1], std::string(10'000, 'x'));
  std::array<char, 16384> read{};
  EXPECT_EQ(::read(pipe.ends[0], read.data(), read.size()), 4096);
  EXPECT_EQ(read[4095], '\n');
}

// What a program prints, itself or through a library, must not get into the database.
TEST_F(default_events, never_get_into_the_file_of_a_program_without_standard_streams) {
  const int kept = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  ::close(STDIN_FILENO);
  {
    database db = database::open(folder_.file("app.db"));
    db.set("key", "value");
    db.compact();
    EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFD), -1) << "the file has the number of standard input";
  }
  if (kept == -1) return;  // it was closed when the test began
  ::dup2(kept, STDIN_FILENO);
  ::close(kept);
}

}  // namespace
}  // namespace buntdb
