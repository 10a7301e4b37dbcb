#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include <gtest/gtest.h>

#include "world.hpp"

namespace test {

namespace {

using std::chrono::microseconds;
using call = faulty_store::call;
using scs::event_kind;
using scs::store_call;

/// A sample's name with its labels, and its value.
using samples = std::map<std::string, double>;

bool is_name(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == ':'; });
}

/// Whether it is `name="value",name="value"`, with the format's three escapes and no others.
bool are_labels(std::string_view text) {
  while (true) {
    const std::size_t equals = text.find("=\"");
    if (equals == text.npos || !is_name(text.substr(0, equals))) return false;
    text.remove_prefix(equals + 2);
    while (!text.empty() && text[0] != '"') {
      if (text[0] == '\\' &&
          (text.size() < 2 || std::string_view{R"(\"n)"}.find(text[1]) == text.npos)) {
        return false;
      }
      text.remove_prefix(text[0] == '\\' ? 2 : 1);
    }
    if (text == "\"") return true;
    if (!text.starts_with("\",")) return false;
    text.remove_prefix(2);
  }
}

/// Reads the text format by its rules: every line is a comment or a sample, each metric has one
/// HELP and one TYPE before all of its samples, which follow each other, no sample occurs twice,
/// and a histogram's buckets are consistent.
samples parse(const std::string& text) {
  const std::string help = "# HELP ";
  const std::string type = "# TYPE ";
  samples found;
  std::set<std::string> described;
  std::string metric, kind;
  EXPECT_EQ(text.empty() ? '\0' : text.back(), '\n');
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(help)) {
      const std::size_t blank = line.find(' ', help.size());
      metric = line.substr(help.size(), blank - help.size());
      EXPECT_TRUE(is_name(metric) && blank + 1 < line.size()) << line;
      EXPECT_TRUE(described.insert(metric).second) << "twice: " << line;
      kind.clear();
    } else if (line.starts_with(type)) {
      EXPECT_TRUE(kind.empty()) << line;
      kind = line.substr(line.rfind(' ') + 1);
      EXPECT_EQ(line, type + metric + " " + kind);
      EXPECT_TRUE(kind == "counter" || kind == "histogram") << line;
    } else {
      const std::size_t brace = line.find('{');
      const std::size_t end = line.rfind("} ");
      if (brace == line.npos || end == line.npos) {
        ADD_FAILURE() << "neither comment nor sample: " << line;
        continue;
      }
      const std::string name = line.substr(0, brace);
      EXPECT_TRUE(is_name(name)) << line;
      EXPECT_TRUE(are_labels(std::string_view{line}.substr(brace + 1, end - brace - 1))) << line;
      if (kind == "histogram") {
        EXPECT_TRUE(name == metric + "_bucket" || name == metric + "_sum" ||
                    name == metric + "_count")
            << line;
      } else {
        EXPECT_EQ(kind, "counter") << line;
        EXPECT_EQ(name, metric) << line;
        EXPECT_TRUE(name.ends_with("_total")) << line;
      }
      std::size_t digits = 0;
      const std::string value = line.substr(end + 2);
      EXPECT_TRUE(found.emplace(line.substr(0, end + 1), std::stod(value, &digits)).second) << line;
      EXPECT_EQ(digits, value.size()) << line;
    }
  }
  return found;
}

TEST(metrics, print_what_was_counted) {
  scs::metrics figures;
  figures.count(event_kind::created);
  figures.count(event_kind::created);
  figures.count(event_kind::cleanup_failed);
  figures.count_failure(store_call::erase);
  figures.observe(store_call::find, microseconds{3});
  figures.observe(store_call::find, microseconds{5});  // a bound belongs to its bucket
  figures.observe(store_call::find, seconds{2});
  figures.observe(store_call::find, seconds{-1});  // a clock that was set back
  const samples found = parse(to_prometheus(figures));
  EXPECT_EQ(found.at(R"(scs_events_total{event="created"})"), 2);
  EXPECT_EQ(found.at(R"(scs_events_total{event="cleanup_failed"})"), 1);
  EXPECT_EQ(found.at(R"(scs_events_total{event="loaded"})"), 0)
      << "from the start, not from one on";
  EXPECT_EQ(found.at(R"(scs_store_failures_total{call="erase"})"), 1);
  const auto bucket = [&](const std::string& bound) {
    return found.at(R"(scs_store_call_seconds_bucket{call="find",le=")" + bound + "\"}");
  };
  EXPECT_EQ(bucket("1e-06"), 1);
  EXPECT_EQ(bucket("2.5e-06"), 1);
  EXPECT_EQ(bucket("5e-06"), 3);
  EXPECT_EQ(bucket("1"), 3);
  EXPECT_EQ(bucket("+Inf"), 4);
  EXPECT_EQ(found.at(R"(scs_store_call_seconds_count{call="find"})"), 4);
  EXPECT_NEAR(found.at(R"(scs_store_call_seconds_sum{call="find"})"), 2.000008, 1e-9);
  EXPECT_EQ(found.at(R"(scs_store_call_seconds_count{call="list"})"), 0);
}

TEST(metrics, have_classes_that_add_up) {
  scs::metrics figures;
  for (int i = 0; i < 1000; ++i)
    figures.observe(store_call::commit, microseconds{1} * i * i);
  const samples found = parse(to_prometheus(figures));
  const std::string prefix = R"(scs_store_call_seconds_bucket{call="commit",le=")";
  std::map<double, double> classes;
  for (const auto& [name, count] : found) {
    if (name.starts_with(prefix) && name.find("Inf") == std::string::npos) {
      classes[std::stod(name.substr(prefix.size()))] = count;
    }
  }
  ASSERT_EQ(classes.size(), scs::metrics::bounds.size());
  for (const auto& [bound, count] : classes)
    EXPECT_EQ(count, std::min(1000.0, std::floor(std::sqrt(bound * 1e6 + 1e-3)) + 1)) << bound;
  EXPECT_EQ(found.at(R"(scs_store_call_seconds_bucket{call="commit",le="+Inf"})"), 1000);
}

TEST(metrics, of_several_managers_stand_together) {
  scs::metrics site, api;
  site.count(event_kind::loaded);
  api.count(event_kind::gone);
  const std::array managers{scs::named_metrics{"site", &site},
                            scs::named_metrics{"a \"new\"\\\napi", &api}};
  const samples found = parse(scs::to_prometheus(managers));
  EXPECT_EQ(found.at(R"(scs_events_total{manager="site",event="loaded"})"), 1);
  EXPECT_EQ(found.at(R"(scs_events_total{manager="a \"new\"\\\napi",event="gone"})"), 1);
  EXPECT_EQ(found.at(R"(scs_events_total{manager="a \"new\"\\\napi",event="loaded"})"), 0);
}

TEST(metrics, tell_how_many_sessions_there_are_where_that_is_given) {
  const scs::metrics site, api, other;
  const std::array managers{scs::named_metrics{"site", &site, 12},
                            scs::named_metrics{"api", &api, 0},
                            scs::named_metrics{"other", &other}};
  const std::string text = scs::to_prometheus(managers);
  EXPECT_NE(text.find("# TYPE scs_sessions gauge\nscs_sessions{manager=\"site\"} 12\n"
                      "scs_sessions{manager=\"api\"} 0\n# HELP "),
            std::string::npos)
      << text;
  EXPECT_EQ(scs::to_prometheus(site).find("scs_sessions"), std::string::npos);
  const scs::named_metrics unnamed{{}, &site, 3};
  EXPECT_NE(scs::to_prometheus(std::span{&unnamed, 1}).find("\nscs_sessions 3\n"),
            std::string::npos);
}

TEST(metrics, count_what_happens_in_a_manager) {
  const auto figures = std::make_shared<scs::metrics>();
  world world{{.idle_timeout = minutes{20}, .metrics = figures}};
  browser visitor{world};
  visitor.put("key", 1);
  visitor.get<int>("key");
  visitor.visit([](scs::session& session) { session.renew(); });
  world.clock.advance(minutes{2});
  visitor.visit([](scs::session& session) { session.touch(); });
  world.faults->before(call::find, 1, [] { throw std::runtime_error("down"); });
  EXPECT_THROW(visitor.get<int>("key"), scs::error);
  visitor.visit([](scs::session& session) { session.destroy(); });
  world.sessions.sessions_of("tom");

  EXPECT_EQ(figures->events(event_kind::created), 1U);
  EXPECT_EQ(figures->events(event_kind::renewed), 1U);
  EXPECT_EQ(figures->events(event_kind::destroyed), 1U);
  for (std::size_t i = 0; i < scs::event_kind_count; ++i) {
    const auto kind = static_cast<event_kind>(i);
    EXPECT_EQ(static_cast<long>(figures->events(kind)), world.count(kind)) << name_of(kind);
  }
  const auto calls = [&](store_call kind) {
    std::uint64_t total = 0;
    for (const std::uint64_t count : figures->store_calls(kind).counts)
      total += count;
    return static_cast<int>(total);
  };
  EXPECT_EQ(calls(store_call::find), world.faults->calls(call::find));
  EXPECT_EQ(calls(store_call::commit), world.faults->calls(call::commit));
  EXPECT_EQ(calls(store_call::touch), 1);
  EXPECT_EQ(calls(store_call::erase), world.faults->calls(call::erase));
  EXPECT_EQ(calls(store_call::list), 1);
  EXPECT_EQ(figures->store_calls(store_call::find).failures, 1U);
  EXPECT_EQ(figures->store_calls(store_call::commit).failures, 0U);
}

TEST(metrics, name_every_event) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < scs::event_kind_count; ++i)
    seen.insert(name_of(static_cast<event_kind>(i)));
  EXPECT_EQ(seen.size(), scs::event_kind_count);
  EXPECT_EQ(name_of(event_kind::cleanup_failed), "cleanup_failed") << "the last one";
  EXPECT_EQ(name_of(static_cast<event_kind>(99)), "unknown");
}

}  // namespace

}  // namespace test
