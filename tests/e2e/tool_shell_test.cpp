// Tests indexes, orders, places, copies and the shell of the command line tool as a child process.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tool_fixture.hpp"

namespace {

using testing::AllOf;
using testing::HasSubstr;

class tool_shell : public tool {
 protected:
  tool_shell() {
    make({{"city:bern", "[7 47]"},
          {"city:rome", "[12 42]"},
          {"user:1", R"({"age":38})"},
          {"user:2", R"({"age":7})"}});
  }

  /// Returns the result of a script, whose lines are the shell's standard input.
  result script(const std::string& lines, const std::string& options = "") {
    buntstore::testing::write_bytes(path("script"), lines);
    return run_shell("\"$0\" shell app.db " + options + " < script");
  }
};

TEST_F(tool_shell, prints_items_in_an_order_within_bounds_and_writes_nothing) {
  const std::string bytes = buntstore::testing::read_bytes(path());
  EXPECT_EQ(run({"ascend", "app.db", "--at-least", "user:1"}).output,
            "user:1\t{\"age\":38}\nuser:2\t{\"age\":7}\n");
  EXPECT_EQ(run({"descend", "app.db", "--less-than", "city:rome"}).output, "city:bern\t[7 47]\n");
  EXPECT_EQ(run({"ascend", "app.db", "--by", "json:age", "--pattern", "user:*"}).output,
            "user:2\t{\"age\":7}\nuser:1\t{\"age\":38}\n");
  EXPECT_EQ(run({"ascend", "app.db", "--by", "json:age", "--pattern", "user:*", "--greater-than",
                 R"({"age":7})", "--json"})
                .output,
            "{\"key\":\"user:1\",\"value\":\"{\\\"age\\\":38}\"}\n");
  EXPECT_EQ(run({"descend", "app.db", "--by", "json:age", "--equal", R"({"age":7})"}).output,
            "user:2\t{\"age\":7}\n");
  EXPECT_EQ(run({"ascend", "app.db", "--equal="}).output, "");
  EXPECT_EQ(run({"ascend", "app.db", "--by", "nonsense"}).status, usage);
  EXPECT_EQ(run({"ascend", "app.db", "--index", "nope"}).status, finding);
  EXPECT_EQ(buntstore::testing::read_bytes(path()), bytes);
}

TEST_F(tool_shell, keeps_indexes_in_the_file) {
  EXPECT_EQ(
      run({"index", "app.db", "create", "ages", "--by", "json:age", "--pattern", "user:*"}).status,
      ok);
  EXPECT_EQ(run({"index", "app.db", "create", "cities", "--spatial"}).status, ok);
  EXPECT_EQ(run({"index", "app.db", "list"}).output,
            "ages --by json:age --pattern user:*\ncities --spatial\n");
  EXPECT_EQ(run({"descend", "app.db", "--index", "ages", "--limit", "1"}).output,
            "user:1\t{\"age\":38}\n");
  EXPECT_EQ(run({"nearby", "app.db", "[7 45]", "--index", "cities"}).output,
            "4\tcity:bern\t[7 47]\n34\tcity:rome\t[12 42]\n");
  EXPECT_EQ(run({"intersects", "app.db", "[6 46],[8 48]", "--index", "cities"}).output,
            "city:bern\t[7 47]\n");
  EXPECT_EQ(run({"index", "app.db", "create", "ages"}).status, usage);
  EXPECT_EQ(run({"index", "app.db", "drop", "ages"}).status, ok);
  EXPECT_EQ(run({"index", "app.db", "drop", "ages"}).status, finding);
  const buntdb::database db = buntdb::database::open(path());
  EXPECT_EQ(run({"index", "app.db", "list"}).output, "cities --spatial\n");
  EXPECT_EQ(run({"index", "app.db", "create", "x"}).status, locked);
}

TEST_F(tool_shell, saves_and_loads_a_copy_through_a_file_and_a_pipe) {
  EXPECT_THAT(run({"save", "app.db", "copy.db"}).output, HasSubstr("4 items saved"));
  EXPECT_EQ(run({"save", "app.db", "app.db"}).status, usage);
  EXPECT_EQ(run_shell(R"("$0" save app.db - | "$0" load new.db - --json)").status, ok);
  EXPECT_EQ(run({"dump", "new.db"}).output, run({"dump", "app.db"}).output);
  EXPECT_EQ(run({"dump", "copy.db"}).output, run({"dump", "app.db"}).output);
  buntstore::testing::write_bytes(path("junk"), "junk");
  EXPECT_EQ(run({"load", "new.db", "junk"}).status, damaged);
  EXPECT_EQ(run({"load", "none.db", "nope"}).status, failed);
}

TEST_F(tool_shell, runs_a_script_with_a_transaction_that_reads_its_own_changes) {
  const result got = script(
      "begin\nset k 'a b'\nget k\nrollback\ncount\nbegin\ndel user:1\n"
      "set \\x00 \"\\xff\" --ttl 1h\ncommit\nkeys\nget \\x00\n");
  EXPECT_EQ(got.status, ok) << got.errors;
  EXPECT_EQ(got.output, "a b\n4\n\\x00\ncity:bern\ncity:rome\nuser:2\n\\xff\n");
}

TEST_F(tool_shell, reads_and_sets_in_one_step) {
  const result got = script(
      "increment hits --ttl 1h\nincrement hits 41\nget-or-set a x\nget-or-set a y\n"
      "compare-and-set a x z\nset-if-absent b 1\nget a\nttl b\n");
  EXPECT_EQ(got.status, ok) << got.errors;
  EXPECT_EQ(got.output, "1\n42\nx\nx\nz\nforever\n");
  EXPECT_NE(run({"ttl", "app.db", "hits"}).output, "forever\n");
  EXPECT_EQ(script("set-if-absent b 2\n").status, finding);
  EXPECT_EQ(script("compare-and-set a x 2\n").status, finding);
  EXPECT_EQ(script("compare-and-set none x 2\n").status, finding);
  EXPECT_EQ(script("increment a\n").status, usage);
  EXPECT_EQ(script("get b\n").output, "1\n");
}

TEST_F(tool_shell, keeps_a_unique_index) {
  const result got = script(
      "index create mails --unique --compute-sort-keys --by json:mail --sparse --pattern 'm:*'\n"
      "set m:1 '{\"mail\":\"a@b\"}'\nset m:2 '{\"mail\":\"A@b\"}'\n");
  EXPECT_EQ(got.status, failed);
  EXPECT_THAT(got.errors, HasSubstr("'m:1'"));
  EXPECT_EQ(run({"index", "app.db", "list"}).output,
            "mails --by json:mail --pattern m:* --sparse --unique --compute-sort-keys\n");
}

TEST_F(tool_shell, ends_a_script_at_its_first_error_and_names_the_line) {
  const result stopped = script("set a 1\nnonsense\nset b 2\n");
  EXPECT_EQ(stopped.status, usage);
  EXPECT_THAT(stopped.errors, HasSubstr("line 2: there is no command nonsense"));
  EXPECT_EQ(run({"get", "app.db", "b"}).status, finding);
  EXPECT_EQ(script("nonsense\nset b 2\n", "--keep-going").status, usage);
  EXPECT_EQ(run({"get", "app.db", "b"}).status, ok);
  const result open = script("begin\ndel b\n");
  EXPECT_EQ(open.status, finding);
  EXPECT_THAT(open.errors, HasSubstr("rolled back"));
  EXPECT_EQ(run({"get", "app.db", "b"}).status, ok);
  EXPECT_EQ(script("clear\n").status, usage);
  EXPECT_EQ(script("set b 3\n", "--read-only").status, failed);
}

TEST_F(tool_shell, edits_completes_and_shows_the_transaction_at_a_terminal) {
  const std::string state = path("state");
  const terminal_result got =
      run_on_terminal({"env", "XDG_STATE_HOME=" + state, BUNTDB, "shell", "app.db"}, folder_.path(),
                      "beg\t\nset secret 1\nget user:\t1\nabandoned\x03get secret\n\x04");
  EXPECT_EQ(got.status, ok);
  EXPECT_THAT(got.output,
              AllOf(HasSubstr("app.db (transaction)> "), HasSubstr("{\"age\":38}"), HasSubstr("^C"),
                    HasSubstr("the open transaction was rolled back")));
  EXPECT_THAT(buntstore::testing::read_bytes(state + "/buntdb/history"),
              AllOf(HasSubstr("begin"), testing::Not(HasSubstr("set secret"))));
  EXPECT_EQ(run({"get", "app.db", "secret"}).status, finding);
}

}  // namespace
