#include "http/driver/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "http/driver/loads.hpp"
#include "http/driver/running_server.hpp"
#include "http/driver/wrk.hpp"
#include "http/load/load.hpp"

namespace bench::http {

namespace {

class measurement {
 public:
  measurement(const options& options, const program& program, const load& load, results& results)
      : options_(options), program_(program), load_(load), results_(results), server_(program) {}

  void run() {
    std::vector<std::string> cookies;
    if (load_.cookies == cookies::one) cookies = server_.make_sessions(1);
    if (load_.cookies == cookies::many) cookies = server_.make_sessions(options_.sessions);
    const double before = server_.cpu_ns();
    const auto requests = static_cast<double>(
        load_.made_by == load_program::wrk ? run_wrk(cookies) : run_own(cookies));
    if (requests > 0) {
      add(figure::cpu, unit::nanoseconds, (server_.cpu_ns() - before) / requests);
    }
    add(figure::resident, unit::bytes, server_.resident_bytes());
  }

 private:
  std::uint64_t run_wrk(const std::vector<std::string>& cookies) {
    const wrk_result all = http::run_wrk(load_, server_.port(), cookies, options_.seconds);
    add(all.requests, all.seconds, all.p50_ns, all.p99_ns, all.p999_ns, all.errors);
    return all.requests;
  }

  std::uint64_t run_own(const std::vector<std::string>& cookies) {
    const load_result all = run_load({.port = server_.port(),
                                      .path = load_.path,
                                      .connections = load_.connections,
                                      .time = std::chrono::duration<double>(options_.seconds),
                                      .cookies = cookies,
                                      .reopen = load_.reopen,
                                      .idle_connections = load_.idle_connections});
    add(all.requests, all.seconds, all.p50_ns, all.p99_ns, all.p999_ns,
        all.errors + all.bad_statuses);
    if (all.requests > 0) add(figure::longest, unit::nanoseconds, all.longest_ns);
    add(figure::least_served, unit::count, static_cast<double>(all.least_served));
    add(figure::silence, unit::nanoseconds, all.longest_silence_ns);
    add(figure::reconnects, unit::count, static_cast<double>(all.reconnects));
    return all.requests + all.idle_answered;
  }

  void add(std::uint64_t requests, double seconds, double p50, double p99, double p999,
           std::uint64_t errors) {
    add(figure::rate, unit::count, static_cast<double>(requests) / seconds);
    add(figure::errors, unit::count, static_cast<double>(errors));
    if (requests == 0) return;
    add(figure::p50, unit::nanoseconds, p50);
    add(figure::p99, unit::nanoseconds, p99);
    add(figure::p999, unit::nanoseconds, p999);
  }

  void add(std::string_view figure, unit unit, double value) {
    results_.add(0, workload_of(load_, figure), program_.name, unit, value);
  }

  const options& options_;
  const program& program_;
  const load& load_;
  results& results_;
  running_server server_;
};

}  // namespace

void measure(const options& options, const std::vector<program>& programs, results& results) {
  const std::vector<load> loads = all_loads();
  for (unsigned round = 0; round < options.repeat; ++round) {
    for (const load& load : loads) {
      std::fprintf(stderr, "round %u of %u: %s\n", round + 1, options.repeat,
                   name_of(load).c_str());
      for (std::size_t i = 0; i < programs.size(); ++i) {
        const program& program = programs[(round + i) % programs.size()];
        measurement(options, program, load, results).run();
      }
    }
  }
}

}  // namespace bench::http
