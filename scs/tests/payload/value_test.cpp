#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/value.hpp>

#include "reference_table.hpp"

namespace {

using namespace std::chrono;

template <class Value>
std::string json_of(const Value& value) {
  return scs::value_traits<Value>::to_json(value);
}
template <class Value>
std::optional<Value> from(std::string_view json) {
  return scs::value_traits<Value>::from_json(json);
}

TEST(value, is_written_and_read_as_go_does) {
  for (const auto& line : test::reference_table("session_payload.jsonl")) {
    const auto payload = line["payload"].get<std::string>();
    const std::size_t begin = payload.find("\"k\":") + 4;
    const std::string json = payload.substr(begin, payload.rfind("},") - begin);
    const auto kind = line["kind"].get<std::string>();
    if (kind == "string") {
      EXPECT_EQ(json_of(line["value"].get<std::string>()), json);
      EXPECT_EQ(from<std::string>(json), line["value"].get<std::string>());
    } else if (kind == "bool") {
      EXPECT_EQ(json_of(line["value"].get<bool>()), json);
      EXPECT_EQ(from<bool>(json), line["value"].get<bool>());
    } else if (kind == "int64") {
      EXPECT_EQ(json_of(line["value"].get<std::int64_t>()), json);
      EXPECT_EQ(from<std::int64_t>(json), line["value"].get<std::int64_t>());
    } else if (kind == "float") {
      EXPECT_EQ(json_of(line["value"].get<double>()), json);
      EXPECT_EQ(from<double>(json), line["value"].get<double>());
    } else if (kind == "bytes") {
      const auto value = from<scs::bytes>(json);
      ASSERT_TRUE(value) << json;
      EXPECT_EQ(json_of(*value), json);
    } else {
      ASSERT_EQ(kind, "time");
      // The moment is kept in any time zone.
      const auto value = from<sys_seconds>(json);
      ASSERT_TRUE(value) << json;
      if (json.ends_with("Z\"") && json.find('.') == std::string::npos) {
        EXPECT_EQ(json_of(*value), json);
      }
    }
  }
}

TEST(value, keeps_strings_of_any_unicode) {
  const std::string all =
      std::string{'\0'} + "\x01\x1f\x7f \"\\/<>&\b\f\n\r\té\u2027\u2028\u2029世界😀";
  EXPECT_EQ(from<std::string>(json_of(all)), all);
  EXPECT_EQ(json_of(std::string{"\b\f\x7f/"}), "\"\\u0008\\u000c\x7f/\"");
}

TEST(value, refuses_text_that_is_not_utf8) {
  for (const char* text :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE4\xB8",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE4"}) {
    try {
      json_of(std::string{text});
      ADD_FAILURE() << text;
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::invalid_value);
    }
  }
}

TEST(value, refuses_numbers_that_json_does_not_have) {
  using limits = std::numeric_limits<double>;
  for (const double value : {limits::quiet_NaN(), limits::infinity(), -limits::infinity()}) {
    EXPECT_THROW(json_of(value), scs::error);
    EXPECT_THROW(json_of(static_cast<float>(value)), scs::error);
  }
}

TEST(value, writes_doubles_as_go_does) {
  // strconv.FormatFloat through encoding/json.
  EXPECT_EQ(json_of(1e20), "100000000000000000000");
  EXPECT_EQ(json_of(1.2345678901234568e20), "123456789012345680000");
  EXPECT_EQ(json_of(1e-6), "0.000001");
  EXPECT_EQ(json_of(9.5e-7), "9.5e-7");
  EXPECT_EQ(json_of(-0.0), "-0");
  EXPECT_EQ(json_of(1.5e300), "1.5e+300");
  EXPECT_EQ(json_of(100.0), "100");
  EXPECT_EQ(json_of(-1234.5), "-1234.5");
}

TEST(value, reads_back_every_double_it_writes) {
  double value = 5e-324;
  while (std::isfinite(value)) {
    EXPECT_EQ(from<double>(json_of(value)), value);
    EXPECT_EQ(from<double>(json_of(-value)), -value);
    value *= 1.7;
    if (value < 1e-320) value += 5e-324;
  }
}

TEST(value, is_not_an_integer_out_of_range) {
  EXPECT_EQ(from<std::int8_t>("127"), std::int8_t{127});
  EXPECT_FALSE(from<std::int8_t>("128"));
  EXPECT_FALSE(from<unsigned>("-1"));
  EXPECT_EQ(from<unsigned>("4294967295"), 4294967295U);
  EXPECT_FALSE(from<unsigned>("4294967296"));
  EXPECT_FALSE(from<std::int64_t>("9223372036854775808"));
  EXPECT_EQ(from<std::uint64_t>("18446744073709551615"), 18446744073709551615U);
  EXPECT_FALSE(from<int>("1.0"));
  EXPECT_FALSE(from<int>("1e3"));
  EXPECT_FALSE(from<float>("1e39"));
  EXPECT_EQ(json_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(value, is_not_of_another_type) {
  for (const char* json : {"null", "[]", "{}", "\"1\"", "true"})
    EXPECT_FALSE(from<int>(json));
  for (const char* json : {"null", "[]", "{}", "\"1\"", "true"})
    EXPECT_FALSE(from<double>(json));
  for (const char* json : {"null", "[]", "{}", "1", "true"})
    EXPECT_FALSE(from<std::string>(json));
  for (const char* json : {"null", "[]", "{}", "1", "\"\""})
    EXPECT_FALSE(from<bool>(json));
  for (const char* json : {"null", "1", "\"a\"", "\"AAAA=\"", "\"A===\"", "\"A=AA\"", "\"AA-_\""}) {
    EXPECT_FALSE(from<scs::bytes>(json)) << json;
  }
}

TEST(value, keeps_bytes_of_every_length) {
  scs::bytes bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from<scs::bytes>(json_of(bytes)), bytes);
    bytes.push_back(static_cast<std::byte>(i * 7));
  }
}

TEST(value, keeps_times_to_the_nanosecond) {
  const sys_time<nanoseconds> moment{nanoseconds{1'795'563'895'372'271'681}};
  EXPECT_EQ(json_of(moment), "\"2026-11-24T23:44:55.372271681Z\"");
  EXPECT_EQ(from<sys_time<nanoseconds>>(json_of(moment)), moment);
  const sys_time<milliseconds> before{milliseconds{-1}};
  EXPECT_EQ(json_of(before), "\"1969-12-31T23:59:59.999Z\"");
  EXPECT_EQ(from<sys_time<milliseconds>>(json_of(before)), before);
  EXPECT_EQ(from<sys_time<hours>>(json_of(before)), sys_time<hours>{hours{-1}});
}

TEST(value, reads_times_of_other_zones) {
  EXPECT_EQ(from<sys_seconds>("\"2026-11-25T05:00:48+05:30\""),
            from<sys_seconds>("\"2026-11-24T23:30:48Z\""));
  EXPECT_EQ(from<sys_seconds>("\"2026-11-24T15:30:48-08:00\""),
            from<sys_seconds>("\"2026-11-24T23:30:48Z\""));
}

TEST(value, is_not_a_time_unless_it_is_one) {
  for (const char* json :
       {"\"2026-13-01T00:00:00Z\"", "\"2026-02-29T00:00:00Z\"", "\"2026-01-01T24:00:00Z\"",
        "\"2026-01-01 00:00:00Z\"", "\"2026-01-01T00:00:00\"", "\"2026-01-01T00:00:00.Z\"",
        "\"2026-01-01T00:00:00Zx\"", "\"2026-01-01T00:00:00+24:00\"", "\"\"", "\"", "", "1",
        "\"2026-00-01T00:00:00Z\"", "\"2026-01-01T00:00:00-0800\""}) {
    EXPECT_FALSE(from<sys_seconds>(json)) << json;
  }
  // Nanoseconds since 1970 in 64 bits do not reach the year 1.
  EXPECT_TRUE(from<sys_seconds>("\"0001-01-01T00:00:00Z\""));
  EXPECT_FALSE(from<sys_time<nanoseconds>>("\"0001-01-01T00:00:00Z\""));
  EXPECT_THROW(json_of(sys_seconds{seconds{253'402'300'800}}), scs::error);
}

TEST(value, is_no_string_with_a_broken_escape) {
  for (const char* json : {R"("\u12")", R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")",
                           R"("\x")", "\"\\\"", "\"a\"b\"", "\"", R"("\u00g0")", R"("\u+123")"}) {
    EXPECT_FALSE(from<std::string>(json)) << json;
  }
  EXPECT_EQ(from<std::string>(R"("\ud83d\ude00\u00e9\/\b\f")"), "😀é/\b\f");
}

}  // namespace
