// bench_stores: what a request's session costs on each store, in process, through session_manager:
// load and read; load, change, commit. Starts a Redis and a PostgreSQL of its own on the loopback.
// `bench_stores [SECONDS]`, for each measurement. The figures of docs/choosing-a-store.md.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>

#include <buntdb/buntdb.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/cookie.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/near_cache.hpp>
#include <scs/stores/postgres.hpp>
#include <scs/stores/redis.hpp>

#include "harness/temporary_folder.hpp"
#include "redis_server.hpp"
#include "server.hpp"

namespace {

using std::chrono::steady_clock;

constexpr std::size_t sessions = 10'000;
constexpr unsigned rounds = 5;
/// Makes payloads of 200 bytes, as SCS writes them.
constexpr std::size_t filler_size = 132;

/// A manager, and the Cookie headers of its sessions' browsers. Threads use browsers of their own.
class site {
 public:
  site(std::string name, std::unique_ptr<scs::session_manager> manager)
      : name_(std::move(name)), manager_(std::move(manager)), cookies_(sessions) {
    for (std::size_t browser = 0; browser < sessions; ++browser) {
      scs::session session = manager_->load("");
      session.put("filler", std::string(filler_size, 'x'));
      session.put("counter", 100'000);
      commit(session, browser);
    }
  }

  void read(std::size_t browser) {
    scs::session session = manager_->load(cookies_[browser]);
    session.get<int>("counter").value();
    commit(session, browser);
  }
  void write(std::size_t browser) {
    scs::session session = manager_->load(cookies_[browser]);
    session.put("counter", session.get<int>("counter").value() + 1);
    commit(session, browser);
  }

  const std::string& name() const noexcept { return name_; }
  scs::session_manager& manager() noexcept { return *manager_; }
  std::size_t cookie_size() const { return cookies_.front().size(); }

 private:
  void commit(scs::session& session, std::size_t browser) {
    for (const scs::header& line : manager_->commit(session)) {
      if (line.name == "Set-Cookie") {
        cookies_[browser] = line.value.substr(0, line.value.find(';'));
      }
    }
  }

  std::string name_;
  std::unique_ptr<scs::session_manager> manager_;
  std::vector<std::string> cookies_;
};

using request = void (site::*)(std::size_t);

/// Requests a second.
double measure(site& where, request what, std::size_t threads, std::chrono::duration<double> time) {
  std::atomic<bool> over = false;
  std::atomic<std::size_t> done = 0;
  std::vector<std::thread> running;
  const auto begun = steady_clock::now();
  for (std::size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      const std::size_t share = sessions / threads;
      std::size_t count = 0;
      for (; !over.load(std::memory_order_relaxed); ++count) {
        (where.*what)(thread * share + count * 7919 % share);
      }
      done += count;
    });
  }
  std::this_thread::sleep_for(time);
  over = true;
  for (std::thread& each : running)
    each.join();
  return static_cast<double>(done) /
         std::chrono::duration<double>(steady_clock::now() - begun).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::unique_ptr<scs::session_manager> manager_on(std::unique_ptr<scs::store> store) {
  return std::make_unique<scs::session_manager>(std::move(store), scs::session_options{});
}

double allocated() {
  const struct mallinfo2 now = ::mallinfo2();
  return static_cast<double>(now.uordblks + now.hblkhd);
}

void print_size(const char* what, double bytes) {
  std::printf("  %-36s %6.0f bytes a session\n", what, bytes / sessions);
}

void run(std::chrono::duration<double> time) {
  const bench::temporary_folder folder(std::filesystem::temp_directory_path());
  buntdb::database db = buntdb::database::open(folder.path() / "a.db");
  buntdb::database synced =
      buntdb::database::open(folder.path() / "b.db", {.sync = buntdb::sync_policy::always});
  test::redis_server redis;
  const scs::stores::redis_options redis_options{.servers = {redis.address()}};
  scs::stores::redis_options cached_options = redis_options;
  cached_options.key_prefix = "cached:";
  const test::postgres_server& postgres = test::shared_postgres();

  std::vector<std::unique_ptr<site>> sites;
  const auto add = [&](const char* name, std::unique_ptr<scs::session_manager> manager) -> site& {
    sites.push_back(std::make_unique<site>(name, std::move(manager)));
    return *sites.back();
  };
  const double before = allocated();
  add("memory", manager_on(std::make_unique<scs::stores::memory>()));
  const double in_memory = allocated() - before;  // with the browsers' cookies, of 51 bytes
  add("bunt", manager_on(std::make_unique<scs::stores::bunt>(db)));
  add("bunt, sync always", manager_on(std::make_unique<scs::stores::bunt>(synced)));
  const auto redis_before = static_cast<double>(redis.info("used_memory"));
  add("redis", manager_on(std::make_unique<scs::stores::redis>(redis_options)));
  const double in_redis = static_cast<double>(redis.info("used_memory")) - redis_before;
  add("redis with near_cache", manager_on(std::make_unique<scs::stores::near_cache>(
                                   std::make_unique<scs::stores::redis>(cached_options))));
  add("postgres", manager_on(std::make_unique<scs::stores::postgres>(
                      scs::stores::postgres_options{.connection = postgres.conninfo()})));
  const double in_postgres =
      std::stod(postgres.sql("SELECT pg_total_relation_size('sessions')::text"));
  site& cookie =
      add("cookie", std::make_unique<scs::session_manager>(
                        std::make_unique<scs::stores::cookie>(
                            scs::stores::cookie_options{.secrets = {std::string(32, 's')}}),
                        scs::session_options{}));

  std::size_t payload = 0;
  sites.front()->manager().store().for_each([&](const scs::session_id&, const scs::record& found) {
    payload = found.payload.size();
    return scs::visit::stop;
  });
  std::printf("%zu sessions with payloads of %zu bytes; medians of %u rounds of %.2f s, in turns\n",
              sessions, payload, rounds, time.count());
  std::printf("%-24s %14s %14s %14s %14s\n", "requests a second", "read, 1 thread", "4 threads",
              "write, 1 thr.", "4 threads");
  struct kind {
    request what;
    std::size_t threads;
  };
  const kind kinds[] = {{&site::read, 1}, {&site::read, 4}, {&site::write, 1}, {&site::write, 4}};
  std::vector<std::vector<std::vector<double>>> rates(sites.size(), {4, std::vector<double>{}});
  for (unsigned round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < sites.size(); ++i) {
      for (std::size_t k = 0; k < 4; ++k)
        rates[i][k].push_back(measure(*sites[i], kinds[k].what, kinds[k].threads, time));
    }
  }
  for (std::size_t i = 0; i < sites.size(); ++i) {
    std::printf("%-24s", sites[i]->name().c_str());
    for (const std::vector<double>& each : rates[i])
      std::printf(" %14.0f", median(each));
    std::printf("\n");
  }
  std::printf("memory, before the measurements:\n");
  print_size("memory store, with the id's cookie", in_memory);
  print_size("redis, used_memory", in_redis);
  print_size("postgres, pg_total_relation_size", in_postgres);
  std::printf("  %-36s %6zu bytes in each request\n", "cookie, the header", cookie.cookie_size());
}

}  // namespace

int main(int count, char** words) {
  try {
    run(std::chrono::duration<double>{count > 1 ? std::atof(words[1]) : 0.2});
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_stores: %s\n", failure.what());
    return 1;
  }
}
