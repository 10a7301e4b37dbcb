// Checks what operators get for Prometheus and Grafana with promtool, Prometheus and the figures.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include <buntdb/buntdb.hpp>
#include <buntdb/metrics.hpp>
#include <scs/metrics.hpp>

#include "free_port.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::IsEmpty;

const std::string rules = SOURCE_FOLDER "/operate/prometheus/buntstore.rules.yml";
const std::string alarm_tests = SOURCE_FOLDER "/tests/operate/alarms.test.yml";
const std::string dashboard = SOURCE_FOLDER "/operate/grafana/buntstore.json";

std::string content_of(const std::string& file) {
  std::ifstream in{file};
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::string> matches_of(const std::string& text, const char* pattern) {
  const std::regex wanted{pattern};
  std::vector<std::string> found;
  for (std::sregex_iterator i{text.begin(), text.end(), wanted}, end; i != end; ++i)
    found.push_back((*i)[1]);
  return found;
}

/// Returns the figures of two databases and two managers, including everything that is only
/// sometimes present.
std::string all_figures() {
  buntdb::statistics full{.items = 3,
                          .max_memory_bytes = 1000,
                          .last_sync = buntdb::time_point{1s},
                          .last_compaction = buntdb::time_point{1s}};
  full.syncs.add(3ms);
  const buntdb::statistics empty;
  const std::array<buntdb::named_statistics, 2> databases{
      {{"the \"first\"\\\n", &full}, {"second", &empty}}};
  scs::metrics site, api;
  site.count(scs::event_kind::created);
  site.observe(scs::store_call::find, 2ms);
  const std::array<scs::named_metrics, 2> managers{{{"site", &site, 3}, {"api \"2\"", &api, 0}}};
  return scs::to_prometheus(managers) + buntdb::to_prometheus(databases);
}

/// Returns the names of all metrics, including those of the parts of histograms.
std::set<std::string> metric_names() {
  const std::string figures = all_figures();
  std::set<std::string> names;
  for (std::string& name : matches_of(figures, "(?:^|\n)([a-z_]+)[{ ]"))
    names.insert(std::move(name));
  return names;
}

class with_folder : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_.path() / name;
    std::ofstream{path} << text;
    return path;
  }

  /// Returns promtool's output if it fails or prints anything.
  std::string complaint(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{PROMTOOL};
    words.insert(words.end(), arguments.begin(), arguments.end());
    process promtool(words, folder_.path());
    const int status = promtool.wait(60s);
    return status == 0 ? "" : promtool.output() + promtool.errors();
  }

  temporary_folder folder_;
};

class figures : public with_folder {
 protected:
  /// Returns promtool's complaints about figures, which it reads from its standard input.
  std::string lint(const std::string& text) {
    const std::string file = write("figures", text);
    process promtool({"sh", "-c", R"("$0" check metrics <"$1")", PROMTOOL, file}, folder_.path());
    const int status = promtool.wait(60s);
    const std::string said = promtool.output() + promtool.errors();
    return status == 0 && said.empty() ? "" : std::to_string(status) + ": " + said;
  }
};

TEST_F(figures, are_clean_for_promtool) {
  EXPECT_EQ(lint(all_figures()), "");
  buntdb::database db = buntdb::database::in_memory();
  EXPECT_EQ(lint(buntdb::to_prometheus(db.stats())), "");
  EXPECT_NE(lint("# TYPE a counter\na 1\n"), "") << "promtool finds what is not clean";
}

class alarms : public with_folder {};

TEST_F(alarms, are_accepted_by_promtool) {
  EXPECT_EQ(complaint({"check", "rules", rules}), "");
}

TEST_F(alarms, are_raised_by_what_they_are_for_and_by_nothing_healthy) {
  EXPECT_EQ(complaint({"test", "rules", alarm_tests}), "");
}

TEST_F(alarms, are_all_tested_and_have_a_section_of_the_page) {
  const std::string text = content_of(rules), tests = content_of(alarm_tests);
  const std::vector<std::string> names = matches_of(text, "- alert: (\\w+)");
  EXPECT_GE(names.size(), 15U);
  for (const std::string& name : names)
    EXPECT_NE(tests.find("alertname=\"" + name + "\""), std::string::npos) << name;
  std::set<std::string> sections;
  for (std::string title :
       matches_of(content_of(SOURCE_FOLDER "/docs/operate.md"), "\n#+ ([^\n]+)")) {
    std::transform(title.begin(), title.end(), title.begin(),
                   [](unsigned char c) { return c == ' ' ? '-' : std::tolower(c); });
    sections.insert(title);
  }
  const std::vector<std::string> runbooks = matches_of(text, "runbook: operate.md#(\\S+)");
  EXPECT_EQ(runbooks.size(), names.size());
  for (const std::string& runbook : runbooks)
    EXPECT_TRUE(sections.contains(runbook)) << runbook;
}

TEST_F(alarms, are_about_figures_that_there_are) {
  const std::set<std::string> names = metric_names();
  for (const std::string& used : matches_of(content_of(rules), "\\b((?:buntdb|scs)_[a-z_]+)"))
    EXPECT_TRUE(names.contains(used)) << used;
}

struct panel {
  std::string title;
  std::vector<std::string> expressions;
};

std::vector<panel> panels_of(const json& shown) {
  std::vector<panel> found;
  for (const json& one : shown.at("panels")) {
    panel read{one.at("title"), {}};
    for (const json& target : one.at("targets"))
      read.expressions.push_back(target.at("expr"));
    found.push_back(std::move(read));
  }
  return found;
}

class grafana : public with_folder {
 protected:
  const json shown_ = json::parse(content_of(dashboard));
};

TEST_F(grafana, shows_figures_that_there_are) {
  const std::set<std::string> names = metric_names();
  std::set<std::string> used;
  for (const panel& one : panels_of(shown_)) {
    EXPECT_FALSE(one.expressions.empty()) << one.title;
    for (const std::string& expression : one.expressions) {
      for (const std::string& name : matches_of(expression, "\\b((?:buntdb|scs)_[a-z_]+)\\{")) {
        EXPECT_TRUE(names.contains(name)) << one.title << ": " << name;
        used.insert(name);
      }
    }
  }
  EXPECT_GE(used.size(), 15U);
}

// With values for Grafana's variables, each expression is valid PromQL.
TEST_F(grafana, asks_what_prometheus_understands) {
  json group{{"name", "dashboard"}, {"rules", json::array()}};
  for (const panel& one : panels_of(shown_)) {
    for (std::string expression : one.expressions) {
      for (const auto& [variable, value] : std::vector<std::pair<std::string, std::string>>{
               {"$__rate_interval", "5m"}, {"$job", "site"}, {"$instance", ".*"}}) {
        for (std::size_t at; (at = expression.find(variable)) != std::string::npos;)
          expression.replace(at, variable.size(), value);
      }
      EXPECT_EQ(expression.find('$'), std::string::npos) << expression;
      group["rules"].push_back(
          {{"record", "one:" + std::to_string(group["rules"].size())}, {"expr", expression}});
    }
  }
  const json file{{"groups", {group}}};
  EXPECT_EQ(complaint({"check", "rules", write("dashboard.yml", file.dump())}), "");
}

TEST_F(grafana, has_panels_that_do_not_overlap) {
  std::set<int> ids;
  std::set<std::pair<int, int>> taken;
  for (const json& one : shown_.at("panels")) {
    EXPECT_TRUE(ids.insert(one.at("id").get<int>()).second);
    const json& place = one.at("gridPos");
    const int x = place.at("x"), y = place.at("y"), width = place.at("w"), height = place.at("h");
    EXPECT_LE(x + width, 24) << one.at("title");
    for (int column = x; column < x + width; ++column) {
      for (int row = y; row < y + height; ++row)
        EXPECT_TRUE(taken.emplace(column, row).second) << one.at("title");
    }
    EXPECT_EQ(one.at("datasource").at("uid"), "${datasource}");
  }
  EXPECT_EQ(shown_.at("uid"), "buntstore");
}

/// A server of figures, and Debian's Prometheus, which reads them once a second and has the rules.
class prometheus : public with_folder {
 protected:
  void SetUp() override {
    server_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      const buntdb::statistics figures{.commits = 1, .writes_stopped = stopped_};
      response.set_content(buntdb::to_prometheus(figures),
                           "text/plain; version=0.0.4; charset=utf-8");
    });
    const int figures_port = server_.bind_to_any_port("127.0.0.1");
    serving_ = std::thread([this] { server_.listen_after_bind(); });
    port_ = test::free_port();
    const json config{
        {"global", {{"scrape_interval", "1s"}, {"evaluation_interval", "1s"}}},
        {"rule_files", {rules}},
        {"scrape_configs",
         {{{"job_name", "site"},
           {"static_configs", {{{"targets", {"127.0.0.1:" + std::to_string(figures_port)}}}}}}}}};
    const std::string file = write("prometheus.yml", config.dump());
    prometheus_ = std::make_unique<process>(
        std::vector<std::string>{PROMETHEUS, "--config.file=" + file,
                                 "--storage.tsdb.path=" + (folder_.path() / "data").string(),
                                 "--web.listen-address=127.0.0.1:" + std::to_string(port_)},
        folder_.path());
  }
  void TearDown() override {
    server_.stop();
    serving_.join();
    prometheus_->send_signal(SIGTERM);
    prometheus_->wait();
  }

  json ask(const std::string& path) {
    httplib::Client client("127.0.0.1", port_);
    const auto answer = client.Get(path);
    return answer && answer->status == 200 ? json::parse(answer->body) : json{};
  }

  /// Asks until the answer is as wanted.
  template <class Wanted>
  json ask_until(const std::string& path, Wanted wanted) {
    json last;
    for (const auto end = std::chrono::steady_clock::now() + 60s;
         std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(100ms)) {
      last = ask(path);
      if (!last.is_null() && wanted(last)) return last;
    }
    ADD_FAILURE() << path << ": " << last.dump() << '\n' << prometheus_->errors();
    return last;
  }

  std::atomic<bool> stopped_ = true;
  httplib::Server server_;
  std::thread serving_;
  int port_ = 0;
  std::unique_ptr<process> prometheus_;
};

TEST_F(prometheus, loads_the_rules_and_raises_an_alarm_by_the_figures) {
  const auto evaluated = [](const json& answer) {
    for (const json& group : answer["data"]["groups"]) {
      for (const json& rule : group["rules"])
        if (rule["health"] == "unknown") return false;
    }
    return !answer["data"]["groups"].empty();
  };
  const json loaded = ask_until("/api/v1/rules", evaluated);
  std::vector<std::string> unhealthy;
  for (const json& rule : loaded["data"]["groups"][0]["rules"])
    if (rule["health"] != "ok") unhealthy.push_back(rule.dump());
  EXPECT_THAT(unhealthy, IsEmpty());
  const auto fires = [](const json& answer) {
    return answer.dump().find(R"("alertname":"BuntdbWritesStopped")") != std::string::npos;
  };
  const json raised = ask_until("/api/v1/alerts", fires);
  EXPECT_NE(raised.dump().find(R"("state":"firing")"), std::string::npos);
  stopped_ = false;
  ask_until("/api/v1/alerts", [&](const json& answer) { return !fires(answer); });
}

}  // namespace
