// `buntdb sessions FILE export` and `import`, with files and real servers.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <buntdb/database.hpp>
#include <scs/gob_codec.hpp>
#include <scs/scs.hpp>
#include <scs/store/watermark.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/postgres.hpp>
#include <scs/stores/redis.hpp>

#include "certificates.hpp"
#include "jsonl.hpp"
#include "postgres_server.hpp"
#include "redis_server.hpp"
#include "tool_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using buntstore::testing::read_bytes;
using buntstore::testing::write_bytes;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct kept {
  std::string payload;
  std::string user;
  scs::time_point expiry;
};
using all_kept = std::map<std::string, kept>;

all_kept all_of(scs::store& store) {
  all_kept found;
  store.for_each([&](const scs::session_id& id, const scs::record& record) {
    // The tool's note about a run.
    if (record.payload.find("buntdb_transfer") != std::string::npos) return scs::visit::next;
    found[std::string{id.text()}] = {record.payload, record.user, record.expiry};
    return scs::visit::next;
  });
  return found;
}

void expect_the_same(const all_kept& found, const all_kept& wanted,
                     std::chrono::nanoseconds rounding) {
  ASSERT_EQ(found.size(), wanted.size());
  for (const auto& [id, record] : wanted) {
    const auto same = found.find(id);
    ASSERT_NE(same, found.end()) << id;
    EXPECT_EQ(same->second.payload, record.payload);
    EXPECT_EQ(same->second.user, record.user);
    EXPECT_LE(same->second.expiry, record.expiry);
    EXPECT_LT(record.expiry - same->second.expiry, rounding);
  }
}

test::redis_server& shared_redis() {
  static test::redis_server server;
  return server;
}

class tool_transfer : public tool {
 protected:
  using change = std::function<void(scs::store&)>;

  void with_store(const std::string& file, const change& work, const std::string& prefix = "") {
    buntdb::database db = buntdb::database::open(path(file));
    scs::stores::bunt store(db, {.prefix = prefix});
    work(store);
    db.close();
  }

  all_kept all_in(const std::string& file, const std::string& prefix = "") {
    all_kept found;
    with_store(
        file, [&](scs::store& store) { found = all_of(store); }, prefix);
    return found;
  }

  static std::string json(const std::string& user, const std::string& data) {
    return R"({"data":)" + data + R"(,"deadline":4000000000000000000)" +
           (user.empty() ? "" : R"(,"user":")" + user + '"') + "}";
  }

  static void put(scs::store& store, const std::string& id, const std::string& payload,
                  const std::string& user, std::chrono::nanoseconds life) {
    store.commit(scs::session_id::from_text(id), payload, scs::clock::system().now() + life,
                 std::nullopt, user);
  }

  /// Makes sessions of all kinds.
  void make_sessions() {
    with_store("app.db", [](scs::store& store) {
      put(store, hashed('1'), json("tom", R"({"n":7,"text":"\u00e4 \\ \"x\""})"), "tom", 1h);
      put(store, hashed('2'), json("", "{}"), "", 48h);
      put(store, hashed('3'), std::string("\0gob\xff\n\x01", 7), "t\u00f6m \"x\"", 3h);
      put(store, hashed('4'), "", "", 100h);
      put(store, std::string(scs::watermark_id("tom").text()),
          R"({"data":{},"deadline":4000000000000000000,"revoked_until":5})", "", 5h);
      put(store, std::string(scs::watermark_id(std::string(200, 'x')).text()),
          R"({"data":{},"deadline":4000000000000000000,"revoked_until":6})", "", 6h);
    });
  }

  static std::string hashed(char filling) { return "h:" + std::string(43, filling); }
};

TEST_F(tool_transfer, carries_sessions_through_a_file_that_only_its_owner_reads) {
  make_sessions();
  const result written = run({"sessions", "app.db", "export", "out.jsonl"});
  EXPECT_EQ(written.status, ok) << written.errors;
  EXPECT_EQ(written.output, "out.jsonl: 4 sessions and 2 records of revocations exported\n");
  EXPECT_EQ(written.errors, "");
  struct stat status {};
  ASSERT_EQ(::stat(path("out.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const result taken_in = run({"sessions", "new.db", "import", "out.jsonl"});
  EXPECT_EQ(taken_in.status, ok) << taken_in.errors;
  EXPECT_EQ(taken_in.output, "new.db: 4 sessions and 2 records of revocations imported: 6 added\n");
  expect_the_same(all_in("new.db"), all_in("app.db"), 1s);
  EXPECT_THAT(names(), testing::ElementsAre("app.db", "new.db", "out.jsonl"));
}

TEST_F(tool_transfer, carries_sessions_through_a_pipe) {
  make_sessions();
  const result piped =
      run_shell(R"("$0" sessions app.db export - | "$0" sessions new.db import - --json)");
  EXPECT_EQ(piped.status, ok);
  EXPECT_THAT(piped.output, HasSubstr(R"("sessions":4,"revocations":2,"tokens":0,"added":6)"));
  expect_the_same(all_in("new.db"), all_in("app.db"), 1s);
  const terminal_result shown = run_at_terminal({"sessions", "app.db", "export", "-"});
  EXPECT_THAT(shown.output, AllOf(HasSubstr("not for a terminal"), Not(HasSubstr("h:"))));
}

TEST_F(tool_transfer, brings_back_nothing_when_it_is_repeated) {
  make_sessions();
  run({"sessions", "app.db", "export", "out.jsonl"});
  run({"sessions", "new.db", "import", "out.jsonl"});
  with_store("new.db", [](scs::store& store) {
    EXPECT_TRUE(store.erase(scs::session_id::from_text(hashed('1'))));
  });
  const result again = run({"sessions", "new.db", "import", "out.jsonl"});
  EXPECT_EQ(again.status, ok);
  EXPECT_THAT(again.errors, HasSubstr("imported before"));
  EXPECT_FALSE(all_in("new.db").contains(hashed('1')));
  EXPECT_EQ(run({"sessions", "new.db", "import", "out.jsonl", "--again"}).output,
            "new.db: 4 sessions and 2 records of revocations imported: 1 added, 5 there already\n");
  EXPECT_TRUE(all_in("new.db").contains(hashed('1')));
}

TEST_F(tool_transfer, goes_on_where_a_run_was_interrupted_and_keeps_what_is_there) {
  make_sessions();
  run({"sessions", "app.db", "export", "out.jsonl"});
  run({"sessions", "new.db", "import", "out.jsonl"});
  // As after a run that was killed: the note says that it has begun.
  with_store("new.db", [](scs::store& store) {
    store.for_each([&](const scs::session_id& id, const scs::record& record) {
      const std::size_t at = record.payload.find("\"complete\"");
      if (at == std::string::npos) return scs::visit::next;
      std::string begun = record.payload;
      store.commit(id, begun.replace(at, 10, "\"begun\""), record.expiry, record.revision, "");
      return scs::visit::next;
    });
    store.erase(scs::session_id::from_text(hashed('1')));
    const auto changed = scs::session_id::from_text(hashed('2'));
    store.commit(changed, json("", R"({"newer":1})"), scs::clock::system().now() + 1h,
                 store.find(changed)->revision, "");
  });
  EXPECT_EQ(run({"sessions", "new.db", "import", "out.jsonl"}).output,
            "new.db: 4 sessions and 2 records of revocations imported: 1 added, 4 there already, "
            "1 there with another content, which was kept; an earlier run had not come to its "
            "end\n");
  EXPECT_EQ(all_in("new.db")[hashed('2')].payload, json("", R"({"newer":1})"));
}

TEST_F(tool_transfer, warns_of_tokens_and_makes_hashes_of_them) {
  const scs::token token = scs::token::generate();
  const std::string text{token.text()};
  with_store("app.db", [&](scs::store& store) { put(store, text, json("", "{}"), "", 1h); });
  const result written = run({"sessions", "app.db", "export", "out.jsonl"});
  EXPECT_EQ(written.status, ok);
  EXPECT_THAT(written.errors,
              AllOf(HasSubstr("1 of 1 ids are tokens"), HasSubstr("0600"), Not(HasSubstr(text))));
  const result hashed = run({"sessions", "app.db", "export", "hashed.jsonl", "--hash-ids"});
  EXPECT_EQ(hashed.errors, "");
  EXPECT_THAT(read_bytes(path("hashed.jsonl")), Not(HasSubstr(text)));
  run({"sessions", "new.db", "import", "hashed.jsonl"});
  EXPECT_TRUE(all_in("new.db").contains(std::string{token.id().text()}));
}

TEST_F(tool_transfer, refuses_a_file_that_is_damaged_anywhere) {
  with_store("app.db", [](scs::store& store) {
    put(store, hashed('1'), json("tom", "{}"), "tom", 1h);
    put(store, hashed('2'), json("tom", "{}"), "tom", 1h);
  });
  run({"sessions", "app.db", "export", "out.jsonl"});
  const std::string whole = read_bytes(path("out.jsonl"));
  const auto refused = [&](const std::string& bytes, const std::string& what) {
    write_bytes(path("bad.jsonl"), bytes);
    const result ended = run({"sessions", "new.db", "import", "bad.jsonl"});
    EXPECT_EQ(ended.status, damaged) << what << ended.output;
    EXPECT_THAT(ended.errors, HasSubstr("bad.jsonl, line ")) << what;
  };
  std::vector<std::size_t> begins{0};
  for (std::size_t at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1))
    begins.push_back(at + 1);
  ASSERT_EQ(begins.size(), 5U);
  for (std::size_t at = 0; at < whole.size(); at += 37) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    refused(changed, "byte " + std::to_string(at));
    refused(whole.substr(0, at), "cut at " + std::to_string(at));
  }
  const auto line = [&](std::size_t n) {
    return whole.substr(begins[n], begins[n + 1] - begins[n]);
  };
  refused(line(0) + line(2) + line(3), "a line is missing");
  refused(line(0) + line(2) + line(1) + line(3), "two lines have changed places");
  refused(line(0) + line(1) + line(1) + line(2) + line(3), "a line is there twice");
  refused(whole + "x", "something follows");
  refused("", "an empty file");
  refused("SET a b\n", "another file");
  EXPECT_THAT(names(), Not(testing::Contains("new.db")));
  std::string later = line(0);
  later.replace(later.find("\"version\":1"), 11, "\"version\":2");
  write_bytes(path("bad.jsonl"), later);
  EXPECT_THAT(run({"sessions", "new.db", "import", "bad.jsonl"}).errors, HasSubstr("line 1"));
}

TEST_F(tool_transfer, asks_for_the_prefix_only_where_there_are_several) {
  const auto add = [](scs::store& store) { put(store, hashed('1'), json("", "{}"), "", 1h); };
  with_store("app.db", add, "web:");
  EXPECT_EQ(run({"sessions", "app.db", "export", "out.jsonl"}).status, ok);
  with_store("app.db", add, "");
  const result several = run({"sessions", "app.db", "export", "out.jsonl"});
  EXPECT_EQ(several.status, usage);
  EXPECT_THAT(several.errors, HasSubstr("prefixes '', 'web:': say which with --prefix"));
  EXPECT_EQ(run({"sessions", "new.db", "import", "out.jsonl", "--prefix", "x:"}).status, ok);
  EXPECT_EQ(all_in("new.db", "x:").size(), 1U);
}

TEST_F(tool_transfer, refuses_what_it_cannot_do) {
  make_sessions();
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& why) {
    const result ended = run(arguments);
    EXPECT_EQ(ended.status, usage) << why;
    EXPECT_THAT(ended.errors, HasSubstr(why));
  };
  refused({"sessions", "app.db", "export"}, "takes one target");
  refused({"sessions", "app.db", "import", "a", "b"}, "takes one source");
  refused({"sessions", "app.db", "export", "out", "--user", "tom"}, "takes no --user");
  refused({"sessions", "app.db", "export", "app.db"}, "is the database itself");
  refused({"sessions", "app.db", "export", "/dev/null"}, "no plain file");
  refused({"sessions", "app.db", "export", "redis://127.0.0.1?tls_ca_file=x"}, "no option");
  refused({"sessions", "app.db", "export", "redis://:secret@127.0.0.1?tables=x"}, "no option");
  refused({"sessions", "app.db", "list", "--again"}, "export and import");
  EXPECT_EQ(run({"sessions", "no.db", "export", "out"}).status, failed);
  EXPECT_EQ(run({"sessions", "new.db", "import", "no.jsonl"}).status, failed);
  EXPECT_EQ(names(), std::vector<std::string>{"app.db"});
}

TEST_F(tool_transfer, leaves_a_move_that_is_under_way_alone) {
  with_store("app.db", [](scs::store& store) {
    put(store, hashed('1'), "\2scs-moved:0123456789abcdefghijkl:0:{}", "", 1h);
  });
  const result ended = run({"sessions", "app.db", "export", "out.jsonl"});
  EXPECT_EQ(ended.status, failed);
  EXPECT_THAT(ended.errors, HasSubstr("move_rest()"));
  EXPECT_EQ(names(), std::vector<std::string>{"app.db"});
  const result half = run(
      {"sessions", "app.db", "export", "redis://" + shared_redis().address() + "/0?prefix=half:"});
  EXPECT_EQ(half.status, failed);
  EXPECT_THAT(half.errors, AllOf(HasSubstr("a part may be there"), HasSubstr("move_rest()")));
}

TEST_F(tool_transfer, shows_how_far_it_is) {
  make_sessions();
  const std::string line = R"(BUNTDB_PROGRESS_AFTER_MS=0 "$0" sessions app.db export out.jsonl)";
  const terminal_result shown = run_on_terminal({"bash", "-c", line, BUNTDB}, folder_.path());
  EXPECT_THAT(shown.output, HasSubstr("Exporting app.db"));
}

// --- servers ---

std::string redis_url(const std::string& options) {
  return "redis://" + shared_redis().address() + "/0?" + options;
}

TEST_F(tool_transfer, carries_sessions_over_tls_to_a_server_that_is_believed) {
  make_sessions();
  test::certificate_authority authority;
  const test::redis_server server{{}, authority.issue("IP:127.0.0.1")};
  const std::string url = "rediss://" + server.address() + "/0";
  EXPECT_THAT(run({"sessions", "app.db", "export", url}).errors,
              HasSubstr("its certificate is not accepted"));
  const result exported =
      run({"sessions", "app.db", "export", url + "?tls_ca_file=" + authority.file()});
  EXPECT_EQ(exported.status, ok) << exported.errors;
  EXPECT_NE(server.command({"DBSIZE"}), "0");
}

TEST_F(tool_transfer, carries_sessions_to_redis_and_back) {
  make_sessions();
  const std::string url = redis_url("prefix=one:");
  const result there = run({"sessions", "app.db", "export", url});
  EXPECT_EQ(there.status, ok) << there.errors;
  EXPECT_THAT(there.output, HasSubstr("exported: 6 added"));
  scs::stores::redis store({.servers = {shared_redis().address()}, .key_prefix = "one:"});
  expect_the_same(all_of(store), all_in("app.db"), 1ms);
  std::size_t toms = 0;
  store.for_each_of_user("tom", [&](const scs::session_id&, const scs::record&) {
    ++toms;
    return scs::visit::next;
  });
  EXPECT_EQ(toms, 1U);
  const result again = run({"sessions", "app.db", "export", url});
  EXPECT_EQ(again.status, finding);
  EXPECT_THAT(again.errors, HasSubstr("Nothing was done"));
  const result back = run({"sessions", "new.db", "import", url});
  EXPECT_EQ(back.status, ok) << back.errors;
  expect_the_same(all_in("new.db"), all_in("app.db"), 1s + 1ms);
}

TEST_F(tool_transfer, carries_sessions_to_postgresql_and_back) {
  make_sessions();
  const std::string url =
      "postgresql://app@127.0.0.1:" + std::to_string(test::shared_postgres().port()) +
      "/postgres?table=carried";
  const result there = run({"sessions", "app.db", "export", url});
  EXPECT_EQ(there.status, ok) << there.errors;
  scs::stores::postgres store(
      {.connection = test::shared_postgres().conninfo(), .table = "carried", .clean_every = 0ms});
  expect_the_same(all_of(store), all_in("app.db"), 1ns);
  const result back = run({"sessions", "new.db", "import", url});
  EXPECT_EQ(back.status, ok) << back.errors;
  expect_the_same(all_in("new.db"), all_in("app.db"), 1s);
  EXPECT_EQ(run({"sessions", "new.db", "import", url + "x"}).status, failed) << "no such table";
}

/// Returns a session in the format that Go's SCS v2 writes by default.
std::string gob_payload() {
  const scs::gob_codec codec;
  scs::payload contents;
  contents.deadline = scs::clock::system().now() + 1h;
  contents.data.push_back({"n", "7"});
  return codec.encode(contents);
}

TEST_F(tool_transfer, takes_over_the_records_of_go) {
  const scs::token token = scs::token::generate();
  const std::string text{token.text()};
  const std::string payload = gob_payload();
  const auto expiry = std::chrono::duration_cast<std::chrono::milliseconds>(
      (scs::clock::system().now() + 1h).time_since_epoch());
  const std::string key = "scs:session:" + text;
  shared_redis().command({"SET", key, payload});
  shared_redis().command({"PEXPIREAT", key, std::to_string(expiry.count())});
  const result from_redis =
      run({"sessions", "redis.db", "import", redis_url("records=scs_v2"), "--hash-ids"});
  EXPECT_EQ(from_redis.status, ok) << from_redis.errors;
  const all_kept wanted{{std::string{token.id().text()}, {payload, "", scs::time_point{expiry}}}};
  expect_the_same(all_in("redis.db"), wanted, 1s);

  test::shared_postgres().sql(
      "CREATE TABLE go_sessions (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ "
      "NOT NULL)");
  std::string hex;
  for (const char c : payload) {
    constexpr const char* digits = "0123456789abcdef";
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  test::shared_postgres().sql("INSERT INTO go_sessions VALUES ('" + text + "', '\\x" + hex +
                              "', to_timestamp(" + std::to_string(expiry.count()) + " / 1000.0))");
  const result from_postgres =
      run({"sessions", "postgres.db", "import",
           "postgresql://app@127.0.0.1:" + std::to_string(test::shared_postgres().port()) +
               "/postgres?table=go_sessions&records=scs_v2",
           "--hash-ids"});
  EXPECT_EQ(from_postgres.status, ok) << from_postgres.errors;
  expect_the_same(all_in("postgres.db"), wanted, 1s);
}

}  // namespace
