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

[[noreturn]] void throw_late(const char* doing) {
  throw failure(failure::kind::late, {},
                std::string{"the database gave no answer in time while "}.append(doing) +
                    "; see postgres_options::timeout");
}

/// What the server says, and what can be done about it.
failure refusal(std::string_view sqlstate, std::string_view message) {
  struct hint {
    std::string_view sqlstate;
    std::string_view text;
    errc code = errc::store_failed;
  };
  static constexpr std::array<hint, 8> hints{{
      {"22P02", "a jsonb column keeps JSON only", errc::invalid_value},
      {"22P05", "a jsonb column keeps no U+0000; use payload_column::bytea", errc::invalid_value},
      {"25006", "is it a standby? target_session_attrs=read-write looks for the primary"},
      {"26000", "behind a pooler of transactions use statement_mode::unprepared"},
      {"42P05", "behind a pooler of transactions use statement_mode::unprepared"},
      {"42P01", "postgres::migrate() creates the table"},
      {"42804", "does postgres_options::payload name the type of the table's column?"},
      {"53100", "its disk is full", errc::store_full},
  }};
  std::string text = "the database refused: ";
  text.append(message).append(" (SQLSTATE ").append(sqlstate).append(")");
  errc code = errc::store_failed;
  for (const hint& known : hints) {
    if (known.sqlstate != sqlstate) continue;
    text.append("; ").append(known.text);
    code = known.code;
  }
  return {failure::kind::refused, std::string{sqlstate}, text, code};
}

/// The first line of what libpq says, without what it hangs at the end.
std::string first_line(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  return std::string{text.substr(0, end)};
}

/// Gives what can be done; empty after the deadline.
short wait_for(int socket, short events, deadline until) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return 0;
    pollfd wanted{.fd = socket, .events = events, .revents = 0};
    constexpr std::chrono::milliseconds longest{60'000};
    const int ready = poll(&wanted, 1, static_cast<int>(std::min(left, longest).count()));
    if (ready > 0) return wanted.revents;
    if (ready < 0 && errno != EINTR) return POLLERR;  // libpq will say what it is
  }
}

}  // namespace

connection::connection(const std::string& conninfo, statement_mode mode, deadline until)
    : mode_(mode) {
  // The last ones win: those behind the user's are not up to them.
  const std::array<const char*, 4> keywords{"fallback_application_name", "dbname",
                                            "client_encoding", nullptr};
  const std::array<const char*, 4> values{"buntstore", conninfo.c_str(), "UTF8", nullptr};
  constexpr int expand_dbname = 1;
  handle_.reset(PQconnectStartParams(keywords.data(), values.data(), expand_dbname));
  if (!handle_) throw std::bad_alloc{};
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);

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
  const char* const standby = PQparameterStatus(handle_.get(), "in_hot_standby");
  if (standby != nullptr && std::string_view{standby} == "on") {
    throw failure(failure::kind::unreachable, {},
                  "the database is a standby, which may not know of the last changes; "
                  "target_session_attrs=read-write looks for the primary");
  }
}

// An idle connection has nothing to say, but when the server ends it or changes a setting.
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
  int sent = 0;
  if (mode_ == statement_mode::prepared) {
    if (!prepared_[static_cast<std::size_t>(what.id)]) prepare(what, parameters, until);
    sent = PQsendQueryPrepared(handle_.get(), what.name.c_str(), count, data.data(), sizes.data(),
                               formats.data(), binary);
  } else {
    sent = PQsendQueryParams(handle_.get(), what.sql.c_str(), count, types.data(), data.data(),
                             sizes.data(), formats.data(), binary);
  }
  if (sent != 1) throw_lost();
  return wait_for_result(until);
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
  has_refused_name_ = true;  // unless what follows says otherwise
  wait_for_result(until);
  has_refused_name_ = false;
  prepared_.set(static_cast<std::size_t>(what.id));
}

/// The last result, or the first failure; afterwards the connection is idle.
result connection::wait_for_result(deadline until) {
  flush(until);
  std::optional<failure> failed;
  std::optional<result> last;
  try {
    last = wait_for_last(failed, until);
  } catch (const failure& lost) {
    // Why the server hung up, if it said so.
    if (!failed) throw;
    throw failure(lost.reason(), failed->sqlstate(), failed->text());
  }
  if (failed) throw failure{std::move(*failed)};
  if (!last) throw_lost();
  return std::move(*last);
}

std::optional<result> connection::wait_for_last(std::optional<failure>& failed, deadline until) {
  std::optional<result> last;
  while (PGresult* const raw = next_result(until)) {
    result got{raw};
    const ExecStatusType status = PQresultStatus(raw);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      last.emplace(std::move(got));
    } else if (!failed) {
      const char* const state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
      const char* const message = PQresultErrorField(raw, PG_DIAG_MESSAGE_PRIMARY);
      if (state == nullptr || message == nullptr) throw_lost();  // libpq's own: no server to ask
      failed.emplace(refusal(state, message));
    }
  }
  if (PQstatus(handle_.get()) != CONNECTION_OK) throw_lost();
  return last;
}

void connection::flush(deadline until) {
  int left = PQflush(handle_.get());
  while (left == 1) {
    // The server may stop reading until somebody reads what it says.
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
