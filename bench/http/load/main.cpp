// bench_http_load: loads a server on 127.0.0.1 over many connections, and reports how evenly these
// were served, which wrk does not.

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "http/load/load.hpp"
#include "report/text.hpp"

namespace {

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  if (lines.empty()) throw std::runtime_error("no cookies in " + file);
  return lines;
}

void print(const char* name, const std::string& value) {
  std::printf("%s\n", (bench::padded_right(name, 42) + bench::padded_left(value, 12)).c_str());
}

void print(const bench::http::load_result& all, bool has_idle) {
  using bench::count_text, bench::unit, bench::value_text;
  const double rate = static_cast<double>(all.requests) / all.seconds;
  print("requests/s", count_text(static_cast<std::size_t>(std::llround(rate))));
  print("p50", value_text(all.p50_ns, unit::nanoseconds));
  print("p99", value_text(all.p99_ns, unit::nanoseconds));
  print("p99.9", value_text(all.p999_ns, unit::nanoseconds));
  print("max", value_text(all.longest_ns, unit::nanoseconds));
  print("requests of the least served connection", count_text(all.least_served));
  print("longest silence of one connection", value_text(all.longest_silence_ns, unit::nanoseconds));
  print("reconnects", count_text(all.reconnects));
  print("errors", count_text(all.errors));
  print("answers other than 2xx", count_text(all.bad_statuses));
  if (has_idle) {
    print("idle connections that got their answer", count_text(all.idle_answered));
    print("of these, closed by the server", count_text(all.idle_closed));
  }
}

}  // namespace

int main(int count, char** words) {
  bench::http::load_options options;
  double seconds = 1;
  std::string cookie_file;
  CLI::App app{
      "Loads a server on 127.0.0.1: each connection sends a request, waits, sends the next"};
  app.add_option("--port", options.port)->required()->check(CLI::Range(1, 65535));
  app.add_option("--path", options.path)->capture_default_str();
  app.add_option("--connections", options.connections)
      ->check(CLI::Range(0, 20'000))
      ->capture_default_str();
  app.add_option("--seconds", seconds)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--cookies", cookie_file,
                 "a file with a 'name=value' in each line; requests carry them in turns")
      ->check(CLI::ExistingFile);
  app.add_flag("--close", options.reopen, "open a connection for each request");
  app.add_option("--idle", options.idle_connections,
                 "that many more connections make one request each and stay open")
      ->check(CLI::Range(0, 20'000));
  CLI11_PARSE(app, count, words);
  try {
    options.time = std::chrono::duration<double>(seconds);
    if (!cookie_file.empty()) options.cookies = lines_of(cookie_file);
    print(bench::http::run_load(options), options.idle_connections > 0);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_http_load: %s\n", failure.what());
    return 1;
  }
}
