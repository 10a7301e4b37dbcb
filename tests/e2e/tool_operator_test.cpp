// What an operator needs in an emergency: sessions, watch, charts, completion, manual.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/database.hpp>
#include <scs/token.hpp>

#include "jsonl.hpp"
#include "process.hpp"
#include "terminal.hpp"
#include "tool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using buntstore::testing::read_bytes;
using buntstore::testing::write_bytes;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A file with sessions as stores::bunt and Go's SCS write them. scs/payload_codec.hpp describes
/// the payload.
class tool_sessions : public tool {
 protected:
  tool_sessions() {
    buntdb::database db = buntdb::database::open(path());
    db.set(hashed('1'), payload("tom", R"({"csrf":"secret","n":7})"), {.ttl = 1h});
    db.set("web:" + hashed('2'), payload("tom", "{}"), {.ttl = 2h});
    db.set(hashed('3'), payload("ann", "{}"), {.ttl = 3h});
    db.set(hashed('4'), payload("tom", "{}", R"(,"moved_to":")" + hashed('1') + '"'), {.ttl = 60s});
    db.set(hashed('5'), "not what scs writes", {.ttl = 1h});
    db.set(hashed('6'), R"({"data":{},"deadline":1})", {.ttl = 1h});  // has ended
    db.set(go_token, payload("", "{}"), {.ttl = 1h});
    db.set("unrelated", payload("tom", "{}"));
    db.set(std::string(43, 'K'), "no payload, so no session");
    db.close();
  }

  static std::string hashed(char filling) { return "h:" + std::string(43, filling); }
  static std::string payload(const std::string& user, const std::string& data,
                             const std::string& more = "") {
    return R"({"data":)" + data + R"(,"deadline":4000000000000000000)" +
           (user.empty() ? "" : R"(,"user":")" + user + R"(","seen":1700000000000000000)") + more +
           "}";
  }

  std::vector<json> lines(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    write_bytes(path("lines"), run(arguments).output);
    return buntstore::testing::read_jsonl(path("lines"));
  }

  std::vector<std::string> ids(std::vector<std::string> options) {
    options.insert(options.begin(), {"sessions", "app.db", "list"});
    std::vector<std::string> found;
    for (const json& line : lines(options))
      found.push_back(line.at("id"));
    return found;
  }

  const std::string go_token = std::string(43, 'T');
};

TEST_F(tool_sessions, lists_and_counts_them_and_prints_no_key) {
  EXPECT_EQ(ids({}).size(), 5U);
  EXPECT_EQ(ids({"--all"}).size(), 6U);
  EXPECT_EQ(ids({"--user", "tom"}).size(), 2U);
  EXPECT_EQ(ids({"--user", "tom", "--prefix", "web:"}).size(), 1U);
  EXPECT_EQ(ids({"--prefix="}).size(), 4U);
  EXPECT_EQ(ids({"--limit", "2"}).size(), 2U);
  json count = run_json({"sessions", "app.db", "count", "--json"});
  EXPECT_GT(count.at("payload_bytes"), 4 * payload("", "{}").size());
  count.erase("payload_bytes");
  EXPECT_EQ(count, json::parse(R"({"sessions":4,"users":2,"of_nobody":1,"renewed":1,
                                   "unreadable":1,"keys_that_are_tokens":1})"));
  EXPECT_EQ(run({"sessions", "app.db", "by-user"}).output, "2\ttom\n1\tann\n");
  std::string all = run({"stats", "app.db", "--largest", "99"}).output;
  for (const std::string action : {"list", "count", "by-user"}) {
    all += run({"sessions", "app.db", action}).output;
    all += run({"sessions", "app.db", action, "--json"}).output;
  }
  std::vector<std::string> show{"sessions", "app.db", "show"};
  for (const std::string& id : ids({"--all"}))
    show.push_back(id);
  const result shown = run(show);
  EXPECT_THAT(shown.output, AllOf(HasSubstr("csrf: string, 8 bytes"), HasSubstr("n: number"),
                                  HasSubstr("the prefix web:"), Not(HasSubstr("secret"))));
  all += shown.output;
  EXPECT_THAT(all, Not(HasSubstr(go_token)));
  show.emplace_back("--values");
  EXPECT_THAT(run(show).output, HasSubstr("csrf: \"secret\""));
}

TEST_F(tool_sessions, names_them_as_the_application_and_its_events_do) {
  const std::vector<std::string> all = ids({"--all"});
  // If the key is a token, the id is that of session::id() under id_mode::raw.
  const std::string of_token(scs::token::parse(go_token)->id().text());
  EXPECT_THAT(all, testing::UnorderedElementsAre(hashed('1'), hashed('2'), hashed('3'), hashed('4'),
                                                 hashed('5'), of_token));
  EXPECT_EQ(run({"sessions", "app.db", "show", hashed('2')}).status, ok);
  EXPECT_EQ(run({"sessions", "app.db", "show", of_token.substr(0, 6)}).status, ok);
  EXPECT_EQ(run({"sessions", "app.db", "show", "h:111"}).status, usage) << "too short";
  EXPECT_EQ(run({"sessions", "app.db", "show", "1111"}).status, usage);
  EXPECT_EQ(run({"sessions", "app.db", "revoke", of_token}).output, "app.db: 1 session revoked\n");
  EXPECT_EQ(run({"get", "app.db", go_token}).status, finding);
}

TEST_F(tool_sessions, end_all_at_once) {
  EXPECT_EQ(run({"sessions", "app.db", "revoke", "--all", "--user", "tom"}).status, usage);
  EXPECT_EQ(run({"sessions", "app.db", "revoke", "--all", "--prefix", "web:"}).output,
            "app.db: 1 session revoked\n");
  EXPECT_EQ(run({"sessions", "app.db", "revoke", "--all"}).output, "app.db: 4 sessions revoked\n");
  EXPECT_EQ(run({"sessions", "app.db", "list", "--all"}).output, "");
  EXPECT_EQ(run({"get", "app.db", "unrelated"}).status, ok);
}

TEST_F(tool_sessions, passes_over_what_says_which_sessions_were_revoked) {
  const auto outputs = [&] {
    std::string all;
    for (const std::string action : {"list", "count", "by-user"})
      all += run({"sessions", "app.db", action}).output;
    return all + run({"sessions", "app.db", "list", "--all"}).output;
  };
  const std::string before = outputs();
  const std::vector<std::string> watermarks{"w:=tom", "w:=" + std::string(43, 'u'),
                                            "w:=" + hashed('u'), "w:#" + std::string(43, 'u'),
                                            "web:w:#" + std::string(43, 'v')};
  {
    buntdb::database db = buntdb::database::open(path());
    for (const std::string& key : watermarks)
      db.set(key, payload("", "{}", R"(,"revoked_until":1700000000000000000)"), {.ttl = 1h});
    db.close();
  }
  EXPECT_EQ(outputs(), before);
  EXPECT_EQ(run({"sessions", "app.db", "revoke", "--user", "tom"}).status, ok);
  for (const std::string& key : watermarks)
    EXPECT_EQ(run({"get", "app.db", key}).status, ok) << key;
}

TEST_F(tool_sessions, revokes_by_id_and_by_user_and_what_leads_there) {
  const std::string renewed = [&] {
    for (const json& line : lines({"sessions", "app.db", "list", "--all"}))
      if (line.at("state") == "renewed") return line.at("id").get<std::string>();
    return std::string();
  }();
  const result by_tombstone = run({"sessions", "app.db", "revoke", renewed.substr(0, 6)});
  EXPECT_EQ(by_tombstone.status, ok) << by_tombstone.errors;
  EXPECT_EQ(by_tombstone.output, "app.db: 1 session revoked\n");
  EXPECT_EQ(run({"get", "app.db", hashed('1')}).status, finding);
  EXPECT_EQ(run({"get", "app.db", hashed('4')}).status, finding);
  const result again = run({"sessions", "app.db", "revoke", renewed});
  EXPECT_EQ(again.status, finding);
  EXPECT_EQ(again.errors, "buntdb: app.db has no session " + renewed + "\n");
  EXPECT_EQ(run_json({"sessions", "app.db", "revoke", "--user", "tom", "--json"}).at("revoked"), 1);
  EXPECT_EQ(run({"sessions", "app.db", "revoke", "--user", "tom"}).status, finding);
  EXPECT_EQ(run({"get", "app.db", "unrelated"}).status, ok);
  // A token that was typed in the wrong place is not printed.
  const result token = run({"sessions", "app.db", "show", go_token});
  EXPECT_EQ(token.status, usage);
  EXPECT_THAT(token.errors, Not(HasSubstr(go_token)));
  EXPECT_EQ(run({"sessions", "app.db", "revoke"}).status, usage);
  EXPECT_EQ(run({"sessions", "app.db", "nonsense"}).status, usage);
  EXPECT_EQ(run({"sessions", "app.db", "list", "abcd"}).status, usage);
}

TEST_F(tool_sessions, erase_what_is_left_of_a_user_in_the_file_and_beside_it) {
  ASSERT_EQ(run({"del", "app.db", "unrelated"}).status, ok);
  ASSERT_THAT(read_bytes(path()), HasSubstr("\"tom\""));
  write_bytes(path("app.db.cut-120"), "tom");
  write_bytes(path("app.db.damaged-7"), "tom");
  write_bytes(path("app.db.backup"), "tom");
  EXPECT_EQ(run({"sessions", "app.db", "erase"}).status, usage);
  const json erased = run_json({"sessions", "app.db", "erase", "--user", "tom", "--json"});
  EXPECT_EQ(erased.at("revoked"), 2);
  EXPECT_EQ(erased.at("removed_files"), json({"app.db.cut-120", "app.db.damaged-7"}));
  EXPECT_THAT(read_bytes(path()), Not(HasSubstr("\"tom\"")));
  EXPECT_THAT(names(), testing::ElementsAre("app.db", "app.db.backup"));
  EXPECT_EQ(run({"sessions", "app.db", "erase", "--user", "tom"}).output,
            "app.db: 0 sessions ended, and what is no longer in the database removed from the "
            "file\n");
}

TEST_F(tool_sessions, on_a_live_file_lists_and_names_the_holder_instead_of_revoking) {
  const buntdb::database db = buntdb::database::open(path());
  EXPECT_EQ(ids({}).size(), 5U);
  const result refused = run({"sessions", "app.db", "revoke", "--user", "tom"});
  EXPECT_EQ(refused.status, locked);
  EXPECT_THAT(refused.errors, HasSubstr("process " + std::to_string(getpid())));
}

TEST_F(tool_sessions, fits_tables_and_charts_to_the_terminal) {
  const auto at_width = [&](const std::string& width, const std::string& command) {
    return run_on_terminal({"env", "TERM=xterm", "COLUMNS=" + width, BUNTDB, command, "app.db",
                            command == "sessions" ? "list" : "--largest=2"},
                           folder_.path())
        .output;
  };
  EXPECT_THAT(at_width("200", "sessions"), AllOf(HasSubstr("WHERE"), HasSubstr("(unreadable)")));
  for (const std::string width : {"40", "80"}) {
    for (const std::string command : {"sessions", "stats"}) {
      const std::string output = at_width(width, command);
      EXPECT_THAT(output, HasSubstr("\x1b[1m"));
      std::size_t columns = 0;
      for (std::size_t i = 0; i < output.size(); ++i) {
        if (output[i] == '\x1b') i = output.find('m', i) + 1;
        if (i >= output.size()) break;
        if (output[i] == '\n') columns = 0;
        if (output[i] >= ' ' || (static_cast<unsigned char>(output[i]) & 0xc0U) == 0xc0U) ++columns;
        // Figures about items and the file are sentences, which are not shortened.
        if (command == "sessions") {
          ASSERT_LE(columns, std::stoul(width)) << output;
        }
      }
    }
  }
  EXPECT_THAT(at_width("80", "stats"), AllOf(HasSubstr("█"), HasSubstr("an hour       4")));
  const std::string plain =
      run_on_terminal({"env", "NO_COLOR=1", BUNTDB, "stats", "app.db"}, folder_.path()).output;
  EXPECT_THAT(plain, AllOf(HasSubstr("█"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(run({"stats", "app.db"}).output, AllOf(Not(HasSubstr("█")), Not(HasSubstr("\x1b"))));
  const json stats = run_json({"stats", "app.db", "--json", "--largest", "1"});
  EXPECT_EQ(stats.at("expiries").at("within_1m"), 1);
  EXPECT_EQ(stats.at("expiries").at("within_1h"), 4);
  EXPECT_EQ(stats.at("expiries").at("within_6h"), 2);
  EXPECT_EQ(stats.at("largest_values").size(), 1U);
}

/// The tool while it follows app.db, and what it has printed so far.
class tool_watch : public tool {
 protected:
  process& start(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {BUNTDB, "watch", "app.db", "--json", "--interval", "2ms"});
    return watch_.emplace(options, folder_.path());
  }

  /// Waits for this many lines and returns them.
  std::vector<json> lines(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    for (;;) {
      const bool ended = !watch_->running();  // asked first: the last lines come before the end
      const std::string output = watch_->output();
      const auto there = static_cast<std::size_t>(std::count(output.begin(), output.end(), '\n'));
      if (there >= count || ended || std::chrono::steady_clock::now() > deadline) {
        write_bytes(path("lines"), output.substr(0, output.rfind('\n') + 1));
        return buntstore::testing::read_jsonl(path("lines"));
      }
      std::this_thread::yield();
    }
  }

  static std::string brief(const json& line) {
    if (line.contains("event")) return line.at("event");
    return line.at("op").get<std::string>() + " " + line.at("key").get<std::string>();
  }

  std::vector<std::string> briefs(std::size_t count) {
    std::vector<std::string> found;
    for (const json& line : lines(count))
      found.push_back(brief(line));
    return found;
  }

  std::optional<process> watch_;
};

TEST_F(tool_watch, follows_a_file_that_is_created_changed_compacted_and_replaced) {
  process& watch = start();
  EXPECT_THAT(briefs(1), ElementsAre("absent"));
  buntdb::database db = buntdb::database::open(path());
  EXPECT_THAT(briefs(2), ElementsAre("absent", "found"));
  {
    buntdb::transaction tx = db.begin();
    tx.set("a", "1");
    tx.set("b", "\xff", {.ttl = 1h});
    tx.commit();
  }
  const std::vector<json> both = lines(4);
  ASSERT_EQ(both.size(), 4U);
  EXPECT_EQ(both[2].at("of"), 2);
  EXPECT_EQ(both[2].at("batch"), both[3].at("batch"));
  EXPECT_EQ(both[3].at("value_base64"), "/w==");
  EXPECT_NE(both[3].at("expires_at"), nullptr);
  db.erase("a");
  EXPECT_EQ(brief(lines(5).back()), "del a");
  db.compact();
  EXPECT_EQ(brief(lines(6).back()), "replaced");
  db.set("c", "3");
  EXPECT_EQ(brief(lines(7).back()), "set c");
  db.close();
  // Another file replaces it: the differences are reported.
  {
    buntdb::database other = buntdb::database::open(path("other.db"));
    other.set("c", "4");
    other.close();
  }
  std::filesystem::rename(path("other.db"), path());
  const std::vector<json> replaced = lines(10);
  ASSERT_EQ(replaced.size(), 10U);
  EXPECT_EQ(brief(replaced[7]), "replaced");
  EXPECT_EQ(brief(replaced[8]), "del b");
  EXPECT_EQ(brief(replaced[9]), "set c");
  EXPECT_EQ(replaced[9].at("difference"), true);
  EXPECT_EQ(replaced[9].at("new"), false);
  std::filesystem::remove(path());
  EXPECT_EQ(brief(lines(11).back()), "absent");
  watch.send_signal(SIGINT);
  EXPECT_EQ(watch.wait(), -SIGINT);  // a shell reports 130
  EXPECT_EQ(watch.errors(), "");
}

TEST_F(tool_watch, prints_only_complete_batches_and_those_that_match) {
  make({{"old", "1"}});
  const std::string begun = read_bytes(path());
  std::string grown;
  {
    buntdb::database db = buntdb::database::open(path());
    buntdb::transaction tx = db.begin();
    tx.set("user:1", "x");
    tx.set("user:2", "y");
    tx.set("other", "z");
    tx.commit();
    db.close();
    grown = read_bytes(path());
  }
  write_bytes(path(), begun);
  start({"--history", "--pattern", "*:*"});
  std::filesystem::rename(path(), path("kept"));  // noticed, so what follows is new
  EXPECT_THAT(briefs(1), ElementsAre("absent"));
  std::filesystem::rename(path("kept"), path());
  EXPECT_THAT(briefs(2), ElementsAre("absent", "found"));
  const auto append = [&](std::size_t from, std::size_t to) {
    const std::string bytes = grown.substr(0, to);
    std::FILE* file = std::fopen(path().c_str(), "ab");
    ASSERT_NE(file, nullptr);
    std::fwrite(bytes.data() + from, 1, to - from, file);
    std::fclose(file);
  };
  // Byte by byte: nothing is reported before the last byte of the transaction.
  const std::size_t last = grown.rfind("\r\n", grown.rfind("*2\r\n$3\r\ndel") - 1);
  for (std::size_t at = begun.size(); at <= last; ++at)
    append(at, at + 1);
  EXPECT_EQ(lines(2).size(), 2U);
  append(last + 1, grown.size());
  EXPECT_THAT(briefs(4), ElementsAre("absent", "found", "set user:1", "set user:2"));
  std::filesystem::resize_file(path(), begun.size());
  EXPECT_THAT(briefs(7), ElementsAre("absent", "found", "set user:1", "set user:2", "cut",
                                     "del user:1", "del user:2"));
}

TEST_F(tool_watch, tells_an_expiry_from_an_erasure_and_ends_after_the_limit) {
  buntdb::database db = buntdb::database::open(path());
  db.set("k", "v", {.ttl = 1ms});
  process& watch = start({"--history", "--limit", "2"});
  EXPECT_EQ(brief(lines(2).back()), "expired k");
  EXPECT_EQ(watch.wait(), ok);
}

TEST_F(tool_watch, ends_when_nobody_reads_on_and_refuses_what_is_no_file) {
  make({{"k", "v"}});
  EXPECT_EQ(
      run_shell(R"(set -o pipefail; timeout 20 "$0" watch app.db --history | head -1)").status, ok);
  EXPECT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(run({"watch", "fifo"}).status, damaged);
  EXPECT_EQ(run({"get", "fifo", "k"}).status, damaged);
  EXPECT_EQ(run({"load", "app.db", "fifo"}).status, damaged);
  EXPECT_EQ(run({"watch", "app.db", "--interval", "0s"}).status, usage);
  EXPECT_THAT(run({"watch", "app.db", "--history", "--limit", "1"}).output, HasSubstr("set\tk\tv"));
}

class tool_documents : public tool {
 protected:
  void SetUp() override {
    for (const std::string shell : {"bash", "zsh"})
      write_bytes(path("_" + shell), run({"completion", shell}).output);
  }

  /// Returns what is printed for a person who types this in that shell. A function replaces the
  /// tool and prints its arguments.
  std::string typed(const std::vector<std::string>& shell, const std::string& script,
                    const std::string& keys) {
    std::vector<std::string> command{"env", "PS1=> ", "TERM=dumb"};
    command.insert(command.end(), shell.begin(), shell.end());
    return run_on_terminal(
               command, folder_.path(),
               script + "\nbuntdb() { printf '<%s>' got \"$@\"; echo; }\n" + keys + "\n\x04")
        .output;
  }
};

TEST_F(tool_documents, completes_in_bash) {
  write_bytes(path("data.db"), "");
  const std::vector<std::string> bash{"bash", "--norc", "--noprofile", "-i"};
  EXPECT_THAT(typed(bash, ". ./_bash", "buntdb sess\tdata\tli\t--us\ttom"),
              HasSubstr("<got><sessions><data.db><list><--user><tom>"));
  EXPECT_THAT(typed(bash, ". ./_bash", "buntdb keys --limit 3 dat\t--rev\t"),
              HasSubstr("<got><keys><--limit><3><data.db><--reverse>"));
  EXPECT_THAT(typed(bash, ". ./_bash", "buntdb completion z\t"),
              HasSubstr("<got><completion><zsh>"));
}

TEST_F(tool_documents, completes_in_zsh) {
  if (run_program({"bash", "-c", "command -v zsh"}).status != 0) GTEST_SKIP() << "there is no zsh";
  write_bytes(path("data.db"), "");
  const std::string load = "autoload -U compinit; compinit -u -D; . ./_zsh";
  EXPECT_THAT(typed({"zsh", "-f", "-i"}, load, "buntdb sess\tdata\tli\t--us\ttom"),
              HasSubstr("<got><sessions><data.db><list><--user><tom>"));
}

TEST_F(tool_documents, knows_every_command) {
  const std::string bash = read_bytes(path("_bash"));
  const std::string zsh = read_bytes(path("_zsh"));
  const std::string manual = run({"man-page"}).output;
  for (const std::string command : {"get", "sessions", "watch", "completion", "compact"}) {
    EXPECT_THAT(bash, HasSubstr("\n    " + command + ")\n"));
    EXPECT_THAT(zsh, HasSubstr("'" + command + ":"));
    EXPECT_THAT(manual, HasSubstr(".SS " + command + "\n"));
  }
  EXPECT_THAT(manual, Not(HasSubstr(".SS man\\-page")));
  EXPECT_EQ(run({"completion", "fish"}).status, usage);
}

TEST_F(tool_documents, makes_a_manual_without_warnings) {
  if (run_program({"bash", "-c", "command -v groff"}).status != 0) GTEST_SKIP() << "no groff";
  write_bytes(path("buntdb.1"), run({"man-page"}).output);
  const result groff = run_program({"groff", "-man", "-Tutf8", "-ww", "buntdb.1"});
  EXPECT_EQ(groff.status, ok);
  EXPECT_EQ(groff.errors, "");
  EXPECT_THAT(groff.output, HasSubstr("buntdb shell app.db"));
}

TEST_F(tool, says_what_a_load_added_and_replaced) {
  make({{"a", "1"}, {"b", "2"}});
  {
    buntdb::database copy = buntdb::database::open(path("copy.db"));
    copy.set("b", "2");
    copy.set("c", "3");
    copy.close();
  }
  const json counts = run_json({"load", "app.db", "copy.db", "--json"});
  EXPECT_EQ(counts.at("items_before"), 2);
  EXPECT_EQ(counts.at("items_after"), 3);
  EXPECT_EQ(counts.at("added"), 1);
  EXPECT_EQ(counts.at("replaced"), 1);
  EXPECT_THAT(run({"load", "app.db", "copy.db"}).output, HasSubstr(": 0 added, 2 replaced\n"));
}

TEST_F(tool, leaves_the_old_copy_when_a_save_is_interrupted) {
  {
    buntdb::database db = buntdb::database::open(path(), {.sync = buntdb::sync_policy::never});
    buntdb::transaction tx = db.begin();
    for (int i = 0; i < 100'000; ++i)
      tx.set("key:" + std::to_string(i), std::string(100, 'v'));
    tx.commit();
    db.close();
  }
  write_bytes(path("copy.db"), "an older copy");
  process save({BUNTDB, "save", "app.db", "copy.db"}, folder_.path());
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (names().size() < 3 && save.running() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  save.send_signal(SIGINT);
  const int status = save.wait();
  EXPECT_THAT(names(), ElementsAre("app.db", "copy.db"));
  if (status == 128 + SIGINT) {
    EXPECT_EQ(read_bytes(path("copy.db")), "an older copy");
    EXPECT_THAT(save.errors(), HasSubstr("copy.db was not written"));
  } else {
    EXPECT_EQ(status, ok) << save.errors();  // it was faster than the signal
    EXPECT_EQ(run_json({"stats", "copy.db", "--json"}).at("items"), 100'000);
  }
}

}  // namespace
