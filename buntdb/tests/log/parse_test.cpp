#include "log/parse.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/limits.hpp>

namespace buntdb::log {
namespace {

using namespace std::string_literals;

parsed_command parse(std::string_view bytes) {
  return parse_command(bytes, window_end::end_of_file);
}

/// Returns "*N\r\n$L\r\narg\r\n…"
std::string resp(const std::vector<std::string>& arguments) {
  std::string out = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& each : arguments) {
    out += "$" + std::to_string(each.size()) + "\r\n" + each + "\r\n";
  }
  return out;
}

const std::vector<std::string>& one_of_each() {
  static const std::vector<std::string> commands = {
      resp({"set", "key", "value"}),
      resp({"set", "", ""}),
      resp({"set", "a\r\nb"s, "\0*3\r\n$3"s}),
      resp({"set", "key", "value", "ae", "4102444800"}),
      resp({"SeT", "key", "value", "Ex", "-5"}),
      resp({"DEL", "key"}),
      resp({"del", "\0bunt:x"s}),
      resp({"flushDB"}),
      "*0\r\n",
      "*02\r\n$03\r\ndel\r\n$001\r\na\r\n",
  };
  return commands;
}

// "*4" must be damaged like every longer beginning of such a command; "*4\r" must not wait for
// more. (fuzz_batch_parser finds such differences.)
TEST(parse, decides_once_and_for_all_that_no_command_has_four_arguments) {
  for (const std::string_view text : {"*4", "*4\r", "*4\r\n", "*004", "*004\r"}) {
    EXPECT_EQ(parse_command(text, window_end::more_follows).status, parse_status::damaged) << text;
  }
  EXPECT_EQ(parse_command("*00", window_end::more_follows).status, parse_status::needs_more);
}

TEST(parse, reads_each_command) {
  // The views in the result point into the input.
  std::string bytes = resp({"set", "k", "v"});
  parsed_command command = parse(bytes);
  EXPECT_EQ(command.status, parse_status::complete);
  EXPECT_EQ(command.kind, command_kind::set);
  EXPECT_EQ(command.key, "k");
  EXPECT_EQ(command.value, "v");

  bytes = resp({"del", "k"});
  command = parse(bytes);
  EXPECT_EQ(command.kind, command_kind::erase);
  EXPECT_EQ(command.key, "k");

  command = parse(resp({"set", "k", "v", "ae", "12"}));
  EXPECT_EQ(command.kind, command_kind::set_at);
  EXPECT_EQ(command.seconds, 12);
  command = parse(resp({"set", "k", "v", "EX", "-12"}));
  EXPECT_EQ(command.kind, command_kind::set_after);
  EXPECT_EQ(command.seconds, -12);
  EXPECT_EQ(parse(resp({"flushdb"})).kind, command_kind::clear);
  command = parse("*0\r\n");
  EXPECT_EQ(command.status, parse_status::complete);
  EXPECT_EQ(command.kind, command_kind::nothing);
}

TEST(parse, leaves_what_follows_the_command) {
  for (const std::string& command : one_of_each()) {
    EXPECT_EQ(parse(command + "garbage").status, parse_status::complete);
    EXPECT_EQ(parse(command + "garbage").size, command.size());
  }
}

TEST(parse, takes_every_beginning_of_a_command_for_one_that_is_cut_short) {
  for (const std::string& command : one_of_each()) {
    for (std::size_t size = 0; size < command.size(); ++size) {
      const std::string_view part = std::string_view(command).substr(0, size);
      const parsed_command cut = parse(part);
      ASSERT_EQ(cut.status, parse_status::cut_short) << command << " at " << size << cut.reason;
      const parsed_command more = parse_command(part, window_end::more_follows);
      ASSERT_EQ(more.status, parse_status::needs_more);
      // It asks for more bytes than there are, and never for more than the command has.
      ASSERT_GT(more.size, size);
      ASSERT_LE(more.size, command.size());
    }
  }
}

TEST(parse, calls_damaged_what_no_further_bytes_can_mend) {
  const std::vector<std::string> hopeless = {
      "hello",
      "+OK\r\n",
      "\0"s,
      "\r\n",
      "*-1",
      "*\r",
      "*+1\r\n",
      "* 1\r\n",
      "*2\n",
      "*2\rx",
      "*4",
      "*4\r\n",
      "*6",
      "*10",
      "*1000000000000000000\r\n",
      "*99999999999999999999999999\r\n",
      "*000000000000000000000000000002",
      "*2\r\n+",
      "*2\r\n$2",
      "*2\r\n$-1",
      "*2\r\n$4",
      "*2\r\n$3\r\ns",
      "*2\r\n$3\r\ndex",
      "*1\r\n$7\r\nflushdbs",
      "*1\r\n$7\r\nflushdb\n",
      "*3\r\n$3\r\ndel",
      "*3\r\n$x\r\nset\r\n",
      "*2\r\n$3\r\ndel\r\n$1\r\naX",
      "*2\r\n$3\r\ndel\r\n$536870913",
      "*2\r\n$3\r\ndel\r\n$1000000000000000000\r\n",
      "*3\r\n$3\r\nset\r\n$1\r\na\r\n$536870913",
      "*3\r\n$3\r\nset\r\n$6\r\n\0bunt:\r\n"s,
      "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\nb\r\n$2\r\npx",
      "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\nb\r\n$2\r\na\r",
      "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\nb\r\n$2\r\nae\r\n$0\r\n",
  };
  for (const std::string& bytes : hopeless) {
    const parsed_command command = parse(bytes);
    EXPECT_EQ(command.status, parse_status::damaged) << bytes;
    EXPECT_FALSE(command.reason.empty()) << bytes;
  }
}

TEST(parse, reads_seconds_as_the_original_does) {
  const auto seconds = [](const std::string& text) {
    return parse(resp({"set", "k", "v", "ae", text}));
  };
  EXPECT_EQ(seconds("+7").seconds, 7);
  EXPECT_EQ(seconds("-0").seconds, 0);
  EXPECT_EQ(seconds("0009").seconds, 9);
  EXPECT_EQ(seconds("9223372036854775807").seconds, INT64_MAX);
  EXPECT_EQ(seconds("-9223372036854775808").seconds, INT64_MIN);
  for (const char* bad : {"", "+", "-", "+-1", "--1", " 1", "1 ", "1.5", "0x1", "1_000", "abc",
                          "9223372036854775808", "-9223372036854775809"}) {
    EXPECT_EQ(seconds(bad).status, parse_status::damaged) << bad;
  }
}

TEST(parse, believes_a_large_length_only_up_to_the_limits) {
  const std::string header =
      "*3\r\n$3\r\nset\r\n$1\r\na\r\n$" + std::to_string(max_value_size) + "\r\n";
  const parsed_command command = parse_command(header, window_end::more_follows);
  EXPECT_EQ(command.status, parse_status::needs_more);
  EXPECT_EQ(command.size, header.size() + max_value_size + 2);
  EXPECT_EQ(parse(resp({"del", std::string(2 * max_key_size, 'k')})).status,
            parse_status::complete);
}

TEST(parse, never_reads_past_any_window) {
  // Each window is an allocation of exactly its size, so that AddressSanitizer detects reads past
  // its end.
  for (const std::string& command : one_of_each()) {
    for (std::size_t size = 0; size <= command.size(); ++size) {
      for (int byte = 0; byte < 256; byte += 5) {
        std::vector<char> window(command.begin(), command.begin() + static_cast<long>(size));
        if (size > 0) window[size - 1] = static_cast<char>(byte);
        const parsed_command result =
            parse_command({window.data(), window.size()}, window_end::end_of_file);
        ASSERT_TRUE(result.status != parse_status::complete || result.size <= size);
      }
    }
  }
}

}  // namespace
}  // namespace buntdb::log
