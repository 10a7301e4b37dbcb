// The command line tool with complete, torn and damaged files: check, repair, compact, stats.

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

#include <buntdb/database.hpp>

#include "jsonl.hpp"
#include "process.hpp"
#include "terminal.hpp"
#include "tool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using buntstore::testing::read_bytes;
using buntstore::testing::write_bytes;
using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Check, and damage

TEST_F(tool, finds_a_closed_file_fine_and_sealed) {
  make({{"a", "1"}, {"b", "2"}});
  const json found = run_json({"check", "app.db", "--json"});
  EXPECT_EQ(found.at("verdict"), "fine");
  EXPECT_EQ(found.at("reason"), nullptr);
  EXPECT_EQ(found.at("batches"), 2);
  EXPECT_EQ(found.at("commands"), 2);
  EXPECT_EQ(found.at("sealed"), true);
  EXPECT_EQ(found.at("has_markers"), true);
  EXPECT_EQ(found.at("good_bytes"), std::filesystem::file_size(path()));
  const result text = run({"check", "app.db"});
  EXPECT_EQ(text.status, ok);
  EXPECT_THAT(text.output, AllOf(StartsWith("app.db: fine\n"), HasSubstr("sealed    yes")));
}

TEST_F(tool, tells_of_nul_tails_relative_expiries_and_missing_checksums) {
  write_bytes(path("nul"), reference_file("nul_tail"));
  EXPECT_GT(run_json({"check", "nul", "--json"}).at("nul_tail_bytes"), 4000);
  write_bytes(path("ex"), reference_file("ex_relative"));
  const json relative = run_json({"check", "ex", "--json"});
  EXPECT_EQ(relative.at("has_relative_expiries"), true);
  EXPECT_EQ(relative.at("has_markers"), false);
  EXPECT_EQ(relative.at("sealed"), false);
  EXPECT_THAT(run({"check", "ex"}).output, HasSubstr("without checksums, as BuntDB writes them"));
  write_bytes(path("empty"), "");
  EXPECT_THAT(run({"check", "empty"}).output, HasSubstr("an empty file"));
}

TEST_F(tool, judges_the_originals_files_as_an_open_does_and_leaves_them_alone) {
  int fine = 0;
  int cut = 0;
  int refused = 0;
  for (const json& row : buntstore::testing::read_reference("aof/expect.jsonl")) {
    const std::string name = row.at("case");
    // Every 16th of the torn ones, because each takes a process.
    const bool torn = name.starts_with("torn_");
    if (torn && std::stoul(name.substr(5)) % 16 != 3) continue;
    SCOPED_TRACE(name);
    const std::string bytes =
        torn ? reference_file("basic").substr(0, std::stoul(name.substr(5))) : reference_file(name);
    write_bytes(path(), bytes);
    const result check = run({"check", "app.db", "--json"});
    const json found = json::parse(check.output);
    EXPECT_EQ(read_bytes(path()), bytes);
    EXPECT_THAT(names(), testing::ElementsAre("app.db"));
    const result keys = run({"keys", "app.db"});
    EXPECT_EQ(read_bytes(path()), bytes);
    if (found.at("verdict") == "refuse") {
      ++refused;
      EXPECT_EQ(check.status, damaged);
      EXPECT_EQ(keys.status, damaged);
      EXPECT_THAT(found.at("reason").get<std::string>(), HasSubstr("app.db"));
      EXPECT_EQ(run({"set", "app.db", "k", "v"}).status, damaged);
      EXPECT_EQ(read_bytes(path()), bytes);
      continue;
    }
    EXPECT_TRUE(row.at("err").is_null());
    EXPECT_EQ(found.at("good_bytes").get<std::uint64_t>() +
                  found.at("nul_tail_bytes").get<std::uint64_t>(),
              row.at("size_after_open"));
    EXPECT_EQ(keys.status, ok);
    const bool is_cut = found.at("verdict") == "cut";
    EXPECT_EQ(check.status, is_cut ? finding : ok);
    EXPECT_EQ(found.at("damage_offset").is_null(), !is_cut);
    EXPECT_EQ(keys.errors.empty(), !is_cut) << keys.errors;
    ++(is_cut ? cut : fine);
  }
  EXPECT_GT(fine, 5);
  EXPECT_GT(cut, 10);
  EXPECT_EQ(refused, 12);
}

TEST_F(tool, tells_of_a_torn_batch_and_shows_where_an_earlier_cut_is_kept) {
  {
    buntdb::database db =
        buntdb::database::open(path("live"), {.sync = buntdb::sync_policy::never});
    db.set("a", "1");
    db.set("b", "2");
    const std::string bytes = read_bytes(path("live"));
    write_bytes(path(), bytes.substr(0, bytes.size() - 3));
    db.close();
  }
  const result torn = run({"check", "app.db"});
  EXPECT_EQ(torn.status, finding);
  EXPECT_THAT(torn.output, AllOf(StartsWith("app.db: torn at its end"),
                                 HasSubstr("the file ends inside batch"), HasSubstr(".cut-")));
  const result get = run({"get", "app.db", "a"});
  EXPECT_EQ(get.output, "1");
  EXPECT_THAT(get.errors, StartsWith("buntdb: warning: app.db is damaged at offset"));

  const result set = run({"set", "app.db", "c", "3"});
  EXPECT_EQ(set.status, ok);
  EXPECT_THAT(set.errors, HasSubstr("kept in app.db.cut-"));
  const json found = run_json({"check", "app.db", "--json"});
  EXPECT_EQ(found.at("verdict"), "fine");
  ASSERT_EQ(found.at("kept_aside").size(), 1U);
  EXPECT_THAT(found.at("kept_aside")[0].get<std::string>(), StartsWith("app.db.cut-"));
}

TEST_F(tool, refuses_a_file_whose_checksum_is_wrong) {
  make({{"a", "first value"}, {"b", "second value"}});
  std::string bytes = read_bytes(path());
  bytes[bytes.find("first value")] ^= 1;
  write_bytes(path(), bytes);
  const result check = run({"check", "app.db"});
  EXPECT_EQ(check.status, damaged);
  EXPECT_THAT(check.output, AllOf(StartsWith("app.db: damaged"), HasSubstr("checksum of batch")));
  const json found = run_json({"check", "app.db", "--json"});
  EXPECT_EQ(found.at("verdict"), "refuse");
  for (const std::string command : {"keys", "dump", "stats", "compact"}) {
    const result got = run({command, "app.db"});
    EXPECT_EQ(got.status, damaged) << command;
    EXPECT_THAT(got.errors, HasSubstr("checksum of batch"));
  }
  EXPECT_EQ(read_bytes(path()), bytes);
}

// Repair

TEST_F(tool, repairs_a_file_with_a_wrong_checksum_and_says_what_it_kept_and_lost) {
  make({{"a", "first value"}, {"b", "second value"}, {"c", "third value"}});
  std::string bytes = read_bytes(path());
  bytes[bytes.find("second value")] ^= 1;
  write_bytes(path(), bytes);
  EXPECT_THAT(run({"check", "app.db"}).output, HasSubstr("`buntdb repair` saves what can be"));

  const result foreseen = run({"repair", "app.db", "--dry-run"});
  EXPECT_EQ(foreseen.status, finding);
  EXPECT_THAT(foreseen.output,
              AllOf(StartsWith("app.db: damaged; a repair would do this"),
                    HasSubstr("2 batches with 2 commands"), HasSubstr("the checksum of batch")));
  EXPECT_EQ(run_json({"repair", "app.db", "--dry-run", "--json"}).at("bytes_after"), nullptr);
  EXPECT_EQ(read_bytes(path()), bytes);
  EXPECT_THAT(names(), testing::ElementsAre("app.db"));

  const json done = run_json({"repair", "app.db", "--json"});
  EXPECT_EQ(done.at("outcome"), "rebuilt");
  EXPECT_EQ(done.at("kept_batches"), 2);
  EXPECT_EQ(done.at("kept_commands"), 2);
  EXPECT_EQ(done.at("doubtful_commands"), 0);
  EXPECT_EQ(done.at("bytes_before"), bytes.size());
  EXPECT_EQ(done.at("bytes_after"), std::filesystem::file_size(path()));
  const std::size_t offset = done.at("pieces")[1].at("offset");
  EXPECT_EQ(done.at("pieces")[1].at("kind"), "lost");
  EXPECT_THAT(done.at("pieces")[1].at("why").get<std::string>(), HasSubstr("checksum of batch"));
  EXPECT_EQ(done.at("lost_bytes"), done.at("pieces")[1].at("size"));
  EXPECT_EQ(done.at("aside"), "app.db.damaged-" + std::to_string(offset));
  EXPECT_EQ(read_bytes(path("app.db.damaged-" + std::to_string(offset))), bytes.substr(offset));

  EXPECT_EQ(run({"keys", "app.db"}).output, "a\nc\n");
  const result check = run({"check", "app.db"});
  EXPECT_EQ(check.status, ok);
  EXPECT_THAT(check.output, HasSubstr("app.db.damaged-" + std::to_string(offset)));
  const result again = run({"repair", "app.db"});
  EXPECT_EQ(again.status, ok);
  EXPECT_EQ(again.output, "app.db: nothing is wrong with it; it was not touched\n");
}

TEST_F(tool, prints_which_changes_were_in_what_a_repair_dropped) {
  make({{"kept", "1"}, {"lost", "second value"}});
  {
    buntdb::database db = buntdb::database::open(path());
    db.erase("kept");
    db.set("last", "3");
    db.close();
  }
  std::string bytes = read_bytes(path());
  bytes[bytes.find("second value")] ^= 1;
  write_bytes(path(), bytes);
  EXPECT_THAT(run({"get", "app.db", "last"}).errors, HasSubstr("`buntdb repair app.db`"));
  const result plan = run({"repair", "app.db", "--dry-run"});
  EXPECT_THAT(plan.output, HasSubstr("  dropped   1 change, as far as they can be read:\n"
                                     "              set lost\n"));
  const json repaired = run_json({"repair", "app.db", "--json"});
  ASSERT_EQ(repaired.at("lost_changes").size(), 1U);
  EXPECT_EQ(repaired.at("lost_changes")[0].at("kind"), "set");
  EXPECT_EQ(repaired.at("lost_changes")[0].at("key"), "lost");
  EXPECT_EQ(repaired.at("lost_changes_not_listed"), 0);
  EXPECT_EQ(run({"get", "app.db", "last"}).output, "3");
}

TEST_F(tool, tells_of_a_file_whose_line_ends_were_converted) {
  std::string bytes = reference_file("basic");
  std::erase(bytes, '\r');
  write_bytes(path(), bytes);
  EXPECT_THAT(run({"get", "app.db", "a"}).errors, HasSubstr("Its line ends were converted"));
}

TEST_F(tool, repairs_every_file_of_the_original_that_it_refuses_or_leaves_it_alone) {
  int repaired = 0;
  int hopeless = 0;
  for (const json& row : buntstore::testing::read_reference("aof/expect.jsonl")) {
    const std::string name = row.at("case");
    if (name.starts_with("torn_")) continue;
    SCOPED_TRACE(name);
    const std::string bytes = reference_file(name);
    write_bytes(path(), bytes);
    if (run({"check", "app.db"}).status != damaged) continue;
    const result repair = run({"repair", "app.db"});
    if (repair.status == damaged) {
      ++hopeless;
      EXPECT_THAT(repair.errors, HasSubstr("Nothing in the file can be saved"));
      EXPECT_EQ(read_bytes(path()), bytes);
      continue;
    }
    ++repaired;
    EXPECT_EQ(repair.status, finding);
    EXPECT_THAT(repair.output, AllOf(StartsWith("app.db: repaired"), HasSubstr("  aside ")));
    EXPECT_EQ(run({"check", "app.db"}).status, ok);
  }
  EXPECT_GE(repaired, 1);  // most are a single broken command
  EXPECT_EQ(repaired + hopeless, 12);
}

TEST_F(tool, repairs_a_torn_end_as_an_open_does) {
  make({{"a", "1"}});
  const std::string bytes = read_bytes(path());
  write_bytes(path(), bytes + "*3\r\n$3\r\nse");
  EXPECT_THAT(run({"repair", "app.db", "--dry-run"}).output, HasSubstr("as an open does"));
  const result repair = run({"repair", "app.db"});
  EXPECT_EQ(repair.status, finding);
  EXPECT_THAT(repair.output, HasSubstr("its torn end was cut off"));
  EXPECT_EQ(read_bytes(path()), bytes);
  EXPECT_EQ(read_bytes(path("app.db.cut-" + std::to_string(bytes.size()))), "*3\r\n$3\r\nse");
}

// Compact and stats

TEST_F(tool, compacts_a_file_and_says_by_how_much) {
  {
    buntdb::database db = buntdb::database::open(path());
    for (int i = 0; i < 100; ++i)
      db.set("k", std::string(1000, 'v'));
    db.close();
  }
  const std::uint64_t before = std::filesystem::file_size(path());
  const json stats = run_json({"stats", "app.db", "--json"});
  EXPECT_EQ(stats.at("items"), 1);
  EXPECT_EQ(stats.at("file_bytes"), before);
  EXPECT_GT(stats.at("dead_bytes"), 90'000);
  EXPECT_EQ(stats.at("open_in_process"), nullptr);
  EXPECT_TRUE(stats.contains("reserved_bytes"));
  EXPECT_THAT(run({"stats", "app.db"}).output, AllOf(HasSubstr("reserved"), HasSubstr("dead")));
  const json compacted = run_json({"compact", "app.db", "--json"});
  EXPECT_EQ(compacted.at("bytes_before"), before);
  EXPECT_LT(compacted.at("bytes_after"), 2000);
  EXPECT_EQ(run({"get", "app.db", "k"}).output, std::string(1000, 'v'));
  EXPECT_THAT(run({"compact", "app.db"}).output,
              AllOf(StartsWith("app.db: "), HasSubstr(" before, "), EndsWith(" after\n")));
  EXPECT_EQ(run({"shrink", "app.db"}).status, ok);  // BuntDB's name for it
  EXPECT_THAT(names(), testing::ElementsAre("app.db"));
}

TEST_F(tool, leaves_a_whole_file_and_nothing_else_when_a_compaction_is_interrupted) {
  {
    buntdb::database db = buntdb::database::open(path(), {.sync = buntdb::sync_policy::never});
    buntdb::transaction tx = db.begin();
    for (int i = 0; i < 200'000; ++i)
      tx.set("key:" + std::to_string(i), std::string(100, 'v'));
    tx.commit();
    db.close();
  }
  process compact({BUNTDB, "compact", "app.db"}, folder_.path());
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (names().size() < 2 && compact.running() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  compact.send_signal(SIGINT);
  const int status = compact.wait();
  EXPECT_TRUE(status == 128 + SIGINT || status == ok) << status << compact.errors();
  EXPECT_THAT(names(), testing::ElementsAre("app.db"));
  EXPECT_EQ(run_json({"stats", "app.db", "--json"}).at("items"), 200'000);
  EXPECT_EQ(run({"check", "app.db"}).status, ok);
}

}  // namespace
