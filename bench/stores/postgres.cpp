#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include <scs/stores/postgres.hpp>

#include "postgres/statements.hpp"
#include "postgres/values.hpp"
#include "stores/compared_sessions.hpp"
#include "stores/contest.hpp"
#include "stores/workloads.hpp"

namespace bench::stores {

namespace {

namespace sql = scs::stores::postgres_detail;

constexpr const char* table = "compared";

const sql::statements& statements() {
  static const sql::statements all{table, scs::stores::payload_column::bytea,
                                   sql::cleaning_clock::caller};
  return all;
}

std::int64_t number_of(scs::time_point moment) {
  return moment.time_since_epoch().count();
}

/// One connection, used as by an application without the store.
class libpq_client {
 public:
  explicit libpq_client(const std::string& conninfo)
      : connection_(PQconnectdb(conninfo.c_str()), &PQfinish) {}

  sql::result find(const scs::session_id& id) {
    sql::result found = run(statements()[sql::statement_id::find],
                            {sql::parameter::bytes(id.text()),
                             sql::parameter::number(number_of(scs::clock::system().now()))});
    if (found.rows() != 1) fail();
    return found;
  }

  void find_and_commit(const scs::session_id& id, const std::string& payload) {
    const std::int64_t revision = find(id).number(0, 2);
    const sql::result done =
        run(statements()[sql::statement_id::replace],
            {sql::parameter::bytes(id.text()), sql::parameter::bytes(payload),
             sql::parameter::number(number_of(in_an_hour())), sql::parameter::number(revision + 2),
             sql::parameter::null(sql::bytea_type),
             sql::parameter::number(number_of(scs::clock::system().now())),
             sql::parameter::number(revision)});
    if (done.changed_rows() != 1) fail();
  }

 private:
  sql::result run(const sql::statement& what, const std::vector<sql::parameter>& parameters) {
    std::vector<Oid> types;
    std::vector<const char*> data;
    std::vector<int> sizes;
    const std::vector<int> formats(parameters.size(), 1);
    for (const sql::parameter& each : parameters) {
      types.push_back(each.type());
      data.push_back(each.data());
      sizes.push_back(static_cast<int>(each.size()));
    }
    const int count = static_cast<int>(parameters.size());
    if (std::find(prepared_.begin(), prepared_.end(), &what) == prepared_.end()) {
      PQclear(
          PQprepare(connection_.get(), what.name.c_str(), what.sql.c_str(), count, types.data()));
      prepared_.push_back(&what);
    }
    return sql::result{PQexecPrepared(connection_.get(), what.name.c_str(), count, data.data(),
                                      sizes.data(), formats.data(), 1)};
  }

  [[noreturn]] void fail() const {
    throw std::runtime_error("PostgreSQL: " + std::string(PQerrorMessage(connection_.get())));
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::vector<const sql::statement*> prepared_;
};

}  // namespace

void measure_postgres(run& run, const options& options, servers& servers) {
  const std::string conninfo = servers.postgres.conninfo();
  const std::string payload = compared_payload();
  const auto ids = make_ids(run.sessions);
  scs::stores::postgres store{
      {.connection = conninfo, .table = table, .clean_every = std::chrono::milliseconds{0}}};
  for (const auto& id : ids)
    store.commit(id, payload, in_an_hour(), std::nullopt, "");

  const auto by_libpq = [&](const auto& operate) {
    return [&, operate](std::size_t first, std::size_t count) -> operation {
      auto client = std::make_shared<libpq_client>(conninfo);
      return [&, operate, client, first, count](std::size_t n) {
        operate(*client, ids[first + n % count]);
      };
    };
  };
  const auto by_store = [&](const auto& operate) {
    return [&, operate](std::size_t first, std::size_t count) -> operation {
      return [&, operate, first, count](std::size_t n) { operate(ids[first + n % count]); };
    };
  };
  using id = scs::session_id;
  hold(run, options, "PostgreSQL: find",
       {{"postgres", by_store([&](const id& one) { find_with(store, one); })},
        {"libpq", by_libpq([](libpq_client& client, const id& one) {
           const sql::result found = client.find(one);
           const std::string copy{found.bytes(0, 0)};
           consume(copy.size());
         })}});
  hold(run, options, "PostgreSQL: find, commit",
       {{"postgres", by_store([&](const id& one) { find_and_commit_with(store, one, payload); })},
        {"libpq", by_libpq([&](libpq_client& client, const id& one) {
           client.find_and_commit(one, payload);
         })}});
}

}  // namespace bench::stores
