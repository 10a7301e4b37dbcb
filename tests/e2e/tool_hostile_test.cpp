// Hostile data and names: the tool shows them without deceiving a terminal or a reader of logs.

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/marker.hpp"
#include "tool_fixture.hpp"

namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class tool_with_hostile_data : public tool {
 protected:
  /// Erases the screen, ends the line, contains an 8-bit control character, changes the direction
  /// of text, and is not UTF-8.
  const std::string hostile = "\x1b[2Jk\r\nx\u009b31m\u202e\u2066\\\xff";
  const std::string shown =
      "\\x1b[2Jk\\x0d\\x0ax\\xc2\\x9b31m\\xe2\\x80\\xae\\xe2\\x81\\xa6\\\\\\xff";
  /// The same without the last byte, which JSON cannot contain.
  const std::string hostile_text = "\x1b[2Jk\r\nx\u009b31m\u202e\u2066\\\x7f";

  static void expect_printable(const std::string& output) {
    for (const char c : output)
      EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t')
          << output;
    for (const char* special : {"\u009b", "\u202e", "\u2066", "\x7f"})
      EXPECT_THAT(output, Not(HasSubstr(special)));
  }
};

TEST_F(tool_with_hostile_data, shows_a_value_on_a_terminal_and_writes_it_into_a_pipe) {
  make({{"k", hostile}});
  const terminal_result got = run_at_terminal({"get", "app.db", "k"});
  EXPECT_EQ(got.status, ok);
  EXPECT_EQ(got.output, shown + "\r\n");
  EXPECT_EQ(run({"get", "app.db", "k"}).output, hostile);
  EXPECT_EQ(run({"get", "app.db", "k", "--raw"}).output, hostile);
  // The terminal turns a line end into two bytes. Everything else is unchanged.
  std::string raw = run_at_terminal({"get", "app.db", "k", "--raw"}).output;
  EXPECT_EQ(raw, "\x1b[2Jk\r\r\nx\u009b31m\u202e\u2066\\\xff");
}

TEST_F(tool_with_hostile_data, ends_a_value_with_a_line_on_a_terminal_only) {
  make({{"k", "v"}});
  EXPECT_EQ(run({"get", "app.db", "k"}).output, "v");
  EXPECT_EQ(run_at_terminal({"get", "app.db", "k"}).output, "v\r\n");
}

TEST_F(tool_with_hostile_data, lets_no_data_command_the_terminal) {
  make({{hostile, hostile}, {hostile_text, hostile_text}});
  EXPECT_THAT(run_at_terminal({"keys", "app.db"}).output, HasSubstr(shown + "\r\n"));
  EXPECT_THAT(run({"keys", "app.db"}).output, HasSubstr(hostile + "\n"));
  expect_printable(
      run_on_terminal({"env", "NO_COLOR=1", BUNTDB, "stats", "app.db"}, folder_.path()).output);
  for (const std::string command : {"keys", "dump", "ascend", "descend"}) {
    expect_printable(run_at_terminal({command, "app.db"}).output);
    expect_printable(run_at_terminal({command, "app.db", "--json"}).output);
    expect_printable(run({command, "app.db", "--json"}).output);
  }
  expect_printable(run_at_terminal({"get", "app.db", hostile_text, "--json"}).output);
  for (const char* how : {"", "--json"}) {
    std::vector<std::string> watch{"watch", "app.db", "--history", "--limit", "2"};
    if (*how != '\0') watch.emplace_back(how);
    watch.insert(watch.begin(), {"env", "NO_COLOR=1", BUNTDB});
    expect_printable(run_on_terminal(watch, folder_.path()).output);
  }
  EXPECT_EQ(run_json({"get", "app.db", hostile_text, "--json"}).at("value"), hostile_text);
  expect_printable(run({"get", "app.db", "\x1b[31m\u202e"}).errors);
}

TEST_F(tool_with_hostile_data, names_a_hostile_file_in_one_line) {
  std::ofstream(path("a\nbuntdb: app.db is fine \x1b[31m")) << "no database";
  const result got = run({"get", "a\nbuntdb: app.db is fine \x1b[31m", "k"});
  EXPECT_EQ(got.status, damaged);
  EXPECT_THAT(got.errors, StartsWith("buntdb: a\\x0abuntdb: app.db is fine \\x1b[31m is not a"));
  EXPECT_EQ(std::count(got.errors.begin(), got.errors.end(), '\n'), 1);
}

TEST_F(tool_with_hostile_data, shows_a_session_whose_values_nest_without_an_end) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string key = "h:" + std::string(43, 'A');
  make({{key, R"({"data":{"deep":)" + deep +
                  R"(,"flat":[[1]],"\u202e":1},"deadline":1900000000000000000})"}});
  const std::string id =
      nlohmann::json::parse(run({"sessions", "app.db", "list", "--json"}).output).at("id");
  for (const std::string how : {"--json", "--values"})
    EXPECT_EQ(run({"sessions", "app.db", "show", id, how}).status, ok);
  const result shown_values = run({"sessions", "app.db", "show", id, "--values", "--json"});
  EXPECT_EQ(shown_values.status, ok) << shown_values.errors;
  expect_printable(shown_values.output);
  const nlohmann::json data = nlohmann::json::parse(shown_values.output).at("data");
  EXPECT_EQ(data.at("deep").at("bytes"), deep.size());
  EXPECT_EQ(data.at("deep").at("json"), deep);
  EXPECT_EQ(data.at("flat").dump(), "[[1]]");
}

TEST_F(tool_with_hostile_data, plans_a_repair_of_markers_that_each_claim_the_rest_of_the_file) {
  // Computing the checksum of everything that each one claims would read forty gigabytes.
  constexpr std::size_t markers = 20'000;
  std::string bytes(markers * buntdb::log::marker_size, 'x');
  for (std::size_t i = 0; i < markers; ++i) {
    const std::size_t at = i * buntdb::log::marker_size;
    buntdb::log::write_marker({.at = at,
                               .number = i + 1,
                               .length = bytes.size() - at - buntdb::log::marker_size,
                               .synced = at,
                               .checksum = 1},
                              bytes.data() + at);
  }
  std::ofstream(path(), std::ios::binary) << bytes;
  EXPECT_EQ(run({"repair", "app.db", "--dry-run"}).status, damaged);
}

TEST_F(tool_with_hostile_data, leaves_backups_beside_the_file_alone) {
  make({{"k", "v"}});
  const std::string backup = path("app.db.compact-backup");
  std::filesystem::copy_file(path(), backup);
  EXPECT_EQ(run({"set", "app.db", "k", "w"}).status, ok);
  EXPECT_TRUE(std::filesystem::exists(backup));
}

TEST_F(tool_with_hostile_data, warns_of_a_file_that_everybody_may_read) {
  make({{"k", "v"}});
  std::filesystem::permissions(path(), std::filesystem::perms(0666));
  EXPECT_THAT(run({"set", "app.db", "k", "w"}).errors,
              HasSubstr("every user of this machine may read and write this file"));
}

}  // namespace
