// bench_capacity: what a request costs on servers that several web servers share, in time of the
// client's and the servers' processors, in commands and in bytes, and what a session takes there.
// These figures hardly depend on the other work of the machine. It starts a Redis Cluster of 1, 3
// and 6 masters, and a PostgreSQL with and without PgBouncer. docs/capacity.md reckons with them.

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <scs/stores/postgres.hpp>
#include <scs/stores/redis.hpp>
#include <scs/token.hpp>

#include "free_port.hpp"
#include "postgres_server.hpp"
#include "redis_server.hpp"
#include "transaction_pooler.hpp"

namespace {

using namespace std::chrono_literals;

struct options {
  std::size_t sessions = 20'000;
  int threads = 4;
  double seconds = 5;
};

const std::string payload(200, 'x');

/// What servers have used and counted since they were started.
struct usage {
  double processor_seconds = 0;
  double commands = 0;
  double bytes_in = 0;
  double bytes_out = 0;
  double memory = 0;
};

double own_processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// A request that changes its session: it is loaded, and stored with another payload.
void run_requests(scs::store& store, const std::vector<scs::session_id>& ids,
                  const std::atomic<bool>& ending, std::atomic<std::size_t>& done,
                  std::size_t first) {
  for (std::size_t i = first; !ending; i += 7919) {  // a prime, so that all have their turn
    const scs::session_id& id = ids[i % ids.size()];
    const auto found = store.find(id);
    if (!found) continue;
    store.commit(id, payload, scs::clock::system().now() + 1h, found->revision, "");
    ++done;
  }
}

void measure(const std::string& name, scs::store& store, const std::function<usage()>& look,
             const options& chosen) {
  const double empty = look().memory;
  std::vector<scs::session_id> ids;
  for (std::size_t i = 0; i < chosen.sessions; ++i) {
    ids.push_back(scs::token::generate().id());
    store.commit(ids.back(), payload, scs::clock::system().now() + 1h, std::nullopt, "");
  }
  const double each = (look().memory - empty) / static_cast<double>(ids.size());
  std::atomic<bool> ending = false;
  std::atomic<std::size_t> done = 0;
  const usage before = look();
  const double own_before = own_processor_seconds();
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < chosen.threads; ++i) {
    threads.emplace_back([&, i] {
      run_requests(store, ids, ending, done, static_cast<std::size_t>(i) * ids.size() / 4);
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(chosen.seconds));
  ending = true;
  for (std::thread& thread : threads)
    thread.join();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begun;
  const double own = own_processor_seconds() - own_before;
  const usage after = look();
  const auto requests = static_cast<double>(done.load());
  const auto per_request = [&](double usage::*counter) -> std::string {
    const double counted = after.*counter - before.*counter;
    if (counted == 0) return "-";  // the server does not count it
    return std::to_string(std::lround(counted / requests));
  };
  std::printf("| %s | %.0f | %.0f | %.0f | %s | %s | %s | %.0f |\n", name.c_str(),
              requests / time.count(), requests / own,
              requests / (after.processor_seconds - before.processor_seconds),
              per_request(&usage::commands).c_str(), per_request(&usage::bytes_in).c_str(),
              per_request(&usage::bytes_out).c_str(), each);
  std::fflush(stdout);
}

double number_in(const std::string& info, const std::string& field) {
  const auto at = info.find("\n" + field + ":");
  return at == std::string::npos ? 0 : std::strtod(info.c_str() + at + field.size() + 2, nullptr);
}

/// A cluster without replicas, complete when this returns.
std::vector<std::unique_ptr<test::redis_server>> start_cluster(std::size_t masters) {
  std::vector<int> ports;
  std::vector<int> bus_ports;
  for (std::size_t i = 0; i < masters; ++i) {
    ports.push_back(test::free_port());
    bus_ports.push_back(test::free_port());
  }
  std::vector<std::unique_ptr<test::redis_server>> nodes;
  for (std::size_t self = 0; self < masters; ++self) {
    std::ostringstream known;
    for (std::size_t i = 0; i < masters; ++i) {
      known << std::string(39, 'd') << i << " 127.0.0.1:" << ports[i] << '@' << bus_ports[i] << ' '
            << (i == self ? "myself," : "") << "master - 0 0 " << i + 1 << " connected "
            << i * 16384 / masters << '-' << (i + 1) * 16384 / masters - 1 << '\n';
    }
    known << "vars currentEpoch " << masters << " lastVoteEpoch 0\n";
    nodes.push_back(std::make_unique<test::redis_server>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port",
                                 std::to_string(bus_ports[self])},
        ports[self], known.str()));
  }
  for (const auto& node : nodes) {
    if (!test::eventually([&] {
          return node->command({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
        })) {
      throw std::runtime_error("the cluster does not form");
    }
  }
  return nodes;
}

void measure_redis(std::size_t masters, const options& chosen) {
  const auto nodes = start_cluster(masters);
  scs::stores::redis store{
      {.servers = {nodes.front()->address()}, .mode = scs::stores::redis_mode::cluster}};
  const auto look = [&] {
    usage total;
    for (const auto& node : nodes) {
      const std::string info = node->command({"INFO", "everything"});
      total.processor_seconds += number_in(info, "used_cpu_user") + number_in(info, "used_cpu_sys");
      total.commands += number_in(info, "total_commands_processed");
      total.bytes_in += number_in(info, "total_net_input_bytes");
      total.bytes_out += number_in(info, "total_net_output_bytes");
      total.memory += number_in(info, "used_memory");
    }
    return total;
  };
  measure("Redis Cluster, masters: " + std::to_string(masters), store, look, chosen);
}

/// Of a process and its children; what has ended does not count.
double processor_seconds_of(const std::string& process) {
  double ticks = 0;
  std::ifstream children{"/proc/" + process + "/task/" + process + "/children"};
  std::vector<std::string> all{process};
  for (std::string child; children >> child;)
    all.push_back(child);
  for (const std::string& each : all) {
    std::string text;
    std::getline(std::ifstream{"/proc/" + each + "/stat"}, text);
    std::istringstream fields{text.substr(text.rfind(')') + 2)};
    std::string skipped;
    for (int i = 0; i < 11; ++i)
      fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void measure_postgres(const test::postgres_server& server, const std::string& name,
                      const std::string& connection, scs::stores::statement_mode statements,
                      const options& chosen) {
  server.sql("DROP TABLE IF EXISTS sessions");
  scs::stores::postgres store{{.connection = connection, .statements = statements}};
  store.migrate();
  std::string process;
  std::getline(std::ifstream{server.folder() / "data" / "postmaster.pid"}, process);
  const auto look = [&] {
    return usage{.processor_seconds = processor_seconds_of(process),
                 .memory = std::stod(server.sql("SELECT pg_total_relation_size('sessions')"))};
  };
  measure(name, store, look, chosen);
}

}  // namespace

int main(int count, char** words) {
  options chosen;
  for (int i = 1; i < count; ++i) {
    if (words[i] == std::string{"--quick"})
      chosen = {.sessions = 200, .threads = 4, .seconds = 0.2};
  }
  try {
    std::puts(
        "| store | requests a second | for each core of the client | for each core of the servers "
        "| "
        "commands a request | bytes to the server | bytes from it | bytes a session |\n"
        "|---|---|---|---|---|---|---|---|");
    for (const std::size_t masters : {1, 3, 6})
      measure_redis(masters, chosen);
    const test::postgres_server server;
    measure_postgres(server, "PostgreSQL", server.conninfo(), scs::stores::statement_mode::prepared,
                     chosen);
    const test::transaction_pooler pooler{server, 4,
                                          test::transaction_pooler::prepared_statements::pass};
    measure_postgres(server, "PostgreSQL through PgBouncer", pooler.conninfo(),
                     scs::stores::statement_mode::unprepared, chosen);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_capacity: %s\n", failure.what());
    return 1;
  }
}
