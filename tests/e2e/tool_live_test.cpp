// The tool and redis-cli on the database of a running demo server.

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "demo_site.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct result {
  int status;
  std::string output;
  std::string errors;
};

class tool_on_a_running_server : public demo_site {
 protected:
  result run_program(const std::vector<std::string>& arguments) {
    process program(arguments, folder_.path());
    const int status = program.wait();
    return {status, program.output(), program.errors()};
  }
  result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BUNTDB);
    return run_program(arguments);
  }
  json run_json(const std::vector<std::string>& arguments) {
    const result ran = run(arguments);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return json::parse(ran.output, nullptr, false);
  }

  /// Returns what the tool prints when it uses the socket.
  std::string through_socket() const {
    return "buntdb: through demo.db.sock: process " + std::to_string(server_->id()) +
           " has the database open\n";
  }

  static bool is_logged_in(visitor& who) { return who.get("/account").status == 200; }

  /// Returns the part of the session's id that the account's page shows.
  std::string id_shown_to(visitor& who) {
    return between(who.get("/account").body, "data-id-now>", "…");
  }
};

TEST_F(tool_on_a_running_server, ends_a_users_sessions_before_their_next_request) {
  visitor ada(port_), ada_elsewhere(port_), tom(port_);
  ada.log_in("ada");
  ada_elsewhere.log_in("ada");
  tom.log_in("tom");
  ASSERT_TRUE(is_logged_in(ada));
  const result list = run({"sessions", "demo.db", "list", "--user", "ada"});
  EXPECT_EQ(list.errors, through_socket());
  EXPECT_THAT(list.output, AllOf(HasSubstr("\tlive\tada\t"), Not(HasSubstr("tom"))));
  EXPECT_THAT(list.output, HasSubstr(id_shown_to(ada))) << "one name for one session";

  const result revoked = run({"sessions", "demo.db", "revoke", "--user", "ada"});
  EXPECT_EQ(revoked.status, 0) << revoked.errors;
  EXPECT_EQ(revoked.output, "demo.db: 2 sessions revoked\n");
  EXPECT_FALSE(is_logged_in(ada));
  EXPECT_FALSE(is_logged_in(ada_elsewhere));
  EXPECT_TRUE(is_logged_in(tom));
  EXPECT_EQ(run({"sessions", "demo.db", "revoke", "--user", "ada"}).status, 1);
}

TEST_F(tool_on_a_running_server, ends_one_session_by_the_id_that_the_application_shows) {
  visitor ada(port_), tom(port_);
  ada.log_in("ada");
  tom.log_in("tom");
  const std::string id = id_shown_to(tom);
  ASSERT_THAT(id, StartsWith("h:"));
  EXPECT_THAT(run({"sessions", "demo.db", "show", id}).output,
              AllOf(StartsWith(id), HasSubstr("  user      tom\n"), HasSubstr("value     ")));
  EXPECT_EQ(run({"sessions", "demo.db", "revoke", id}).output, "demo.db: 1 session revoked\n");
  EXPECT_FALSE(is_logged_in(tom));
  EXPECT_TRUE(is_logged_in(ada));
  const result again = run({"sessions", "demo.db", "revoke", id});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.errors, HasSubstr("demo.db has no session " + id));
}

TEST_F(tool_on_a_running_server, logs_everybody_out) {
  visitor ada(port_), tom(port_);
  ada.log_in("ada");
  tom.log_in("tom");
  json count = run_json({"sessions", "demo.db", "count", "--json"});
  EXPECT_EQ(count.at("sessions"), 2);
  EXPECT_EQ(count.at("users"), 2);
  EXPECT_THAT(run({"sessions", "demo.db", "by-user"}).output, HasSubstr("1\tada\n"));
  EXPECT_EQ(run({"sessions", "demo.db", "revoke", "--all"}).output,
            "demo.db: 2 sessions revoked\n");
  EXPECT_FALSE(is_logged_in(ada));
  EXPECT_FALSE(is_logged_in(tom));
  tom.log_in("tom");
  EXPECT_TRUE(is_logged_in(tom));
}

TEST_F(tool_on_a_running_server, forgets_a_user_whose_sessions_are_in_the_file) {
  visitor ada(port_);
  ada.log_in("ada");
  const json erased = run_json({"sessions", "demo.db", "erase", "--user", "ada", "--json"});
  EXPECT_EQ(erased.at("revoked"), 1);
  EXPECT_FALSE(is_logged_in(ada));
}

TEST_F(tool_on_a_running_server, reads_and_writes_items) {
  const result set = run({"set", "demo.db", "greeting", "hello", "--ttl", "1h"});
  EXPECT_EQ(set.status, 0);
  EXPECT_EQ(set.errors, through_socket());
  EXPECT_EQ(run({"set", "demo.db", "for ever", "x"}).status, 0);
  EXPECT_EQ(run({"get", "demo.db", "greeting"}).output, "hello");
  const json item = run_json({"get", "demo.db", "greeting", "--json"});
  EXPECT_GT(item.at("ttl_ms"), 3'500'000);
  EXPECT_EQ(run({"ttl", "demo.db", "for ever"}).output, "forever\n");
  EXPECT_EQ(run({"ascend", "demo.db", "--pattern", "g*"}).output, "greeting\thello\n");
  EXPECT_EQ(run({"descend", "demo.db", "--equal", "greeting", "--limit", "1"}).output,
            "greeting\thello\n");
  EXPECT_EQ(run({"ascend", "demo.db", "--index", "nonsense"}).status, 1);
  EXPECT_EQ(run({"get", "demo.db", "absent"}).status, 1);
  const result deleted = run({"del", "demo.db", "greeting", "absent"});
  EXPECT_EQ(deleted.status, 1);
  EXPECT_EQ(deleted.errors, through_socket() + "buntdb: demo.db has no key 'absent'\n");
  EXPECT_EQ(run({"get", "demo.db", "greeting"}).status, 1);
  // With base64, any bytes are possible.
  EXPECT_EQ(run({"set", "demo.db", "--base64", "AP8=", "DQo="}).status, 0);
  EXPECT_EQ(run({"get", "demo.db", "--base64", "AP8="}).output, "DQo=\n");
  EXPECT_EQ(run({"set", "demo.db", std::string(70'000, 'k'), "v"}).status, 2);
}

TEST_F(tool_on_a_running_server, cares_for_the_file_and_shows_figures_and_settings) {
  EXPECT_EQ(run({"sync", "demo.db"}).output, "demo.db: all that was committed is on disk\n");
  EXPECT_THAT(run({"compact", "demo.db"}).output, HasSubstr(" before, "));
  EXPECT_THAT(run({"save", "demo.db", "copy.db"}).output, StartsWith("copy.db: saved by the "));
  EXPECT_EQ(run({"check", "copy.db"}).status, 0);
  const json stats = run_json({"stats", "demo.db", "--json"});
  EXPECT_EQ(stats.at("open_in_process"), server_->id());
  EXPECT_EQ(stats.at("compactions"), 1);
  EXPECT_NE(stats.at("last_sync"), nullptr);
  EXPECT_THAT(run({"stats", "demo.db"}).output,
              HasSubstr("open     in process " + std::to_string(server_->id())));
  EXPECT_THAT(run({"settings", "demo.db"}).output, HasSubstr("sync\tevery_second\n"));
  EXPECT_THAT(run({"settings", "demo.db", "sync", "always"}).output, HasSubstr("sync\talways\n"));
  EXPECT_EQ(run({"settings", "demo.db", "sync", "sometimes"}).status, 2);
  EXPECT_EQ(run({"settings", "demo.db", "sync"}).status, 2);
  EXPECT_EQ(run_json({"settings", "demo.db", "--json"}).at("sync"), "always");
}

TEST_F(tool_on_a_running_server, watches_what_it_commits) {
  process watch({BUNTDB, "watch", "demo.db", "--json", "--pattern", "w:*", "--limit", "3"},
                folder_.path());
  // It has begun when it prints which way it uses and reports a change.
  EXPECT_TRUE(wait_until([&] {
    run({"set", "demo.db", "w:probe", "x"});
    return !watch.output().empty() || !watch.running();
  }));
  run({"set", "demo.db", "w:2", "two", "--ttl", "1h"});
  run({"del", "demo.db", "w:2"});
  EXPECT_EQ(watch.wait(), 0) << watch.errors();
  EXPECT_EQ(watch.errors(), through_socket());
  EXPECT_THAT(watch.output(), HasSubstr(R"("op":"set","revision":)"));
}

TEST_F(tool_on_a_running_server, goes_the_way_that_it_is_told) {
  run({"set", "demo.db", "a", "1"});
  const result through = run({"get", "demo.db", "a", "--via", "socket"});
  EXPECT_EQ(through.output, "1");
  EXPECT_EQ(through.errors, "") << "who has said it need not be told";
  const result in_file = run({"get", "demo.db", "a", "--via", "file"});
  EXPECT_EQ(in_file.output, "1");
  EXPECT_EQ(in_file.errors, "");
  EXPECT_EQ(run({"set", "demo.db", "a", "2", "--via=file"}).status, 3);
  EXPECT_EQ(run({"get", "demo.db", "a", "--via", "nonsense"}).status, 2);
  EXPECT_EQ(run({"get", "other.db", "a", "--via", "socket"}).status, 5);
  EXPECT_EQ(run({"sync", "other.db"}).status, 5);
}

TEST_F(tool_on_a_running_server, works_on_the_file_after_the_server_was_killed) {
  run({"set", "demo.db", "a", "1"});
  server_->send_signal(SIGKILL);
  ASSERT_EQ(server_->wait(), -SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "demo.db.sock")) << "it is left over";
  const result got = run({"get", "demo.db", "a"});
  EXPECT_EQ(got.output, "1");
  EXPECT_EQ(got.errors, "");
  EXPECT_EQ(run({"set", "demo.db", "a", "2"}).status, 0);
  port_ = port_of(*start(server_));
  EXPECT_EQ(run({"get", "demo.db", "a"}).errors, through_socket());
  server_->send_signal(SIGTERM);
  EXPECT_EQ(server_->wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "demo.db.sock"));
}

TEST_F(tool_on_a_running_server, says_that_it_reads_the_file_of_a_process_without_a_socket) {
  buntdb::database db = buntdb::database::open(folder_.path() / "own.db");
  db.set("a", "1");
  const result got = run({"get", "own.db", "a"});
  EXPECT_EQ(got.output, "1");
  EXPECT_EQ(got.errors, "buntdb: on the file itself: process " + std::to_string(::getpid()) +
                            " has the database open and has no control socket\n");
}

TEST_F(tool_on_a_running_server, believes_no_socket_that_another_user_has_put_there) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string path = folder_.path() / "own.db";
  buntdb::database::open(path).set("a", "1");
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (path + ".sock").c_str(), sizeof address.sun_path - 1);
    const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::setuid(nobody) == 0 &&
        ::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(listening, 8) == 0) {
      static_cast<void>(::write(ready[1], "r", 1) == 1);
      ::pause();
    }
    ::_exit(1);
  }
  ::close(ready[1]);
  char byte = '\0';
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  const result through = run({"set", "own.db", "a", "secret", "--via", "socket"});
  EXPECT_EQ(through.status, 5);
  EXPECT_THAT(through.errors, HasSubstr("Operation not permitted"));
  EXPECT_EQ(run({"get", "own.db", "a"}).output, "1");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_F(tool_on_a_running_server, shares_its_socket_with_redis_cli) {
  const auto redis_cli = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {REDIS_CLI, "-s", "demo.db.sock"});
    return run_program(arguments).output;
  };
  EXPECT_EQ(redis_cli({"ping"}), "PONG\n");
  EXPECT_EQ(redis_cli({"set", "a", "hello world", "ex", "100"}), "OK\n");
  EXPECT_EQ(redis_cli({"get", "a"}), "hello world\n");
  EXPECT_THAT(redis_cli({"--json", "ascend", "pattern", "a"}), HasSubstr("hello world"));
  EXPECT_THAT(redis_cli({"nonsense"}), HasSubstr("there is no command 'nonsense'"));
  visitor ada(port_);
  ada.log_in("ada");
  EXPECT_THAT(redis_cli({"sessions", "list", "user", "ada"}), HasSubstr(id_shown_to(ada)));
  EXPECT_EQ(redis_cli({"sessions", "revoke", "user", "ada"}), "1\n");
  EXPECT_FALSE(is_logged_in(ada));
  // One command a line, as in a script.
  EXPECT_EQ(run_program({"bash", "-c", "printf 'get a\\ndel a\\nget a\\n' | \"$0\" -s demo.db.sock",
                         REDIS_CLI})
                .output,
            "hello world\n1\n\n");
  process monitor({REDIS_CLI, "-s", "demo.db.sock", "monitor", "m*"}, folder_.path());
  EXPECT_TRUE(wait_until([&] { return monitor.output().find("OK") != std::string::npos; }));
  redis_cli({"set", "m", "1"});
  EXPECT_TRUE(wait_until([&] { return monitor.output().find("set") != std::string::npos; }));
}

TEST_F(tool_on_a_running_server, costs_the_server_no_request_of_its_visitors) {
  // Connections that send nothing, and one that sends byte by byte.
  std::vector<std::unique_ptr<process>> silent;
  for (int i = 0; i < 12; ++i) {
    silent.push_back(std::make_unique<process>(
        std::vector<std::string>{"bash", "-c", "sleep 60 | exec \"$0\" -s demo.db.sock", REDIS_CLI},
        folder_.path()));
  }
  visitor ada(port_);
  ada.log_in("ada");
  EXPECT_TRUE(is_logged_in(ada));
  EXPECT_EQ(run({"get", "demo.db", "absent"}).status, 1);
  EXPECT_EQ(run({"sessions", "demo.db", "revoke", "--user", "ada"}).status, 0);
}

}  // namespace
