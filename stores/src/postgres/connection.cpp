#include "postgres/connection.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

namespace scs::stores::postgres_detail {

namespace {

constexpr int binary = 1;

/// Shorter than the time after which firewalls and address translators forget an idle connection.
constexpr std::chrono::seconds checked_after_silence{15};
/// For connections in use.
constexpr std::chrono::seconds checked_every{10};

[[noreturn]] void throw_late(const char* doing) {
  throw failure(failure::kind::late, {},
                std::string{"the database gave no answer in time while "}.append(doing) +
                    "; see postgres_options::timeout");
}

/// Returns the server's message, with a hint about what can be done.
failure refusal(std::string_view sqlstate, std::string_view message) {
  struct hint {
    std::string_view sqlstate;
    std::string_view text;
    errc code = errc::store_failed;
  };
  static constexpr std::array<hint, 9> hints{{
      {"22P02", "a jsonb column keeps JSON only", errc::invalid_value},
      {"22P05", "a jsonb column keeps no U+0000; use payload_column::bytea", errc::invalid_value},
      {"25006", "is it a standby? target_session_attrs=read-write looks for the primary"},
      {"26000", "with a pooler in transaction mode, use statement_mode::unprepared"},
      {"42P05", "with a pooler in transaction mode, use statement_mode::unprepared"},
      {"42P01", "postgres::migrate() creates the table"},
      {"42804", "does postgres_options::payload name the type of the table's column?"},
      {"53100", "its disk is full", errc::store_full},
      {"57014", "the database gave no answer in time; see postgres_options::timeout"},
  }};
  std::string text = "the database refused: ";
  text.append(message).append(" (SQLSTATE ").append(sqlstate).append(")");
  errc code = errc::store_failed;
  for (const hint& known : hints) {
    if (known.sqlstate != sqlstate) continue;
    text.append("; ").append(known.text);
    code = known.code;
  }
  // With a pooler's 08P01, or when the server is shut down, it is unknown whether the statement was
  // executed.
  const bool is_lost = sqlstate.starts_with("08") || sqlstate.starts_with("57P");
  return {is_lost ? failure::kind::lost : failure::kind::refused, std::string{sqlstate}, text,
          code};
}

/// Returns the first line of libpq's message.
std::string first_line(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  return std::string{text.substr(0, end)};
}

/// Returns the events that are possible, or zero after the deadline.
short wait_for(int socket, short events, deadline until) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return 0;
    pollfd wanted{.fd = socket, .events = events, .revents = 0};
    constexpr std::chrono::milliseconds longest{60'000};
    const int ready = poll(&wanted, 1, static_cast<int>(std::min(left, longest).count()));
    if (ready > 0) return wanted.revents;
    if (ready < 0 && errno != EINTR) return POLLERR;  // libpq will report the error
  }
}

}  // namespace

connection::connection(const connection_plan& plan, std::size_t host, startup_options options,
                       statement_mode mode, deadline until)
    : mode_(mode) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto parameters = plan.parameters(host, options);
  for (const auto& [keyword, value] : parameters) {
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  constexpr int expand_dbname = 1;
  handle_.reset(PQconnectStartParams(keywords.data(), values.data(), expand_dbname));
  if (!handle_) throw std::bad_alloc{};
  PQsetNoticeReceiver(handle_.get(), note, this);

  auto next =
      PQstatus(handle_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) {
      throw failure(failure::kind::unreachable, {},
                    "cannot connect to the database: " + first_line(PQerrorMessage(handle_.get())));
    }
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (wait_for(PQsocket(handle_.get()), events, until) == 0) throw_late("connecting");
    next = PQconnectPoll(handle_.get());
  }
  PQsetnonblocking(handle_.get(), 1);
  if (options == startup_options::left_out && !plan.says_statement_timeout()) {
    local_timeout_ = std::to_string(plan.statement_timeout().count());
  }
}

/// Receives PostgreSQL's notices. One of them says that a commit was not confirmed by its standby.
void connection::note(void* self, const PGresult* notice) {
  const char* const where = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
  if (where != nullptr && std::string_view{where} == "SyncRepWaitForLSN") {
    static_cast<connection*>(self)->is_unconfirmed_ = true;
  }
}

connection::moment connection::check(deadline until) {
  constexpr const char* sql =
      "SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END::bigint, "
      "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
  const clock::time_point asked = clock::now();
  if (PQsendQueryParams(handle_.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, binary) != 1) {
    throw_lost();
  }
  const result found = wait_for_result(until);
  if (found.number(0, 0) != 0) {
    throw failure(failure::kind::unreachable, {},
                  "the database is a standby, which may not know of the last changes; "
                  "target_session_attrs=read-write looks for the primary");
  }
  last_check_ = last_use_;
  return {time_point{std::chrono::microseconds{found.number(0, 1)}},
          asked + (last_use_ - asked) / 2};
}

bool connection::needs_check(clock::time_point now) const noexcept {
  return now - last_use_ >= checked_after_silence || now - last_check_ >= checked_every;
}

// The server sends something on an idle connection only when it closes it or changes a setting.
bool connection::is_alive() noexcept {
  PGconn* const handle = handle_.get();
  while (PQstatus(handle) == CONNECTION_OK) {
    pollfd wanted{.fd = PQsocket(handle), .events = POLLIN, .revents = 0};
    if (poll(&wanted, 1, 0) == 0) return PQtransactionStatus(handle) == PQTRANS_IDLE;
    if (PQconsumeInput(handle) != 1) return false;
  }
  return false;
}

result connection::execute(const statement& what, std::span<const parameter> parameters,
                           deadline until) {
  if (mode_ == statement_mode::prepared && !prepared_[static_cast<std::size_t>(what.id)]) {
    prepare(what, parameters, until);
  }
  if (!local_timeout_.empty()) begin_limited_statement();
  if (send(what, parameters) != 1) throw_lost();
  if (!local_timeout_.empty() && PQpipelineSync(handle_.get()) != 1) throw_lost();
  return wait_for_result(until);
}

/// Sends the time limit with the next statement, in one round trip and one transaction. So it does
/// not affect another client that uses the pooler's connection later.
void connection::begin_limited_statement() {
  const char* const value = local_timeout_.c_str();
  if (PQenterPipelineMode(handle_.get()) != 1 ||
      PQsendQueryParams(handle_.get(),
                        "SELECT pg_catalog.set_config('statement_timeout', $1, true)", 1, nullptr,
                        &value, nullptr, nullptr, binary) != 1) {
    throw_lost();
  }
}

int connection::send(const statement& what, std::span<const parameter> parameters) {
  constexpr std::size_t max_parameters = 8;
  std::array<Oid, max_parameters> types{};
  std::array<const char*, max_parameters> data{};
  std::array<int, max_parameters> sizes{};
  std::array<int, max_parameters> formats{};
  assert(parameters.size() <= max_parameters);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    types[i] = parameters[i].type();
    data[i] = parameters[i].data();
    sizes[i] = static_cast<int>(parameters[i].size());
    formats[i] = binary;
  }
  const int count = static_cast<int>(parameters.size());
  if (mode_ == statement_mode::prepared) {
    return PQsendQueryPrepared(handle_.get(), what.name.c_str(), count, data.data(), sizes.data(),
                               formats.data(), binary);
  }
  return PQsendQueryParams(handle_.get(), what.sql.c_str(), count, types.data(), data.data(),
                           sizes.data(), formats.data(), binary);
}

void connection::execute_script(const std::string& sql, deadline until) {
  if (PQsendQuery(handle_.get(), sql.c_str()) != 1) throw_lost();
  wait_for_result(until);
}

void connection::prepare(const statement& what, std::span<const parameter> parameters,
                         deadline until) {
  std::vector<Oid> types;
  types.reserve(parameters.size());
  for (const parameter& value : parameters)
    types.push_back(value.type());
  if (PQsendPrepare(handle_.get(), what.name.c_str(), what.sql.c_str(),
                    static_cast<int>(types.size()), types.data()) != 1) {
    throw_lost();
  }
  has_refused_name_ = true;  // unless the following call succeeds
  wait_for_result(until);
  has_refused_name_ = false;
  prepared_.set(static_cast<std::size_t>(what.id));
}

/// Returns the last result, or throws the first failure. In both cases the connection is then idle.
result connection::wait_for_result(deadline until) {
  flush(until);
  is_unconfirmed_ = false;
  std::optional<failure> failed;
  std::optional<result> last;
  try {
    last = wait_for_last(failed, until);
  } catch (const failure& lost) {
    // Report why the server closed the connection, if it said so.
    if (!failed) throw;
    throw failure(lost.reason(), failed->sqlstate(), failed->what(), failed->meaning());
  }
  last_use_ = clock::now();
  if (is_unconfirmed_) {
    throw failure(failure::kind::lost, {},
                  "the database has stopped waiting for its synchronous standby: a failover may "
                  "undo what it has done");
  }
  if (failed) throw failure{std::move(*failed)};
  if (!last) throw_lost();
  return std::move(*last);
}

std::optional<result> connection::wait_for_last(std::optional<failure>& failed, deadline until) {
  std::optional<result> last;
  const bool is_pipeline = PQpipelineStatus(handle_.get()) != PQ_PIPELINE_OFF;
  for (bool synced = !is_pipeline;;) {
    PGresult* const raw = next_result(until);
    if (raw == nullptr) {
      if (synced) break;
      continue;  // the end of one statement of a pipeline
    }
    result got{raw};
    const ExecStatusType status = PQresultStatus(raw);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      last.emplace(std::move(got));
    } else if (status == PGRES_PIPELINE_SYNC) {
      synced = true;
      break;
    } else if (status != PGRES_PIPELINE_ABORTED && !failed) {
      const char* const state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
      const char* const message = PQresultErrorField(raw, PG_DIAG_MESSAGE_PRIMARY);
      if (state == nullptr || message == nullptr) throw_lost();  // an error of libpq
      failed.emplace(refusal(state, message));
    }
    if (PQstatus(handle_.get()) != CONNECTION_OK) throw_lost();
  }
  if (PQstatus(handle_.get()) != CONNECTION_OK) throw_lost();
  if (is_pipeline && PQexitPipelineMode(handle_.get()) != 1) throw_lost();
  return last;
}

void connection::flush(deadline until) {
  int left = PQflush(handle_.get());
  while (left == 1) {
    // The server may stop reading until its output is read.
    const short ready = wait_for(PQsocket(handle_.get()), POLLIN | POLLOUT, until);
    if (ready == 0) throw_late("sending a statement");
    if ((ready & POLLIN) != 0 && PQconsumeInput(handle_.get()) != 1) throw_lost();
    left = PQflush(handle_.get());
  }
  if (left != 0) throw_lost();
}

PGresult* connection::next_result(deadline until) {
  while (PQisBusy(handle_.get()) == 1) {
    if (wait_for(PQsocket(handle_.get()), POLLIN, until) == 0) {
      throw_late("it was asked");
    }
    if (PQconsumeInput(handle_.get()) != 1) throw_lost();
  }
  return PQgetResult(handle_.get());
}

void connection::throw_lost() const {
  throw failure(
      failure::kind::lost, {},
      "the connection to the database was lost: " + first_line(PQerrorMessage(handle_.get())));
}

}  // namespace scs::stores::postgres_detail
