#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <malloc.h>

#include <buntdb/buntdb.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/cookie.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/near_cache.hpp>
#include <scs/stores/postgres.hpp>
#include <scs/stores/redis.hpp>

#include "counted_allocations.hpp"
#include "stores/contest.hpp"
#include "stores/site.hpp"
#include "stores/workloads.hpp"

namespace bench::stores {

namespace {

constexpr std::string_view session_size = "memory of a session";

using request = void (site::*)(std::size_t);

double allocated_now() {
  const struct mallinfo2 now = ::mallinfo2();
  return static_cast<double>(now.uordblks + now.hblkhd);
}

/// One site on each store, with all its sessions. Reports the memory of these where it is known.
class all_sites {
 public:
  all_sites(run& run, servers& servers)
      : run_(run),
        db_(buntdb::database::open(run.folder / "sessions.db")),
        synced_(buntdb::database::open(run.folder / "synced.db",
                                       {.sync = buntdb::sync_policy::always})) {
    const double before = allocated_now();
    add("memory", std::make_unique<scs::stores::memory>());
    add_size("memory", allocated_now() - before);
    const auto bunt_before = static_cast<double>(db_.stats().memory_bytes);
    add("bunt", std::make_unique<scs::stores::bunt>(db_));
    add_size("bunt", static_cast<double>(db_.stats().memory_bytes) - bunt_before);
    add("bunt, always", std::make_unique<scs::stores::bunt>(synced_));
    add_redis(servers.redis);
    add("postgres", std::make_unique<scs::stores::postgres>(
                        scs::stores::postgres_options{.connection = servers.postgres.conninfo()}));
    add_size("postgres",
             std::stod(servers.postgres.sql("SELECT pg_total_relation_size('sessions')::text")));
    add("cookie", std::make_unique<scs::stores::cookie>(
                      scs::stores::cookie_options{.secrets = {std::string(32, 's')}}));
    add_size("cookie", static_cast<double>(sites_.back()->cookie_size() * run.sessions));
  }

  const std::vector<std::unique_ptr<site>>& all() const noexcept { return sites_; }

 private:
  template <class Store>
  void add(const char* name, std::unique_ptr<Store> store) {
    sites_.push_back(std::make_unique<site>(
        name, std::make_unique<scs::session_manager>(std::move(store), scs::session_options{}),
        run_.sessions));
  }

  void add_redis(test::redis_server& server) {
    scs::stores::redis_options options{.servers = {server.address()}};
    const auto used = [&] { return static_cast<double>(server.info("used_memory")); };
    const double before = used();
    add("redis", std::make_unique<scs::stores::redis>(options));
    add_size("redis", used() - before);
    options.key_prefix = "cached:";
    add("redis, near_cache",
        std::make_unique<scs::stores::near_cache>(std::make_unique<scs::stores::redis>(options)));
  }

  void add_size(const char* name, double bytes) {
    if (run_.wants(session_size, name)) {
      run_.add(session_size, name, unit::bytes, bytes / static_cast<double>(run_.sessions));
    }
  }

  run& run_;
  buntdb::database db_;
  buntdb::database synced_;
  std::vector<std::unique_ptr<site>> sites_;
};

/// Counts how often the requests' own thread calls operator new.
void count_allocations(run& run, std::string_view workload, const all_sites& sites, request what) {
  const std::size_t count = run.amount(1000);
  for (const std::unique_ptr<site>& each : sites.all()) {
    if (!run.wants(workload, each->name())) continue;
    const std::size_t before = test::allocated.count;
    for (std::size_t i = 0; i < count; ++i)
      (*each.*what)(i % run.sessions);
    run.add(workload, each->name(), unit::count,
            static_cast<double>(test::allocated.count - before) / static_cast<double>(count));
  }
}

void measure(run& run, const options& options, std::string_view workload, const all_sites& sites,
             request what) {
  std::vector<contestant> contestants;
  for (const std::unique_ptr<site>& each : sites.all()) {
    contestants.push_back(
        {each->name(), [where = each.get(), what](std::size_t first, std::size_t count) {
           return [where, what, first, count](std::size_t n) {
             // Not in the order in which they were made.
             (where->*what)(first + n * 7919 % count);
           };
         }});
  }
  hold(run, options, workload, contestants);
  count_allocations(run, std::string(workload) + ", allocations", sites, what);
}

}  // namespace

void measure_requests(run& run, const options& options, servers& servers) {
  const all_sites sites(run, servers);
  measure(run, options, "read", sites, &site::read);
  measure(run, options, "read and write", sites, &site::write);
}

}  // namespace bench::stores
