// Payloads exchanged in both directions between Go's encoding/gob and gob_codec.

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <buntstore/internal/base64.hpp>
#include <scs/gob_codec.hpp>
#include <scs/payload_codec.hpp>
#include <scs/value.hpp>

#include "gob/gob_samples.hpp"
#include "temporary_folder.hpp"

namespace {

using lines = std::vector<std::string>;

/// Runs the program in go/ and returns its output. The input is passed in a file.
lines peer(const std::string& arguments, const lines& input = {}) {
  const buntstore::testing::temporary_folder folder;
  const std::string file = folder.file("input");
  {
    std::ofstream out{file};
    for (const std::string& line : input)
      out << line << '\n';
  }
  const std::string command = BUNTSTORE_GO_PEER " " + arguments + " < " + file;
  lines output;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << command;
    return output;
  }
  std::string text;
  std::array<char, 4096> some;
  for (std::size_t size; (size = std::fread(some.data(), 1, some.size(), pipe)) != 0;)
    text.append(some.data(), size);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    output.push_back(line);
  return output;
}

struct go_session {
  std::string name{};
  std::string payload{};
  /// Go's description of the payload.
  std::string description{};
};

std::vector<go_session> written_by_go(const std::string& arguments) {
  std::vector<go_session> sessions;
  for (const std::string& line : peer(arguments)) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    sessions.push_back({line.substr(0, first),
                        test::from_base64(line.substr(first + 1, second - first - 1)),
                        line.substr(second + 1)});
  }
  EXPECT_FALSE(sessions.empty());
  return sessions;
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  buntstore::base64::append_padded(text, bytes);
  return text;
}

/// Returns Go's descriptions of payloads.
lines read_by_go(const std::string& arguments, const lines& payloads) {
  lines encoded;
  for (const std::string& each : payloads)
    encoded.push_back(to_base64(each));
  lines read = peer(arguments, encoded);
  EXPECT_EQ(read.size(), payloads.size());
  read.resize(payloads.size());
  return read;
}

const scs::gob_codec gob;

/// Returns the same session, written by gob_codec from its parts.
std::string rewritten(const std::string& payload) {
  EXPECT_EQ(gob.encode(gob.decode(payload)), payload);
  scs::payload more = gob.decode(payload);
  more.data.push_back({"zz", "1"});
  const std::string longer = gob.encode(more);
  scs::payload less = gob.decode(longer);
  EXPECT_EQ(less.data.back().key, "zz");
  less.data.pop_back();
  return gob.encode(less);
}

void go_finds_what_it_wrote(const std::string& writing, const std::string& reading) {
  lines payloads;
  lines expected;
  for (const go_session& session : written_by_go(writing)) {
    payloads.push_back(rewritten(session.payload));
    expected.push_back(session.description);
  }
  EXPECT_EQ(read_by_go(reading, payloads), expected);
}

TEST(go_peer, finds_every_type_and_value_of_its_own_after_we_have_written_the_session) {
  go_finds_what_it_wrote("write", "read");
}

TEST(go_peer, finds_them_also_where_types_have_other_numbers) {
  go_finds_what_it_wrote("write later", "read");
  go_finds_what_it_wrote("write", "read later");
}

TEST(go_peer, reads_the_types_of_what_this_program_sets) {
  const scs::gob_codec asked{{.types = {{"bytes", "[]byte"},
                                        {"counts", "map[string]int"},
                                        {"int", "int"},
                                        {"seen", "time.Time"},
                                        {"single", "float32"},
                                        {"small", "int8"},
                                        {"ttl", "time.Duration"},
                                        {"whole", "float64"}}}};
  scs::payload contents;
  contents.deadline = scs::time_point{std::chrono::nanoseconds{1767323045678901234}};
  const std::map<std::string, std::string> values{
      {"big", "18446744073709551615"},
      {"bool", "true"},
      {"bytes", R"("AP8=")"},
      {"counts", R"({"a":-1})"},
      {"float", "2.5"},
      {"int", "42"},
      {"int64", "-42"},
      {"list", R"([1,"x",null,{"a":[]}])"},
      {"nothing", "null"},
      {"numbers", "[1,2.5]"},
      {"seen", scs::value_traits<scs::time_point>::to_json(contents.deadline)},
      {"single", "0.1"},
      {"small", "-128"},
      {"string", R"("h\u00e9\u0000")"},
      {"texts", R"(["a","b"])"},
      {"ttl", "90000000000"},
      {"whole", "2"}};
  for (const auto& [key, json] : values)
    contents.data.push_back({key, json});
  EXPECT_EQ(
      read_by_go("read", {asked.encode(contents)}),
      (lines{
          "2026-01-02T03:04:05.678901234Z map[string]interface {}{"
          R"(string "big": uint64 18446744073709551615, string "bool": bool true, )"
          R"(string "bytes": []uint8{uint8 0, uint8 255}, )"
          R"(string "counts": map[string]int{string "a": int -1}, string "float": float64 2.5, )"
          R"(string "int": int 42, string "int64": int64 -42, )"
          R"(string "list": []interface {}{int64 1, string "x", nil, )"
          R"(map[string]interface {}{string "a": []string{}}}, string "nothing": nil, )"
          R"(string "numbers": []float64{float64 1, float64 2.5}, )"
          R"(string "seen": time.Time 2026-01-02T03:04:05.678901234Z, )"
          R"(string "single": float32 0.1, string "small": int8 -128, )"
          R"(string "string": string "hé\x00", string "texts": []string{string "a", string "b"}, )"
          R"(string "ttl": time.Duration 1m30s, string "whole": float64 2})"}));
}

TEST(go_peer, reads_what_was_changed_in_its_own_values) {
  for (const go_session& session : written_by_go("write")) {
    if (session.name != "registered") continue;
    scs::payload contents = gob.decode(session.payload);
    std::string user;
    std::string map;
    for (scs::payload::member& each : contents.data) {
      nlohmann::json value = nlohmann::json::parse(each.json);
      if (each.key == "user") {
        value["Name"] = "Tom";
        value["Any"][1] = true;
        value["Home"]["Town"] = "";
        each.json = user = value.dump();
      } else if (each.key == "map") {
        value["b"][1] = "y";
        each.json = map = value.dump();
      }
    }
    std::string expected = session.description;
    const auto replace = [&](std::string_view from, std::string_view to) {
      const std::size_t at = expected.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      expected.replace(at, from.size(), to);
    };
    replace(R"(Name: string "Zoë")", R"(Name: string "Tom")");
    replace(R"(string "x", nil, main.Level 2)", R"(string "x", bool true, main.Level 2)");
    replace(R"(Town: string "Bree"}, Scores)", R"(Town: string ""}, Scores)");
    replace(R"(nil, string "x", map[string]string)", R"(nil, string "y", map[string]string)");
    EXPECT_EQ(read_by_go("read", {gob.encode(contents)}), lines{expected});
  }
}

TEST(go_peer, reads_a_tombstone_as_an_empty_session_and_a_users_session_with_the_user) {
  scs::payload tombstone;
  tombstone.moved_to = "h:abc";
  scs::payload of_tom;
  of_tom.user = "tom";
  of_tom.renewed_from = "h:old";
  EXPECT_EQ(read_by_go("read", {gob.encode(tombstone), gob.encode(of_tom)}),
            (lines{"1970-01-01T00:00:00Z map[string]interface {}{}",
                   "1970-01-01T00:00:00Z map[string]interface {}{"
                   R"(string "__scs.user": string "tom"})"}));
}

TEST(go_peer, with_the_json_codec_of_the_guide_writes_what_json_codec_writes) {
  const scs::json_codec codec;
  lines payloads;
  lines ours;
  for (const go_session& session : written_by_go("write_json")) {
    payloads.push_back(session.payload);
    ours.push_back(codec.encode(codec.decode(session.payload)));
  }
  EXPECT_EQ(ours, payloads);
  const lines read = read_by_go("read_json", ours);
  for (const std::string& each : read)
    EXPECT_TRUE(each.starts_with("2026-01-02T03:04:05.678901234Z ")) << each;
  // It is not of the types that Go's typed getters expect.
  EXPECT_EQ(read_by_go("read_json", {R"({"data":{"n":9007199254740993},"deadline":5,"user":"t"})"}),
            (lines{"1970-01-01T00:00:00.000000005Z map[string]interface {}{"
                   R"(string "n": json.Number "9007199254740993"})"}));
}

}  // namespace
