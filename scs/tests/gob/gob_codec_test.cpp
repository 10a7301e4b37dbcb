#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <scs/error.hpp>
#include <scs/gob_codec.hpp>

#include "gob/gob_decoder.hpp"
#include "gob/gob_samples.hpp"

namespace {

using nlohmann::json;
using test::gob_decoder;

const scs::gob_codec codec;

json data_of(const scs::payload& contents) {
  json data = json::object();
  for (const scs::payload::member& each : contents.data)
    data[std::string{each.key}] = json::parse(each.json);
  return data;
}

std::string rewritten(std::string_view text) {
  return codec.encode(codec.decode(text));
}

/// Puts a value as a session does.
void put(scs::payload& contents, std::string_view key, std::string_view value) {
  for (scs::payload::member& each : contents.data) {
    if (each.key == key) {
      each.json = value;
      return;
    }
  }
  auto place = contents.data.begin();
  while (place != contents.data.end() && place->key < key)
    ++place;
  contents.data.insert(place, {key, value});
}

std::string with(std::string_view text, std::string_view key, std::string_view value,
                 const scs::gob_codec& by = codec) {
  scs::payload contents = by.decode(text);
  put(contents, key, value);
  return by.encode(contents);
}

/// Writes a new session with one value and returns the Go type and the value, as gob_decoder reads
/// them.
json written(std::string_view value, const scs::gob_codec& by = codec) {
  scs::payload contents;
  put(contents, "k", value);
  const std::string text = by.encode(contents);
  EXPECT_EQ(json::parse(by.decode(text).data.at(0).json), json::parse(value)) << value;
  return gob_decoder::decode(text)["Values"]["k"];
}

json text_bytes(std::string_view text) {
  json bytes = json::array();
  for (const char c : text)
    bytes.push_back(static_cast<unsigned char>(c));
  return bytes;
}

TEST(gob_codec, reads_what_go_wrote) {
  for (const test::gob_sample& sample : test::gob_samples()) {
    const scs::payload contents = codec.decode(sample.payload);
    json expected = sample.data;
    if (expected.contains("__rememberMe")) {
      EXPECT_EQ(contents.remember_me, expected["__rememberMe"].get<bool>());
      expected.erase("__rememberMe");
    }
    EXPECT_EQ(data_of(contents), expected) << sample.name;
    if (sample.deadline.is_null()) {
      EXPECT_EQ(contents.deadline, scs::time_point::min()) << sample.name;
    } else {
      EXPECT_EQ(contents.deadline.time_since_epoch().count(), sample.deadline.get<std::int64_t>())
          << sample.name;
    }
  }
}

TEST(gob_codec, writes_back_byte_for_byte_what_nobody_changed) {
  for (const test::gob_sample& sample : test::gob_samples())
    EXPECT_EQ(rewritten(sample.payload), sample.payload) << sample.name;
}

TEST(gob_codec, keeps_types_and_values_of_what_nobody_changed_when_something_else_changes) {
  for (const test::gob_sample& sample : test::gob_samples()) {
    json expected = gob_decoder::decode(sample.payload);
    const std::string once = with(sample.payload, "another", "[1,{\"a\":true}]");
    const std::string twice = with(once, "another", "\"text\"");
    expected["Values"]["another"] = {{"type", "string"}, {"value", text_bytes("text")}};
    EXPECT_EQ(gob_decoder::decode(twice), expected) << sample.name;
    // Types that are not used any more are dropped.
    EXPECT_LE(twice.size(), sample.payload.size() + 40) << sample.name;
  }
}

TEST(gob_codec, keeps_what_has_not_changed_inside_of_what_has) {
  json before = gob_decoder::decode(test::gob_sample_payload("17-deep"));
  json& deep = before["Values"]["deep"]["value"];
  const std::string text = test::gob_sample_payload("17-deep");
  json changed = json::parse(codec.decode(text).data.at(0).json);
  changed["n"] = 300;
  changed["list"][1] = "last";
  changed["cart"]["Total"] = 2;
  changed["cart"]["Paid"] = false;
  const json after = gob_decoder::decode(with(text, "deep", changed.dump()));
  deep["n"]["value"] = 300;
  deep["list"]["value"][1]["value"] = text_bytes("last");
  deep["cart"]["value"].erase("Paid");
  EXPECT_EQ(after, before);
}

TEST(gob_codec, gives_a_value_its_type_by_what_it_is) {
  const auto is = [](std::string_view value, std::string_view type, const json& inner) {
    EXPECT_EQ(written(value), (json{{"type", type}, {"value", inner}})) << value;
  };
  is("true", "bool", true);
  is("false", "bool", false);
  is("0", "int64", 0);
  is("-9223372036854775808", "int64", std::numeric_limits<std::int64_t>::min());
  is("9223372036854775807", "int64", std::numeric_limits<std::int64_t>::max());
  is("18446744073709551615", "uint64", std::numeric_limits<std::uint64_t>::max());
  is("2.5", "float64", 2.5);
  is("-1e300", "float64", -1e300);
  is(R"("z\u00fc")", "string", text_bytes("z\u00fc"));
  is("[]", "[]string", json::array());
  is(R"(["a"])", "[]string", json::array({text_bytes("a")}));
  is("[1,2]", "[]int64", {1, 2});
  is("[1,2.5]", "[]float64", {1.0, 2.5});
  is("[true]", "[]bool", {true});
  is("[1,null]", "[]interface {}", {{{"type", "int64"}, {"value", 1}}, nullptr});
  is(R"({"a":{"b":1}})", "map[string]interface {}",
     {{"a",
       {{"type", "map[string]interface {}"},
        {"value", {{"b", {{"type", "int64"}, {"value", 1}}}}}}}});
  EXPECT_EQ(written("null"), nullptr);
}

TEST(gob_codec, gives_a_value_the_type_that_was_asked_for) {
  const auto is = [](std::string_view value, std::string type, std::string_view written_type,
                     const json& inner) {
    const scs::gob_codec asked{{.types = {{"k", type}}}};
    EXPECT_EQ(written(value, asked), (json{{"type", written_type}, {"value", inner}})) << type;
  };
  is("1", "int", "int", 1);
  is("-128", "int8", "int8", -128);
  is("255", "byte", "uint8", 255);
  is("7", "float64", "float64", 7.0);
  is("1.1", "float32", "float32", 1.1F);
  is(R"("AAEC")", "[]byte", "[]uint8", {0, 1, 2});
  is("[1,2]", "complex128", "complex128", {1.0, 2.0});
  is("90000000000", "time.Duration", "time.Duration", 90000000000);
  is(R"({"a":1})", "map[string]int", "map[string]int", {{"a", 1}});
  is(R"({"a":["x"]})", "map[string][]string", "map[string][]string",
     {{"a", json::array({text_bytes("x")})}});
  is("[1]", "[]any", "[]interface {}", {{{"type", "int64"}, {"value", 1}}});
  is(R"("2024-02-29T12:34:56.789012345Z")", "time.Time", "time.Time",
     text_bytes(std::string_view{"\1\0\0\0\x0e\xdd\x72\x70\xf0\x2f\x07\x5f\x79\xff\xff", 15}));
}

TEST(gob_codec, refuses_what_is_not_of_the_type_that_was_asked_for) {
  for (const auto& [type, value] :
       std::vector<std::pair<std::string, std::string>>{{"int8", "128"},
                                                        {"uint", "-1"},
                                                        {"int", "1.5"},
                                                        {"int", "\"1\""},
                                                        {"float32", "1e39"},
                                                        {"[]byte", "\"?\""},
                                                        {"time.Time", "\"yesterday\""},
                                                        {"[]string", "[1]"},
                                                        {"map[string]int", "[]"},
                                                        {"bool", "0"}}) {
    const scs::gob_codec asked{{.types = {{"k", type}}}};
    scs::payload contents;
    put(contents, "k", value);
    try {
      asked.encode(contents);
      ADD_FAILURE() << type << ' ' << value;
    } catch (const scs::error& refused) {
      EXPECT_EQ(refused.code(), scs::errc::invalid_value);
      EXPECT_NE(std::string{refused.what()}.find("\"k\""), std::string::npos);
    }
  }
}

TEST(gob_codec, refuses_types_that_it_does_not_know) {
  for (const char* type : {"", "main.Cart", "[]", "map[int]string", "map[string]"}) {
    try {
      scs::gob_codec{{.types = {{"k", type}}}};
      ADD_FAILURE() << type;
    } catch (const scs::error& refused) {
      EXPECT_EQ(refused.code(), scs::errc::invalid_options);
    }
  }
}

TEST(gob_codec, keeps_the_type_of_a_key_whose_value_changes) {
  const std::string numbers = test::gob_sample_payload("04-numbers");
  const auto type_after = [&](std::string_view key, std::string_view value) {
    return gob_decoder::decode(with(numbers, key, value))["Values"][std::string{key}]["type"];
  };
  EXPECT_EQ(type_after("zero", "5"), "int");
  EXPECT_EQ(type_after("f", "5"), "float64");
  EXPECT_EQ(type_after("f", "\"NaN\""), "float64");
  EXPECT_EQ(type_after("f32", "0.1"), "float32");
  EXPECT_EQ(type_after("u8", "255"), "uint8");
  EXPECT_EQ(type_after("u8", "256"), "int64");  // too large for uint8
  EXPECT_EQ(type_after("u8", "\"x\""), "string");
  EXPECT_EQ(gob_decoder::decode(with(test::gob_sample_payload("07-time-utc"), "seen",
                                     R"("2001-09-09T03:46:40+02:00")"))["Values"]["seen"],
            (json{{"type", "time.Time"},
                  {"value", text_bytes(std::string_view{
                                "\1\0\0\0\x0e\xb3\x2c\xc1\x00\0\0\0\0\0\x78", 15})}}));
}

TEST(gob_codec, changes_a_field_of_a_struct) {
  const std::string text = test::gob_sample_payload("11-struct");
  json user = data_of(codec.decode(text))["user"];
  user["Name"] = "Zo";
  user["ID"] = 0;
  json expected = gob_decoder::decode(text);
  expected["Values"]["user"]["value"]["Name"] = text_bytes("Zo");
  expected["Values"]["user"]["value"].erase("ID");
  EXPECT_EQ(gob_decoder::decode(with(text, "user", user.dump())), expected);
  user["Age"] = 1;  // there is no such field
  EXPECT_EQ(gob_decoder::decode(with(text, "user", user.dump()))["Values"]["user"]["type"],
            "map[string]interface {}");
}

TEST(gob_codec, reads_integers_exactly) {
  const std::string sample = test::gob_sample_payload("04-numbers");
  const scs::payload contents = codec.decode(sample);
  for (const auto& [key, text] :
       {std::pair{"max", "9223372036854775807"}, {"min", "-9223372036854775808"}, {"f32", "1.5"}}) {
    for (const scs::payload::member& each : contents.data) {
      if (each.key != key) continue;
      EXPECT_EQ(each.json, text);
    }
  }
}

TEST(gob_codec, keeps_what_scs_does_not_know_among_the_values) {
  scs::payload contents;
  contents.deadline = scs::time_point{std::chrono::nanoseconds{5}};
  contents.user = "tom\n";
  contents.where = "here";
  contents.created = contents.seen = scs::time_point{std::chrono::nanoseconds{-7}};
  contents.remember_me = false;
  const std::string text = codec.encode(contents);
  const json values = gob_decoder::decode(text)["Values"];
  EXPECT_EQ(values["__rememberMe"], (json{{"type", "bool"}, {"value", false}}));
  EXPECT_EQ(values["__scs.user"], (json{{"type", "string"}, {"value", text_bytes("tom\n")}}));
  EXPECT_EQ(values["__scs.created"], (json{{"type", "int64"}, {"value", -7}}));
  const scs::payload read = codec.decode(text);
  EXPECT_TRUE(read.data.empty());
  EXPECT_EQ(read.deadline, contents.deadline);
  EXPECT_EQ(read.user, contents.user);
  EXPECT_EQ(read.where, contents.where);
  EXPECT_EQ(read.created, contents.created);
  EXPECT_EQ(read.seen, contents.seen);
  EXPECT_EQ(read.remember_me, false);
  EXPECT_EQ(codec.encode(read), text);

  scs::payload taken;
  put(taken, "__scs.user", "\"eve\"");
  EXPECT_THROW(codec.encode(taken), scs::error);
}

TEST(gob_codec, writes_tombstones_that_go_reads_as_empty_sessions) {
  scs::payload contents;
  contents.moved_to = "h:abc";
  const std::string text = codec.encode(contents);
  EXPECT_TRUE(gob_decoder::decode(text)["Values"].empty());
  EXPECT_EQ(codec.decode(text).moved_to, "h:abc");

  const std::string original = test::gob_sample_payload("11-struct");
  scs::payload renewed = codec.decode(original);
  renewed.renewed_from = "h:old";
  const std::string later = codec.encode(renewed);
  EXPECT_EQ(codec.decode(later).renewed_from, "h:old");
  scs::payload last = codec.decode(later);
  last.renewed_from = {};
  EXPECT_EQ(gob_decoder::decode(codec.encode(last)), gob_decoder::decode(original));
}

TEST(gob_codec, keeps_text_that_is_not_utf8) {
  const scs::gob_codec& by = codec;
  std::string text = with(test::gob_sample_payload("03-empty"), "kkk", "\"vvv\"");
  text.replace(text.find("kkk"), 3, "k\xff\x01");
  text.replace(text.find("vvv"), 3, "\xfe\xffv");
  const scs::payload contents = by.decode(text);
  EXPECT_EQ(contents.data.at(0).key, "k\uFFFD\1");
  EXPECT_EQ(contents.data.at(0).json, "\"\uFFFD\uFFFDv\"");
  const std::string changed = with(text, "a", "1");
  EXPECT_NE(changed.find("k\xff\x01"), std::string::npos);
  EXPECT_NE(changed.find("\xfe\xffv"), std::string::npos);
}

TEST(gob_codec, and_json_codec_say_which_of_them_reads_a_payload) {
  const auto refusal = [](const scs::payload_codec& by, std::string_view text) {
    try {
      by.decode(text);
    } catch (const scs::error& refused) {
      EXPECT_EQ(refused.code(), scs::errc::payload_undecodable);
      return std::string{refused.what()};
    }
    ADD_FAILURE() << "read it";
    return std::string{};
  };
  for (const test::gob_sample& sample : test::gob_samples()) {
    EXPECT_NE(refusal(scs::json_codec{}, sample.payload).find("scs::gob_codec"), std::string::npos);
  }
  EXPECT_NE(refusal(codec, R"( {"data":{},"deadline":1})").find("scs::json_codec"),
            std::string::npos);
  EXPECT_EQ(refusal(scs::json_codec{}, "&nothing").find("scs::gob_codec"), std::string::npos);
}

}  // namespace
