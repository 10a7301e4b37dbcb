#include "postgres/scs_v2_statements.hpp"

namespace scs::stores::postgres_detail::scs_v2 {

namespace {

std::string token() {
  return "convert_from($1, 'UTF8')";
}

/// Converts a parameter in nanoseconds since 1970. The table keeps microseconds. The rest is cut
/// off, so that a session ends early rather than late.
std::string time_of(const std::string& nanoseconds) {
  return "'epoch'::timestamptz + (" + nanoseconds + " / 1000) * interval '1 microsecond'";
}

std::string revision_of(const std::string& data) {
  return "('x' || substr(md5(" + data + "), 1, 16))::bit(64)::bigint";
}

/// The columns of a record: payload, expiry, revision.
std::string record() {
  return "data, (extract(epoch FROM expiry) * 1000000)::bigint * 1000, " + revision_of("data");
}

}  // namespace

std::string find_sql() {
  return "SELECT " + record() + " FROM {table} WHERE token = " + token() + " AND expiry > " +
         time_of("$2");
}

std::string create_sql() {
  return "INSERT INTO {table} AS kept (token, data, expiry) VALUES (" + token() + ", $2, " +
         time_of("$3") +
         ") ON CONFLICT (token) DO UPDATE SET data = excluded.data, expiry = excluded.expiry "
         "WHERE kept.expiry <= " +
         time_of("$6") + " RETURNING " + revision_of("kept.data");
}

std::string replace_sql() {
  return "UPDATE {table} SET data = $2, expiry = " + time_of("$3") + " WHERE token = " + token() +
         " AND expiry > " + time_of("$6") + " AND " + revision_of("data") + " = $7 RETURNING " +
         revision_of("data");
}

std::string touch_sql() {
  return "UPDATE {table} SET expiry = greatest(expiry, " + time_of("$2") +
         ") WHERE token = " + token() + " AND expiry > " + time_of("$3");
}

std::string erase_sql() {
  return "DELETE FROM {table} WHERE token = " + token() + " RETURNING " + record();
}

std::string erase_at_sql() {
  return "DELETE FROM {table} WHERE token = " + token() + " AND " + revision_of("data") +
         " = $2 RETURNING " + record();
}

std::string list_sql() {
  return "SELECT " + record() +
         ", convert_to(token, 'UTF8'), NULL::bytea FROM {table} WHERE token > " + token() +
         " AND expiry > " + time_of("$2") + " ORDER BY token LIMIT $3";
}

std::string count_sql() {
  return "SELECT count(*) FROM {table} WHERE expiry > " + time_of("$1") +
         " AND token NOT LIKE 'w:%'";
}

std::string clean_sql() {
  return "DELETE FROM {table} WHERE expiry <= " + time_of("{moment}") +
         " AND token IN (SELECT token FROM {table} WHERE expiry <= " + time_of("{moment}") +
         " ORDER BY expiry LIMIT $2 FOR UPDATE SKIP LOCKED)";
}

// The indexes are those that the table's owner made.
std::string look_sql() {
  return "SELECT (to_regclass($1) IS NOT NULL)::int::bigint, 1::bigint, 1::bigint";
}

std::string create_table_sql() {
  return "CREATE TABLE IF NOT EXISTS {table} (token text PRIMARY KEY, data bytea NOT NULL, "
         "expiry timestamptz NOT NULL); CREATE INDEX ON {table} (expiry);";
}

}  // namespace scs::stores::postgres_detail::scs_v2
