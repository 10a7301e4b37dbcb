#include "postgres/connection_plan.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

#include <libpq-fe.h>

#include <scs/error.hpp>

namespace scs::stores::postgres_detail {

namespace {

using std::chrono::milliseconds;

/// Returns the values of conninfo by keyword.
std::map<std::string, std::string, std::less<>> parse(const std::string& conninfo) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(conninfo.c_str(), &message), &PQconninfoFree};
  // libpq's message may contain a part of a password.
  PQfreemem(message);
  if (!parsed) {
    throw error(errc::invalid_options,
                "connection: not what libpq reads, like \"host=localhost dbname=app\" or "
                "\"postgresql://localhost/app\"");
  }
  std::map<std::string, std::string, std::less<>> said;
  for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
    if (each->val != nullptr) said.emplace(each->keyword, each->val);
  }
  return said;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

connection_plan::connection_plan(std::string conninfo, milliseconds timeout)
    : conninfo_(std::move(conninfo)), timeout_(timeout) {
  const auto said = parse(conninfo_);
  const auto value = [&](std::string_view keyword, const char* variable) -> std::string {
    if (const auto found = said.find(keyword); found != said.end()) return found->second;
    const char* const set = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): as libpq does
    return set == nullptr ? std::string{} : std::string{set};
  };
  const std::string seconds = value("connect_timeout", "PGCONNECT_TIMEOUT");
  int number = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), number);
  if (number > 0) connect_timeout_ = std::chrono::seconds{number};
  options_ = value("options", "PGOPTIONS");
  says_statement_timeout_ = options_.find("statement_timeout") != std::string::npos;

  const std::string hosts = value("host", "PGHOST");
  const std::string hostaddrs = value("hostaddr", "PGHOSTADDR");
  const std::string ports = value("port", "PGPORT");
  has_hostaddr_ = !hostaddrs.empty();
  has_port_ = !ports.empty();
  const std::vector<std::string> host = split(hosts);
  const std::vector<std::string> hostaddr = split(hostaddrs);
  const std::vector<std::string> port = split(ports);
  const std::size_t count = std::max(host.size(), hostaddr.size());
  const auto fits = [count](const std::vector<std::string>& list) {
    return list.size() == 1 || list.size() == count;
  };
  if (count == 1 || !fits(host) || !fits(hostaddr) || !fits(port)) return;  // libpq will report it
  const auto nth = [](const std::vector<std::string>& list, std::size_t n) {
    return list.size() == 1 ? list.front() : list[n];
  };
  for (std::size_t i = 0; i < count; ++i)
    hosts_.push_back({nth(host, i), nth(hostaddr, i), nth(port, i)});
}

std::string connection_plan::host_name(std::size_t host) const {
  if (hosts_.empty()) return {};
  const host_address& at = hosts_[host];
  return (at.host.empty() ? at.hostaddr : at.host) + (at.port.empty() ? "" : ":" + at.port);
}

std::vector<std::pair<const char*, std::string>> connection_plan::parameters(
    std::size_t host, startup_options options) const {
  // The last values win: those before the user's are defaults. A connection whose other end has
  // disappeared ends after half a minute when it is idle, and after the timeout when it has data to
  // send.
  std::vector<std::pair<const char*, std::string>> all{
      {"fallback_application_name", "buntstore"},
      {"keepalives_idle", "15"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", std::to_string(timeout_.count())},
      {"dbname", conninfo_},
      {"client_encoding", "UTF8"}};
  if (!hosts_.empty()) {
    all.emplace_back("host", hosts_[host].host);
    if (has_hostaddr_) all.emplace_back("hostaddr", hosts_[host].hostaddr);
    if (has_port_) all.emplace_back("port", hosts_[host].port);
  }
  if (options == startup_options::sent && !says_statement_timeout_) {
    all.emplace_back("options", options_ + (options_.empty() ? "" : " ") + "-c statement_timeout=" +
                                    std::to_string(statement_timeout().count()));
  }
  return all;
}

}  // namespace scs::stores::postgres_detail
