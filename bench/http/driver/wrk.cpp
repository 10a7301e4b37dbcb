#include "http/driver/wrk.hpp"

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "harness/child_process.hpp"
#include "harness/temporary_folder.hpp"

namespace bench::http {

namespace {

std::string written_to(const std::filesystem::path& file, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::ofstream out(file);
  for (const std::string& line : lines)
    out << line << '\n';
  return file.string();
}

}  // namespace

wrk_result run_wrk(const load& load, int port, const std::vector<std::string>& cookies,
                   double seconds) {
  const temporary_folder folder(std::filesystem::temp_directory_path());
  const double whole_seconds = std::ceil(seconds);
  child_process wrk({"env", "COOKIES=" + written_to(folder.path() / "cookies", cookies),
                     std::string("REOPEN=") + (load.reopen ? "yes" : ""), "wrk", "-t1",
                     "-c" + std::to_string(load.connections),
                     "-d" + std::to_string(static_cast<int>(whole_seconds)) + "s", "-s",
                     BENCH_WRK_SCRIPT, "http://127.0.0.1:" + std::to_string(port) + load.path});
  if (seconds < whole_seconds) {  // wrk counts in whole seconds, and SIGINT ends it
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    ::kill(wrk.pid(), SIGINT);
  }
  std::string line;
  while (!line.starts_with("RESULT "))
    line = wrk.receive();
  wrk.wait();
  std::istringstream in(line.substr(7));
  double duration = 0;
  std::uint64_t statuses = 0;
  wrk_result all;
  in >> all.requests >> duration >> all.p50_ns >> all.p99_ns >> all.p999_ns >> statuses >>
      all.errors;
  if (!in || duration <= 0) throw std::runtime_error("wrk printed " + line);
  constexpr double ns_in_us = 1e3;
  all.seconds = duration / 1e6;
  all.p50_ns *= ns_in_us;
  all.p99_ns *= ns_in_us;
  all.p999_ns *= ns_in_us;
  all.errors += statuses;
  return all;
}

}  // namespace bench::http
