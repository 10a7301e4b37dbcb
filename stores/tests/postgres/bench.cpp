// postgres_bench: what the store in PostgreSQL costs beside libpq itself doing the same statements,
// on a server that it starts on this machine. Prints medians of rounds in which both take turns,
// and the median of the ratios of two rounds that followed each other.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres/statements.hpp"
#include "postgres/values.hpp"
#include "server.hpp"

namespace {

namespace sql = scs::stores::postgres_detail;
using scs::stores::postgres;
using std::chrono::steady_clock;

constexpr std::size_t sessions = 200;
constexpr const char* table = "bench";

const std::string& payload() {
  static const std::string text =
      R"({"data":{"filler":")" + std::string(150, 'x') + R"("},"deadline":2000000000000000000})";
  return text;
}

/// The store's ones, and behind them libpq's.
const std::vector<scs::session_id>& ids() {
  static const std::vector<scs::session_id> made = [] {
    std::vector<scs::session_id> all;
    all.reserve(2 * sessions);
    for (std::size_t i = 0; i < 2 * sessions; ++i)
      all.push_back(scs::token::generate().id());
    return all;
  }();
  return made;
}

scs::time_point in_an_hour() {
  return scs::clock::system().now() + std::chrono::hours{1};
}

/// Does one operation on the nth session; threads have different ones.
using operation = std::function<void(std::size_t)>;

/// What one thread of the contender uses: made for each thread and operation.
using make_operation = std::function<operation()>;

// --- the store ---

operation store_find(postgres& store) {
  return [&store](std::size_t n) {
    if (!store.find(ids()[n])) std::abort();
  };
}

operation store_commit(postgres& store) {
  auto revisions = std::make_shared<std::vector<std::string>>(sessions);
  return [&store, revisions](std::size_t n) {
    std::string& revision = (*revisions)[n];
    if (revision.empty()) revision = store.find(ids()[n])->revision;
    auto done = store.commit(ids()[n], payload(), in_an_hour(), revision, "");
    if (done.result != scs::commit_result::outcome::committed) std::abort();
    revision = std::move(done.revision);
  };
}

// --- libpq ---

class raw_client {
 public:
  explicit raw_client(const std::string& conninfo)
      : connection_(PQconnectdb(conninfo.c_str()), &PQfinish) {}

  sql::result run(const sql::statement& what, const std::vector<sql::parameter>& parameters) {
    std::vector<Oid> types;
    std::vector<const char*> data;
    std::vector<int> sizes;
    std::vector<int> formats(parameters.size(), 1);
    for (const sql::parameter& each : parameters) {
      types.push_back(each.type());
      data.push_back(each.data());
      sizes.push_back(static_cast<int>(each.size()));
    }
    const int count = static_cast<int>(parameters.size());
    if (prepared_ != &what) {
      PQclear(
          PQprepare(connection_.get(), what.name.c_str(), what.sql.c_str(), count, types.data()));
      prepared_ = &what;
    }
    sql::result answer{PQexecPrepared(connection_.get(), what.name.c_str(), count, data.data(),
                                      sizes.data(), formats.data(), 1)};
    return answer;
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  const sql::statement* prepared_ = nullptr;
};

const sql::statements& statements() {
  static const sql::statements all{table, scs::stores::payload_column::bytea};
  return all;
}

std::int64_t number_of(scs::time_point moment) {
  return moment.time_since_epoch().count();
}

sql::result raw_select(raw_client& client, std::size_t n) {
  return client.run(statements()[sql::statement_id::find],
                    {sql::parameter::bytes(ids()[sessions + n].text()),
                     sql::parameter::number(number_of(scs::clock::system().now()))});
}

operation raw_find(const std::string& conninfo) {
  auto client = std::make_shared<raw_client>(conninfo);
  return [client](std::size_t n) {
    const sql::result found = raw_select(*client, n);
    if (found.rows() != 1) std::abort();
    const std::string copy{found.bytes(0, 0)};
    if (copy.empty()) std::abort();
  };
}

operation raw_commit(const std::string& conninfo) {
  auto client = std::make_shared<raw_client>(conninfo);
  auto finder = std::make_shared<raw_client>(conninfo);
  auto revisions = std::make_shared<std::vector<std::int64_t>>(sessions);
  return [client, finder, revisions](std::size_t n) {
    std::int64_t& revision = (*revisions)[n];
    if (revision == 0) revision = raw_select(*finder, n).number(0, 2);
    const sql::result done = client->run(
        statements()[sql::statement_id::replace],
        {sql::parameter::bytes(ids()[sessions + n].text()), sql::parameter::bytes(payload()),
         sql::parameter::number(number_of(in_an_hour())), sql::parameter::number(revision + 2),
         sql::parameter::null(sql::bytea_type),
         sql::parameter::number(number_of(scs::clock::system().now())),
         sql::parameter::number(revision)});
    if (done.changed_rows() != 1) std::abort();
    revision += 2;
  };
}

// --- measuring ---

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct round {
  double per_second = 0;
  /// What this process needed for one, the server's own work not counted.
  double cpu_microseconds = 0;
};

/// Each operation on a thread of its own, on its own share of the sessions.
round measure(const std::vector<operation>& operations, std::chrono::milliseconds length) {
  const std::size_t threads = operations.size();
  std::atomic<std::size_t> done = 0;
  std::atomic<unsigned> ready = 0;
  std::atomic<bool> begun = false;
  std::atomic<bool> over = false;
  std::vector<std::thread> running;
  running.reserve(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      const std::size_t share = sessions / threads;
      const std::size_t first = thread * share;
      const operation& operate = operations[thread];
      for (std::size_t i = 0; i < share; ++i)  // the first time: connects, prepares
        operate(first + i);
      ++ready;
      begun.wait(false);
      std::size_t count = 0;
      for (; !over; ++count)
        operate(first + count % share);
      done += count;
    });
  }
  while (ready < threads)
    std::this_thread::yield();
  const auto start = steady_clock::now();
  const double cpu = cpu_seconds();
  begun = true;
  begun.notify_all();
  std::this_thread::sleep_for(length);
  over = true;
  for (std::thread& each : running)
    each.join();
  const double took = std::chrono::duration<double>(steady_clock::now() - start).count();
  const auto count = static_cast<double>(done);
  return {count / took, 1e6 * (cpu_seconds() - cpu) / count};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double median_of(const std::vector<round>& rounds, double round::*figure) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const round& each : rounds)
    values.push_back(each.*figure);
  return median(std::move(values));
}

void compare(const char* what, unsigned threads, const make_operation& store,
             const make_operation& raw, bool quick) {
  const int rounds = quick ? 1 : 41;
  const std::chrono::milliseconds length{quick ? 20 : 100};
  std::vector<round> of_store;
  std::vector<round> of_raw;
  std::vector<double> ratios;
  std::vector<operation> store_operations;
  std::vector<operation> raw_operations;
  for (unsigned i = 0; i < threads; ++i) {
    store_operations.push_back(store());
    raw_operations.push_back(raw());
  }
  for (int i = 0; i < rounds; ++i) {
    of_raw.push_back(measure(raw_operations, length));
    of_store.push_back(measure(store_operations, length));
    ratios.push_back(of_store.back().per_second / of_raw.back().per_second);
  }
  std::printf(
      "%-6s  %u thread%s  store %7.0f /s, %5.1f us CPU   libpq %7.0f /s, %5.1f us CPU   %5.1f %%\n",
      what, threads, threads == 1 ? " " : "s", median_of(of_store, &round::per_second),
      median_of(of_store, &round::cpu_microseconds), median_of(of_raw, &round::per_second),
      median_of(of_raw, &round::cpu_microseconds), 100 * median(std::move(ratios)));
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  try {
    const bool quick = count > 1 && std::strcmp(words[1], "--quick") == 0;
    const std::string conninfo = test::shared_postgres().conninfo();
    postgres store{
        {.connection = conninfo, .table = table, .clean_every = std::chrono::milliseconds{0}}};
    for (const scs::session_id& id : ids())
      store.commit(id, payload(), in_an_hour(), std::nullopt, "");
    std::printf("%zu sessions of %zu bytes; fsync is off\n", sessions, payload().size());
    for (const unsigned threads : {1U, 4U}) {
      compare(
          "find", threads, [&] { return store_find(store); }, [&] { return raw_find(conninfo); },
          quick);
      compare(
          "commit", threads, [&] { return store_commit(store); },
          [&] { return raw_commit(conninfo); }, quick);
    }
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "postgres_bench: %s\n", failure.what());
    return 1;
  }
}
