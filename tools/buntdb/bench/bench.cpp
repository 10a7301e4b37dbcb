#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "bench/bench_runs.hpp"
#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/interrupts.hpp"
#include "output/progress.hpp"
#include "output/terminal_text.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

template <class Number>
Number number_of(const std::string& text, const std::string& option, Number from, Number to) {
  Number number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || !(number >= from) ||
      !(number <= to)) {
    throw usage_error(option + " is out of its range, or no number: '" + text + "'");
  }
  return number;
}

/// Three digits that count: "1.23 M", "45.6 k", "789".
std::string rate_text(double rate) {
  const char* unit = "";
  if (rate >= 1e6) {
    rate /= 1e6;
    unit = " M";
  } else if (rate >= 1e3) {
    rate /= 1e3;
    unit = " k";
  }
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(),
                                  rate >= 100  ? "%.0f%s"
                                  : rate >= 10 ? "%.1f%s"
                                               : "%.2f%s",
                                  rate, unit));
  return text.data();
}

std::string time_text(double nanoseconds) {
  const char* unit = "ns";
  if (nanoseconds >= 1e6) {
    nanoseconds /= 1e6;
    unit = "ms";
  } else if (nanoseconds >= 1e3) {
    nanoseconds /= 1e3;
    unit = "us";
  }
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.1f %s", nanoseconds, unit));
  return text.data();
}

std::string right(const std::string& text, std::size_t columns) {
  const std::size_t taken = columns_of(text);
  return std::string(taken < columns ? columns - taken : 0, ' ') + text;
}

json as_json(const bench_report& report) {
  json object{
      {"sessions", report.sessions},
      {"payload_bytes", report.payload_bytes},
      {"memory_bytes_per_session", report.memory_per_session},
      {"map_memory_bytes_per_session",
       report.map_memory_per_session ? json(*report.map_memory_per_session) : json(nullptr)},
      {"file_bytes", report.file_bytes}};
  json& results = object["results"] = json::array();
  for (const bench_result& result : report.results) {
    json one{{"name", result.name},
             {"operations", result.operations},
             {"seconds", std::chrono::duration<double>(result.elapsed).count()},
             {"per_second", result.per_second()}};
    if (result.median) one["median_ns"] = result.median->count();
    if (result.p99) one["p99_ns"] = result.p99->count();
    results.push_back(std::move(one));
  }
  return object;
}

struct bench_command {
  common_options common;
  std::string folder_argument;
  std::string sessions_argument;
  std::string seconds_argument;

  exit_status run(output& out) const {
    bench_settings settings;
    settings.folder = folder_argument.empty() ? std::filesystem::temp_directory_path()
                                              : std::filesystem::path(plain(folder_argument));
    if (!sessions_argument.empty()) {
      settings.sessions = number_of<std::uint64_t>(plain(sessions_argument), "--sessions", 1,
                                                   std::uint64_t{1} << 32U);
    }
    if (!seconds_argument.empty()) {
      const double seconds = number_of<double>(plain(seconds_argument), "--seconds", 0.01, 86400);
      settings.duration =
          std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1'000'000'000));
    }
    const bench_report report = measured(settings);
    if (common.json) {
      out.line(json_line(as_json(report)));
    } else {
      print(out, settings, report);
    }
    return exit_status::ok;
  }

  static bench_report measured(const bench_settings& settings) {
    interrupts signals;
    std::atomic<bool> stopped = false;
    signals.stop_with([&] { stopped = true; });
    const struct disarm {
      interrupts& signals;
      ~disarm() {
        signals.stop_with([] {});
      }
    } disarms{signals};
    std::atomic<std::uint64_t> thousandths = 0;
    try {
      const progress bar("Measuring", progress_unit::parts, [&] {
        return progress_state{thousandths, 1000};
      });
      return run_bench(settings, [&](double part) {
        thousandths = static_cast<std::uint64_t>(part * 1000);
        return !stopped;
      });
    } catch (const bench_stopped&) {
      throw interrupted(signals.received(), "interrupted; nothing is left behind");
    }
  }

  static void print(output& out, const bench_settings& settings, const bench_report& report) {
    constexpr std::size_t name_columns = 46;
    constexpr std::size_t max_bar_columns = 30;
    const std::size_t width = out.terminal() ? terminal_width() : 80;
    const std::size_t taken = name_columns + 14;
    const std::size_t bar_columns =
        out.terminal() && width > taken + 6 ? std::min(max_bar_columns, width - taken - 2) : 0;
    const bool colours = shows_colours(out);
    out.line("One thread, " + std::to_string(report.sessions) + " sessions of " +
             std::to_string(report.payload_bytes) + " bytes, in " +
             printable(settings.folder.string()));
    out.line(coloured(padded("", name_columns) + right("a second", 14), colour::bold, colours));
    // Some are a thousand times as fast as others: each group has a scale of its own.
    const auto group_of = [](const bench_result& result) {
      if (result.name.find("sync") != std::string::npos || result.name == "durable_save") return 0;
      return result.name.find("find") != std::string::npos || result.name == "ascend" ? 1 : 2;
    };
    std::array<double, 3> fastest{};
    for (const bench_result& result : report.results) {
      double& best = fastest.at(static_cast<std::size_t>(group_of(result)));
      best = std::max(best, result.per_second());
    }
    for (const bench_result& result : report.results) {
      const auto group = static_cast<std::size_t>(group_of(result));
      std::string line =
          padded(result.description, name_columns) + right(rate_text(result.per_second()), 14);
      if (bar_columns > 0) {
        line += "  " + bar(result.per_second(), fastest.at(group), bar_columns);
      }
      out.line(line);
      if (result.median && result.p99) {
        out.line(padded("  half of them within " +
                            time_text(static_cast<double>(result.median->count())) +
                            ", 99% within " + time_text(static_cast<double>(result.p99->count())),
                        0));
      }
    }
    out.line("memory a session: " + std::to_string(std::llround(report.memory_per_session)) +
             " bytes; std::unordered_map: " +
             (report.map_memory_per_session
                  ? std::to_string(std::llround(*report.map_memory_per_session)) + " bytes"
                  : "unknown"));
  }
};

}  // namespace

void add_bench(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("bench", "Measure how fast sessions are saved and found on this machine");
  auto mine = std::make_shared<bench_command>();
  command
      ->add_option("--folder", mine->folder_argument,
                   "where the files are made, and removed again; without it, the temporary folder")
      ->type_name("FOLDER");
  command->add_option("--sessions", mine->sessions_argument, "how many at most; without it, 100000")
      ->type_name("N");
  command
      ->add_option("--seconds", mine->seconds_argument, "for all together, about; without it, 20")
      ->type_name("N");
  mine->common.add_json(*command, "print a JSON object");
  command->footer(R"(
Saves (new, over old ones, and durably), finds and goes through sessions, one after the other on one
thread, with the database's default options; and for comparison, in the same run, write(2) of as
many bytes, with and without fdatasync(2), and a std::unordered_map. Name a --folder on the disk
that the database will be on: the temporary one may be in memory, and a sync free.
Other programs that run meanwhile make the figures worse. scripts/bench measures more, and exactly.

Examples:
  buntdb bench --folder /var/lib/app
  buntdb bench --seconds 5 --json)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
