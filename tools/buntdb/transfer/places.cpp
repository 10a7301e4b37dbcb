#include "transfer/places.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

#ifdef BUNTDB_HAS_REDIS
#include <scs/stores/redis.hpp>
#endif
#ifdef BUNTDB_HAS_POSTGRES
#include <scs/stores/postgres.hpp>
#endif

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "transfer/url.hpp"

namespace {

bool is_redis(std::string_view scheme) {
  return scheme == "redis" || scheme == "rediss";
}

bool is_postgres(std::string_view scheme) {
  return scheme == "postgresql" || scheme == "postgres";
}

// Unused if neither store was built.

/// Returns whether the value is the second one of two words. Throws usage_error for other words.
[[maybe_unused]] bool is_second(const std::string& option, const std::string& value,
                                std::string_view first, std::string_view second) {
  if (value == second) return true;
  if (value == first) return false;
  throw usage_error(option + " is " + std::string{first} + " or " + std::string{second});
}

[[maybe_unused]] void refuse_rest(const url& where) {
  if (where.options.empty()) return;
  throw usage_error(where.shown() + " takes no option " + where.options.begin()->first);
}

#ifdef BUNTDB_HAS_REDIS
std::vector<std::string> servers_of(const url& where) {
  if (where.hosts.empty()) return {"/" + where.path};  // a Unix socket
  std::vector<std::string> servers;
  for (std::string_view rest = where.hosts; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string server{rest.substr(0, comma)};
    const std::size_t bracket = server.rfind(']');  // of an IPv6 address
    const std::size_t from = bracket == std::string::npos ? 0 : bracket;
    if (server.find(':', from) == std::string::npos) server += ":6379";
    servers.push_back(std::move(server));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return servers;
}

int database_of(const url& where) {
  if (where.hosts.empty() || where.path.empty()) return 0;
  int number = 0;
  const char* const end = where.path.data() + where.path.size();
  const auto read = std::from_chars(where.path.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number < 0) {
    throw usage_error("after redis://HOST/ comes the number of a database");
  }
  return number;
}

served_place open_redis(url where) {
  using namespace std::chrono_literals;
  const char* const given = std::getenv("REDISCLI_AUTH");
  scs::stores::redis_options options{
      .servers = servers_of(where),
      .user = where.user,
      .password = where.password.empty() && given != nullptr ? given : where.password,
      .database = database_of(where),
      .timeout = 20s};
  const std::string mode = where.take("mode", "single");
  if (is_second("mode", mode, "single", "cluster")) options.mode = scs::stores::redis_mode::cluster;
  if (is_second("plaintext", where.take("plaintext", "this_machine"), "this_machine",
                "any_network")) {
    options.plaintext = scs::stores::redis_plaintext::any_network;
  }
  if (where.scheme == "rediss") {
    options.tls = scs::stores::redis_tls::required;
    options.tls_ca_file = where.take("tls_ca_file", "");
    options.tls_certificate_file = where.take("tls_certificate_file", "");
    options.tls_key_file = where.take("tls_key_file", "");
    options.tls_server_name = where.take("tls_server_name", "");
  }
  const bool of_go = is_second("records", where.take("records", "scs"), "scs", "scs_v2");
  if (of_go) options.records = scs::stores::redis_records::scs_v2;
  options.key_prefix = where.take("prefix", of_go ? "scs:session:" : options.key_prefix);
  refuse_rest(where);
  served_place place{.name = where.shown(),
                     .identity = where.shown() + "?prefix=" + options.key_prefix};
  auto store = std::make_unique<scs::stores::redis>(std::move(options));
  store->on_warning([](const std::string& text) { complain("warning: " + text); }, {});
  store->check();
  place.store = std::move(store);
  return place;
}
#endif

#ifdef BUNTDB_HAS_POSTGRES
/// Returns libpq's URL, without the tool's options.
std::string connection_of(const url& where) {
  std::string text = "postgresql://";
  if (!where.user.empty()) {
    text += percent_encoded(where.user);
    if (!where.password.empty()) text += ":" + percent_encoded(where.password);
    text += "@";
  }
  text += where.hosts + "/" + where.path;
  char mark = '?';
  for (const auto& [name, value] : where.options) {
    text += mark + percent_encoded(name) + "=" + percent_encoded(value);
    mark = '&';
  }
  return text;
}

served_place open_postgres(url where, place_use use) {
  using namespace std::chrono_literals;
  scs::stores::postgres_options options{.if_missing = use == place_use::reading
                                                          ? scs::stores::missing_table::refuse
                                                          : scs::stores::missing_table::create,
                                        .timeout = 20s,
                                        .clean_every = 0ms};
  options.table = where.take("table", options.table);
  if (is_second("payload", where.take("payload", "bytea"), "bytea", "jsonb")) {
    options.payload = scs::stores::payload_column::jsonb;
  }
  if (is_second("records", where.take("records", "scs"), "scs", "scs_v2")) {
    options.records = scs::stores::postgres_records::scs_v2;
  }
  options.connection = connection_of(where);
  served_place place{.name = where.shown(), .identity = where.shown() + "?table=" + options.table};
  auto store = std::make_unique<scs::stores::postgres>(std::move(options));
  store->on_warning([](const std::string& text) { complain("warning: " + text); }, {});
  store->migrate();
  place.store = std::move(store);
  return place;
}
#endif

}  // namespace

bool names_a_store(const std::string& where) {
  const std::size_t at = where.find("://");
  if (at == std::string::npos) return false;
  const std::string_view scheme = std::string_view{where}.substr(0, at);
  return is_redis(scheme) || is_postgres(scheme);
}

served_place open_place(const std::string& text, [[maybe_unused]] place_use use) {
  url where = parse_url(text);
  if (is_redis(where.scheme)) {
#ifdef BUNTDB_HAS_REDIS
    return open_redis(std::move(where));
#else
    throw usage_error("this program was built without the redis store (libhiredis-dev)");
#endif
  }
#ifdef BUNTDB_HAS_POSTGRES
  return open_postgres(std::move(where), use);
#else
  throw usage_error("this program was built without the postgres store (libpq-dev)");
#endif
}
