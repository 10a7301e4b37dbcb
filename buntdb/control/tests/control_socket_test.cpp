// The socket's name, its permissions, and its end.

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control_fixture.hpp"

namespace buntdb::control::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

class control_socket_name : public control_fixture {
 protected:
  unsigned mode() const {
    struct stat found {};
    EXPECT_EQ(::lstat(socket_->path().c_str(), &found), 0);
    EXPECT_TRUE(S_ISSOCK(found.st_mode));
    return found.st_mode & 07777U;
  }
};

TEST_F(control_socket_name, is_next_to_the_file_and_for_its_user_only) {
  const mode_t before = ::umask(0);
  listen();
  ::umask(before);
  EXPECT_EQ(socket_->path(), std::filesystem::canonical(folder_.path()) / "app.db.sock");
  EXPECT_EQ(mode(), 0600U);
  EXPECT_THAT(folder_.names(), UnorderedElementsAre("app.db", "app.db.sock"));
  socket_.reset();
  EXPECT_THAT(folder_.names(), UnorderedElementsAre("app.db"));
}

TEST_F(control_socket_name, is_next_to_the_file_that_a_link_leads_to) {
  std::filesystem::create_directory(folder_.file("elsewhere"));
  std::filesystem::create_symlink(file_, folder_.file("elsewhere/link.db"));
  file_ = folder_.file("elsewhere/link.db");
  listen();
  EXPECT_EQ(socket_->path(), std::filesystem::canonical(folder_.path()) / "app.db.sock");
}

TEST_F(control_socket_name, may_be_long) {
  const std::string deep = folder_.file(std::string(200, 'd'));
  std::filesystem::create_directory(deep);
  file_ = deep + "/" + std::string(240, 'f');
  listen();
  EXPECT_EQ(client().ask({"ping"}), "+PONG");
}

TEST_F(control_socket_name, is_taken_over_from_a_process_that_was_killed) {
  {
    const socket_address address(folder_.file("app.db.sock"));
    const descriptor left(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(left.get(), address.get(), address.size()), 0);
  }
  ASSERT_THAT(folder_.names(), UnorderedElementsAre("app.db", "app.db.sock"));
  listen();
  EXPECT_EQ(client().ask({"ping"}), "+PONG");
}

TEST_F(control_socket_name, is_left_to_the_process_that_has_taken_it_over) {
  listen();
  control_socket next(db_, file_);
  socket_.reset();
  EXPECT_EQ(test_client(next.path()).ask({"ping"}), "+PONG");
}

TEST_F(control_socket_name, does_not_replace_what_is_no_socket) {
  std::ofstream(folder_.file("app.db.sock")) << "a file";
  try {
    listen();
    FAIL() << "it took the name";
  } catch (const error& failure) {
    EXPECT_EQ(failure.code(), std::errc::file_exists);
    EXPECT_THAT(failure.what(), HasSubstr("move it away"));
  }
  EXPECT_EQ(std::filesystem::file_size(folder_.file("app.db.sock")), 6U);
}

TEST_F(control_socket_name, needs_options_within_their_range) {
  EXPECT_THROW(listen({.max_clients = 0}), error);
  EXPECT_THROW(listen({.max_request_bytes = 0}), error);
  EXPECT_THROW(listen({.idle_timeout = 0ms}), error);
  EXPECT_THROW(listen({.send_timeout = -1ms}), error);
  EXPECT_THROW(listen({.write_timeout = -1ms}), error);
  EXPECT_THAT(folder_.names(), UnorderedElementsAre("app.db"));
}

TEST_F(control_socket_name, serves_no_other_user) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  listen();
  // Also if another user has been given the right to connect.
  ASSERT_EQ(::chmod(socket_->path().c_str(), 0666), 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::setuid(nobody) != 0) ::_exit(2);
    try {
      test_client other(socket_->path());
      ::_exit(other.ask({"get", "a"}).starts_with("-DENIED") ? 0 : 1);
    } catch (const std::system_error&) {
      ::_exit(3);
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(control_socket_name, stays_the_parents_after_fork) {
  listen();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    socket_->close();
    socket_.reset();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(client().ask({"ping"}), "+PONG");
}

TEST_F(control_socket_name, goes_with_close_which_ends_all_connections) {
  listen();
  test_client idle = client();
  test_client watching = client();
  EXPECT_EQ(idle.ask({"ping"}), "+PONG");
  EXPECT_EQ(watching.ask({"monitor"}), "+OK");
  socket_->close();
  socket_->close();
  EXPECT_EQ(idle.receive_text(), "closed");
  EXPECT_EQ(watching.receive_text(), "closed");
  EXPECT_THROW(client(), std::system_error);
  EXPECT_THAT(folder_.names(), UnorderedElementsAre("app.db"));
}

TEST_F(control_socket_name, serves_many_clients_at_once_while_the_application_works) {
  listen();
  std::atomic<bool> ends{false};
  std::thread application([&] {
    for (int i = 0; !ends.load(); ++i)
      db_.set("app:" + std::to_string(i % 100), "x");
  });
  std::vector<std::thread> clients;
  std::atomic<int> done{0};
  for (int number = 0; number < 6; ++number) {
    clients.emplace_back([&, number] {
      test_client mine = client();
      for (int i = 0; i < 50; ++i) {
        const std::string key = "client:" + std::to_string(number);
        const std::string value = std::to_string(i);
        if (mine.ask({"set", key, value}) == "+OK" && mine.ask({"get", key}) == value) ++done;
      }
    });
  }
  for (std::thread& each : clients)
    each.join();
  ends.store(true);
  application.join();
  EXPECT_EQ(done.load(), 6 * 50);
}

}  // namespace
}  // namespace buntdb::control::test
