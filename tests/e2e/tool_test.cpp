// Tests the command line tool as a child process: its output and its exit codes.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "base64.hpp"
#include "jsonl.hpp"
#include "process.hpp"
#include "terminal.hpp"
#include "tool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using buntstore::testing::from_base64;
using buntstore::testing::read_bytes;
using buntstore::testing::write_bytes;
using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST_F(tool, stores_prints_and_deletes_a_value) {
  const result set = run({"set", "app.db", "greeting", "Hello world!"});
  EXPECT_EQ(set.status, ok) << set.errors;
  EXPECT_EQ(set.output + set.errors, "");
  EXPECT_EQ(run({"get", "app.db", "greeting"}).output, "Hello world!");
  EXPECT_EQ(run({"del", "app.db", "greeting"}).status, ok);
  const result get = run({"get", "app.db", "greeting"});
  EXPECT_EQ(get.status, finding);
  EXPECT_EQ(get.output, "");
  EXPECT_EQ(get.errors, "buntdb: app.db has no key 'greeting'\n");
}

TEST_F(tool, deletes_what_is_there_and_tells_what_was_not) {
  make({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  const result del = run({"del", "app.db", "a", "nope", "b", "--json"});
  EXPECT_EQ(del.status, finding);
  EXPECT_EQ(json::parse(del.output), json::parse(R"({"deleted":2,"absent":1})"));
  EXPECT_EQ(del.errors, "buntdb: app.db has no key 'nope'\n");
  EXPECT_EQ(run({"keys", "app.db"}).output, "c\n");
}

TEST_F(tool, takes_keys_and_values_that_look_like_options_lists_and_commands) {
  // CLI11 alone would split the first one, drop the second one, and interpret the others.
  const std::vector<std::string> names{"[a,b]", "[]", "{}", "++", "get", "%%", "=x", "", "a=b"};
  for (const std::string& name : names) {
    EXPECT_EQ(run({"set", "app.db", name, name}).status, ok) << name;
    EXPECT_EQ(run({"get", "app.db", name}).output, name);
  }
  EXPECT_EQ(run({"set", "app.db", "--", "--json", "-5"}).status, ok);
  EXPECT_EQ(run({"get", "app.db", "--", "--json"}).output, "-5");
  make({{"a", "1"}});
  EXPECT_EQ(run({"del", "app.db", "[a,b]"}).status, ok);
  EXPECT_EQ(run({"get", "app.db", "a"}).status, ok);
  EXPECT_EQ(run({"keys", "app.db", "--prefix={"}).output, "{}\n");
  EXPECT_EQ(run({"del", "app.db", "[]", "{}", "++", "get", "%%", "=x", "", "a=b"}).status, ok);
  EXPECT_EQ(run({"keys", "app.db"}).output, "--json\na\n");
}

TEST_F(tool, reads_a_value_of_any_bytes_from_standard_input) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i)
    bytes.push_back(static_cast<char>(i * 7));
  write_bytes(path("value"), bytes);
  EXPECT_EQ(run_shell(R"("$0" set app.db k - < value)").status, ok);
  EXPECT_EQ(run({"get", "app.db", "k"}).output, bytes);
  EXPECT_EQ(run_shell(R"(base64 < value | "$0" set app.db --base64 aw== -)").status, ok);
  EXPECT_EQ(run({"get", "app.db", "k"}).output, bytes);
}

TEST_F(tool, takes_and_prints_any_bytes_in_base64) {
  EXPECT_EQ(run({"set", "app.db", "--base64", "AP+A", "/w=="}).status, ok);
  EXPECT_EQ(run({"get", "app.db", "AP+A", "--base64"}).output, "/w==\n");
  EXPECT_EQ(run({"keys", "app.db", "--base64", "--prefix", "AP8="}).output, "AP+A\n");
  const json item = run_json({"dump", "app.db"});
  EXPECT_EQ(from_base64(item.at("key_base64").get<std::string>()), "\0\xff\x80"s);
  EXPECT_EQ(from_base64(item.at("value_base64").get<std::string>()), "\xff");
  EXPECT_EQ(run_json({"get", "app.db", "AP+A", "--base64", "--json"}).at("value_base64"), "/w==");
  EXPECT_EQ(run({"ttl", "app.db", "AP+A", "--base64"}).output, "forever\n");
  EXPECT_EQ(run({"del", "app.db", "AP+A", "--base64"}).status, ok);
  const result wrong = run({"get", "app.db", "--base64", "A"});
  EXPECT_EQ(wrong.status, usage);
  EXPECT_EQ(wrong.errors, "buntdb: KEY is not base64: 'A'\n");
}

TEST_F(tool, restores_what_it_has_dumped_exactly) {
  const std::string odd("\xff\0\n\"", 4);
  {
    buntdb::database db = buntdb::database::open(path());
    db.set("a", "1");
    db.set(odd, odd);
    db.set("", std::string(100'000, 'v'));
    db.set("mortal", "1", {.ttl = std::chrono::hours(1)});
    db.set("over", "1", {.ttl = std::chrono::hours(1)});
    db.close();
  }
  ASSERT_EQ(
      run_shell("$0 dump app.db > dump.jsonl && $0 dump app.db --base64 > base64.jsonl").status,
      ok);
  const auto without_ttl = [&](const std::string& line) {
    return run_shell(line + " | sed 's/\"ttl_ms\":[^,]*,//'").output;
  };
  const std::string before = without_ttl("$0 dump app.db");
  EXPECT_EQ(run({"restore", "copy.db", "dump.jsonl"}).output, "copy.db: 5 items restored\n");
  EXPECT_EQ(without_ttl("$0 dump copy.db"), before);
  EXPECT_EQ(run_shell("$0 restore second.db - --json < base64.jsonl").status, ok);
  EXPECT_EQ(without_ttl("$0 dump second.db"), before);
  // Restoring at another moment does not extend the life of an item, and expired items are not
  // restored.
  EXPECT_EQ(
      run_shell("sed 's/\"over\",\\(.*\\)_at_ms\":[0-9]*/\"over\",\\1_at_ms\":1000/' dump.jsonl |"
                " $0 restore copy.db -")
          .output,
      "copy.db: 4 items restored, 1 had expired\n");
  EXPECT_EQ(run({"get", "copy.db", "over"}).status, finding);
}

TEST_F(tool, restores_nothing_of_what_dump_cannot_have_printed) {
  make({{"a", "1"}});
  for (const char* line :
       {"nonsense", "{}", R"({"key":"b"})", R"({"key":"b","value":2})",
        R"({"key":"b","value_base64":"*"})", R"({"key":"b","value":"2","ttl_ms":"soon"})",
        R"({"key":"a","value":"2","ttl_ms":-1})",
        R"({"key":"a","value":"2","expires_at_ms":18446744073709551615})",
        R"({"key_base64":"AGJ1bnQ6","value":"2"})"}) {
    write_bytes(path("lines"), std::string(R"({"key":"a","value":"2"})") + "\n" + line + "\n");
    const result refused = run({"restore", "app.db", "lines"});
    EXPECT_EQ(refused.status, usage) << line;
    EXPECT_THAT(refused.errors, HasSubstr("nothing was restored")) << line;
    EXPECT_EQ(run({"get", "app.db", "a"}).output, "1");
  }
  EXPECT_EQ(run({"restore", "app.db", "absent"}).status, failed);
  EXPECT_EQ(run({"restore", "new.db", "absent"}).status, failed);
  EXPECT_FALSE(std::filesystem::exists(path("new.db")));
}

TEST_F(tool, dumps_json_lines_and_marks_what_is_not_utf8) {
  {
    buntdb::database db = buntdb::database::open(path());
    db.set("a", "Gr\xc3\xbc\xc3\x9f\n\"e\"\0"s);
    db.set("b", "\xc3", {.ttl = 1h});
    db.set("c", "\xed\xa0\x80");  // a surrogate
    db.set("d", "\xc0\x80");      // overlong
    db.set("e", "\xf4\x8f\xbf\xbf");
    db.close();
  }
  write_bytes(path("dump"), run({"dump", "app.db"}).output);
  const std::vector<json> lines = buntstore::testing::read_jsonl(path("dump"));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].at("value"), "Gr\xc3\xbc\xc3\x9f\n\"e\"\0"s);
  EXPECT_EQ(lines[0].at("ttl_ms"), nullptr);
  EXPECT_EQ(lines[1].at("value_base64"), "ww==");
  EXPECT_GT(lines[1].at("ttl_ms"), 3'500'000);
  EXPECT_LE(lines[1].at("ttl_ms"), 3'600'000);
  EXPECT_TRUE(lines[2].contains("value_base64"));
  EXPECT_TRUE(lines[3].contains("value_base64"));
  EXPECT_EQ(lines[4].at("value"), "\xf4\x8f\xbf\xbf");
}

TEST_F(tool, lists_the_keys_of_a_range) {
  make({{"a", ""}, {"b:1", ""}, {"b:2", ""}, {"b:3", ""}, {"c", ""}, {"\xff\xff", ""}});
  EXPECT_EQ(run({"keys", "app.db", "--prefix", "b:"}).output, "b:1\nb:2\nb:3\n");
  EXPECT_EQ(run({"keys", "app.db", "--from", "b:2", "--to", "c"}).output, "b:2\nb:3\n");
  EXPECT_EQ(run({"keys", "app.db", "--prefix", "b:", "--from", "b:2"}).output, "b:2\nb:3\n");
  EXPECT_EQ(run({"keys", "app.db", "--prefix", "b:", "--to", "b:2"}).output, "b:1\n");
  EXPECT_EQ(run({"keys", "app.db", "--prefix", "b", "--reverse", "--limit", "2"}).output,
            "b:3\nb:2\n");
  EXPECT_EQ(run({"keys", "app.db", "--prefix", "\xff"}).output, "\xff\xff\n");
  EXPECT_EQ(run({"keys", "app.db", "--limit", "0"}).output, "");
  EXPECT_EQ(run_json({"keys", "app.db", "--json", "--limit", "1"}).at("key"), "a");
  EXPECT_EQ(run_json({"dump", "app.db", "--prefix", "c", "--json"}).at("key"), "c");
}

TEST_F(tool, keeps_a_time_to_live_and_tells_what_is_left_of_it) {
  const auto left = [&](const std::string& time) {
    EXPECT_EQ(run({"set", "app.db", "k", "v", "--ttl", time}).status, ok) << time;
    return run_json({"ttl", "app.db", "k", "--json"}).at("ttl_ms").get<std::int64_t>() / 60'000;
  };
  EXPECT_EQ(left("7d"), 7 * 24 * 60 - 1);
  EXPECT_EQ(left("24h"), 24 * 60 - 1);
  EXPECT_EQ(left("1h30m"), 89);
  EXPECT_EQ(left("3600s"), 59);
  EXPECT_EQ(left("3600000ms"), 59);
  EXPECT_THAT(run({"ttl", "app.db", "k"}).output, testing::MatchesRegex("3[0-9]+\\.[0-9]{3}\n"));
  EXPECT_GT(run_json({"get", "app.db", "k", "--json"}).at("ttl_ms"), 3'000'000);
  EXPECT_EQ(run({"set", "app.db", "k", "v"}).status, ok);
  EXPECT_EQ(run({"ttl", "app.db", "k"}).output, "forever\n");
  EXPECT_EQ(run({"ttl", "app.db", "nope"}).status, finding);
  EXPECT_EQ(run({"ttl", "app.db", "nope", "--json"}).output, "null\n");
}

TEST_F(tool, keeps_a_moment_of_expiry) {
  const auto expiry = [&](const std::string& moment) {
    const result set = run({"set", "app.db", "k", "v", "--expires-at", moment});
    EXPECT_EQ(set.status, ok) << set.errors;
    return run_json({"ttl", "app.db", "k", "--json"}).at("expires_at");
  };
  EXPECT_EQ(expiry("2100-02-28T23:59:59Z"), "2100-02-28T23:59:59Z");
  EXPECT_EQ(expiry("2100-03-01T01:30:00.9+02:00"), "2100-02-28T23:30:00Z");
  EXPECT_EQ(expiry("4102444800"), "2100-01-01T00:00:00Z");
  EXPECT_EQ(expiry("4102444800.75"), "2100-01-01T00:00:00Z");
}

TEST_F(tool, refuses_times_that_it_does_not_understand_and_stores_nothing) {
  for (const std::string time : {"", "5", "0s", "-5s", "5 s", "s", "1x", "1h30", "9999999d"}) {
    EXPECT_EQ(run({"set", "app.db", "k", "v", "--ttl=" + time}).status, usage) << time;
  }
  for (const std::string moment :
       {"", "2100-02-29T00:00:00Z", "2100-01-01", "2100-01-01T00:00:00", "2100-01-01T24:00:00Z",
        "99999999999999", "1999-01-01T00:00:00Z", "12", "tomorrow", "4102444800.",
        "2100-01-01T00:00:00+0200", "2100-01-01T00:00:00Zx"}) {
    EXPECT_EQ(run({"set", "app.db", "k", "v", "--expires-at=" + moment}).status, usage) << moment;
  }
  EXPECT_EQ(run({"set", "app.db", "k", "v", "--ttl=1h", "--expires-at=4102444800"}).status, usage);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(tool, explains_a_wrong_command_line_and_exits_with_2) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"nope"},
      {"--nope"},
      {"get"},
      {"get", "app.db"},
      {"get", "", "k"},
      {"get", "app.db", "k", "more"},
      {"get", "app.db", "k", "--limit", "1"},
      {"keys", "app.db", "--limit", "many"},
      {"keys", "app.db", "--limit=-1"},
      {"set", "app.db", "k"},
      {"set", "app.db", "\1k", "v", "--base64"},
      {"del", "app.db"},
  };
  make({});
  for (const auto& arguments : wrong) {
    const result got = run(arguments);
    EXPECT_EQ(got.status, usage) << testing::PrintToString(arguments);
    EXPECT_THAT(got.errors, AllOf(StartsWith("buntdb: "), EndsWith("\n")));
    EXPECT_EQ(std::count(got.errors.begin(), got.errors.end(), '\n'), 1) << got.errors;
    EXPECT_EQ(got.output, "");
  }
  EXPECT_THAT(run({"get", "app.db", "k", "more"}).errors, HasSubstr("not expected: more (see"));
}

TEST_F(tool, refuses_what_the_database_does_not_store) {
  const result reserved = run({"set", "app.db", "--base64", "AGJ1bnQ6eA==", "YQ=="});
  EXPECT_EQ(reserved.status, usage);
  EXPECT_THAT(reserved.errors, HasSubstr("reserved"));
  EXPECT_EQ(run({"set", "app.db", std::string(65'536, 'k'), "v"}).status, usage);
}

TEST_F(tool, documents_every_command_and_the_exit_codes) {
  const result help = run({"--help"});
  EXPECT_EQ(help.status, ok);
  EXPECT_THAT(help.output, AllOf(HasSubstr("Exit codes:"), HasSubstr("another process")));
  for (const std::string command :
       {"get",     "set",     "del",        "ttl",   "keys",     "dump",  "ascend",
        "descend", "nearby",  "intersects", "index", "save",     "load",  "check",
        "repair",  "compact", "stats",      "shell", "sessions", "watch", "completion"}) {
    EXPECT_THAT(help.output, HasSubstr("\n  " + command + " "));
    const result own = run({command, "--help"});
    EXPECT_EQ(own.status, ok);
    EXPECT_THAT(own.output, HasSubstr("Examples:\n  buntdb " + command)) << own.output;
    EXPECT_EQ(own.errors, "");
  }
  EXPECT_THAT(run({"--version"}).output, StartsWith("buntdb "));
}

// The layout does not depend on CLI11's version.
TEST_F(tool, lays_out_its_help_itself) {
  EXPECT_EQ(run({"compact", "--help"}).output,
            R"(Write the file anew, without what has been overwritten, deleted and expired
Usage: buntdb compact [OPTIONS] FILE

Positionals:
  FILE REQUIRED               the database

Options:
  -h, --help                  Print this help message and exit
  --via file|socket           which way to go; without it, the socket if a server listens there
  --json                      print a JSON object: bytes_before, bytes_after

The new file takes the old one's place when it is on disk; until then, and if it fails or is
interrupted, the old one stays. A file that another process has open is compacted by that process,
which is asked through its control socket; without one, exit code 3. A very small file may grow by
the checksums that the new one has.

Examples:
  buntdb compact app.db
  buntdb compact app.db --json
)");
  EXPECT_THAT(run({"set", "--help"}).output,
              AllOf(HasSubstr("Usage: buntdb set [OPTIONS] FILE KEY VALUE\n"),
                    HasSubstr("\n  --expires-at MOMENT Excludes: --ttl\n"
                              "                              until when: ")));
  EXPECT_THAT(run({"del", "--help"}).output, HasSubstr("FILE KEY...\n"));
  EXPECT_THAT(run({"completion", "--help"}).output, HasSubstr("\n  SHELL bash|zsh REQUIRED "));
  EXPECT_THAT(run({"--help"}).output,
              AllOf(StartsWith("Looks into buntdb database files, and changes them.\n"
                               "Usage: buntdb [OPTIONS] COMMAND\n\nOptions:\n  -h, --help  "),
                    HasSubstr("\n\nCommands:\n  get         "),
                    HasSubstr("\n\nIf another process has the database open and offers")));
}

// A file in use

TEST_F(tool, reads_a_file_that_another_process_has_open) {
  buntdb::database db = buntdb::database::open(path());
  db.set("k", "v");
  EXPECT_EQ(run({"get", "app.db", "k"}).output, "v");
  EXPECT_EQ(run({"keys", "app.db"}).output, "k\n");
  EXPECT_EQ(run({"ttl", "app.db", "k"}).status, ok);
  EXPECT_EQ(run_json({"dump", "app.db"}).at("value"), "v");
  EXPECT_EQ(run_json({"stats", "app.db", "--json"}).at("open_in_process"), getpid());
  const json check = run_json({"check", "app.db", "--json"});
  EXPECT_EQ(check.at("verdict"), "fine");
  EXPECT_EQ(check.at("open_in_process"), getpid());
  db.set("k", "w");
  EXPECT_EQ(run({"get", "app.db", "k"}).output, "w");
}

TEST_F(tool, names_the_process_that_has_the_file_open_and_exits_with_3) {
  const buntdb::database db = buntdb::database::open(path());
  const std::vector<std::vector<std::string>> writing{{"set", "app.db", "k", "v"},
                                                      {"del", "app.db", "k"},
                                                      {"repair", "app.db"},
                                                      {"compact", "app.db"}};
  for (const auto& arguments : writing) {
    const result got = run(arguments);
    EXPECT_EQ(got.status, locked);
    EXPECT_THAT(got.errors, AllOf(StartsWith("buntdb: app.db"),
                                  HasSubstr("process " + std::to_string(getpid()))));
  }
}

// Files that do not exist, or are not readable

TEST_F(tool, creates_no_file_unless_it_sets_a_value) {
  const std::vector<std::vector<std::string>> commands{
      {"get", "app.db", "k"}, {"del", "app.db", "k"},
      {"ttl", "app.db", "k"}, {"keys", "app.db"},
      {"dump", "app.db"},     {"check", "app.db"},
      {"compact", "app.db"},  {"stats", "app.db"},
      {"repair", "app.db"},   {"repair", "app.db", "--dry-run"}};
  for (const auto& arguments : commands) {
    const result got = run(arguments);
    EXPECT_EQ(got.status, failed) << arguments[0];
    EXPECT_THAT(got.errors, AllOf(StartsWith("buntdb: cannot open app.db"),
                                  EndsWith(": No such file or directory\n")));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(tool, says_that_a_folder_is_one) {
  const std::vector<std::vector<std::string>> commands{{"get", ".", "k"}, {"set", ".", "k", "v"},
                                                       {"check", "."},    {"repair", "."},
                                                       {"compact", "."},  {"stats", "."}};
  for (const auto& arguments : commands) {
    const result got = run(arguments);
    EXPECT_EQ(got.status, failed);
    EXPECT_THAT(got.errors, HasSubstr("folder"));
  }
}

TEST_F(tool, says_that_a_device_is_no_database) {
  EXPECT_EQ(run({"check", "/dev/null"}).status, damaged);
  EXPECT_EQ(run({"keys", "/dev/null"}).status, damaged);
}

TEST_F(tool, reads_in_a_folder_that_it_may_not_write_to) {
  make({{"k", "v"}});
  using std::filesystem::perms;
  permissions(folder_.path(), perms(0755));
  permissions(std::filesystem::path(path()), perms(0644));
  // Root may do anything, so the test uses another user then.
  std::vector<std::string> as_other;
  if (geteuid() == 0) {
    as_other = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  } else {
    permissions(folder_.path(), perms(0555));
    permissions(std::filesystem::path(path()), perms(0444));
  }
  const auto run_as_other = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> all = as_other;
    all.emplace_back(BUNTDB);
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all);
  };
  // The helper's own output files are made before.
  const result refused = run_as_other({"set", "app.db", "k", "w"});
  if (geteuid() != 0) permissions(folder_.path(), perms(0755));
  EXPECT_EQ(refused.status, failed);
  EXPECT_THAT(refused.errors, HasSubstr("Permission denied"));
  const result get = run_as_other({"get", "app.db", "k"});
  EXPECT_EQ(get.output, "v") << get.errors;
  EXPECT_EQ(run_as_other({"check", "app.db"}).status, ok);
}

// Where the output goes

TEST_F(tool, ends_quietly_when_nobody_reads_on) {
  {
    buntdb::database db = buntdb::database::open(path());
    buntdb::transaction tx = db.begin();
    for (int i = 0; i < 20'000; ++i)
      tx.set("key:" + std::to_string(i), "value");
    tx.commit();
    db.close();
  }
  const result got = run_shell(R"(set -o pipefail; "$0" dump app.db | head -1)");
  EXPECT_EQ(got.status, ok);
  EXPECT_EQ(json::parse(got.output).at("key"), "key:0");
  EXPECT_EQ(got.errors, "");
}

TEST_F(tool, reports_output_that_could_not_be_written) {
  make({{"k", "v"}});
  const result full = run_shell(R"("$0" get app.db k > /dev/full)");
  EXPECT_EQ(full.status, failed);
  EXPECT_EQ(full.errors, "buntdb: cannot write the output: No space left on device\n");
  EXPECT_EQ(run_shell(R"("$0" --help > /dev/full)").status, failed);
}

TEST_F(tool, never_writes_its_output_into_the_database) {
  // Without a standard output the next file that is opened would get its number.
  make({{"k", "v"}});
  const std::string bytes = read_bytes(path());
  const result closed = run_shell(R"("$0" get app.db k >&-)");
  EXPECT_EQ(closed.status, failed);
  EXPECT_EQ(run_shell(R"("$0" compact app.db >&- 2>&- <&-)").status, failed);
  EXPECT_EQ(run({"get", "app.db", "k"}).output, "v");
  EXPECT_EQ(run({"check", "app.db"}).status, ok);
}

// A terminal

TEST_F(tool, draws_progress_on_a_terminal_for_what_takes_long) {
  make({{"k", "v"}});
  const auto errors_of = [&](const std::string& command) {
    return run_on_terminal({"bash", "-c", command, BUNTDB}, folder_.path()).output;
  };
  EXPECT_EQ(errors_of(R"("$0" dump app.db > out)"), "");
  const std::string at_once = "BUNTDB_PROGRESS_AFTER_MS=0 ";
  EXPECT_THAT(errors_of(at_once + R"("$0" dump app.db > out)"),
              AllOf(HasSubstr("Loading app.db"), HasSubstr("Dumping app.db ["),
                    HasSubstr("% of 1 items"), EndsWith("\r\x1b[K")));
  EXPECT_THAT(errors_of(at_once + R"("$0" compact app.db)"), HasSubstr("Writing app.db ["));
  EXPECT_THAT(errors_of(at_once + R"("$0" check app.db)"), HasSubstr("Checking app.db"));
  // If the lines go to the terminal, too, a bar would appear among them.
  EXPECT_THAT(errors_of(at_once + R"("$0" dump app.db)"), Not(HasSubstr("Dumping")));
  const result piped = run_shell(R"(BUNTDB_PROGRESS_AFTER_MS=0 "$0" dump app.db)");
  EXPECT_EQ(piped.errors, "");
}

}  // namespace
