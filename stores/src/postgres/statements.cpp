#include "postgres/statements.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <scs/error.hpp>

#include "postgres/scs_v2_statements.hpp"

namespace scs::stores::postgres_detail {

namespace {

// PostgreSQL cuts names after 63 bytes, and the indexes' names are longer than the table's.
constexpr std::size_t max_identifier_size = 50;

bool is_identifier(std::string_view text) noexcept {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= max_identifier_size && letter(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

std::string quoted_identifier(std::string_view identifier) {
  return std::string{'"'}.append(identifier).append(1, '"');
}

/// Replaces each mark by the value.
std::string with(std::string text, std::string_view mark, std::string_view value) {
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
  return text;
}

/// Computes FNV-1a. The name depends on the text, because two servers of different versions with
/// one pooler must not use each other's prepared statements.
std::string name_for(std::string_view sql) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : sql)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return "scs_" + std::to_string(hash);
}

// A record is live as long as its expiry is greater than the caller's time, which is a parameter of
// each statement.

constexpr std::string_view find_sql =
    "SELECT payload, expiry, revision FROM {table} WHERE id = $1 AND expiry > $2";

constexpr std::string_view find_with_watermark_sql =
    "SELECT kept.payload, kept.expiry, kept.revision, kept.user_name, "
    "mark.payload, mark.expiry, mark.revision FROM {table} AS kept "
    "LEFT JOIN {table} AS mark ON mark.id = $3 || kept.user_name AND mark.expiry > $2 "
    "WHERE kept.id = $1 AND kept.expiry > $2";

constexpr std::string_view create_sql =
    "INSERT INTO {table} AS kept (id, payload, expiry, revision, user_name) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, "
    "expiry = excluded.expiry, revision = excluded.revision, user_name = excluded.user_name "
    "WHERE kept.expiry <= $6";

constexpr std::string_view replace_sql =
    "UPDATE {table} SET payload = $2, expiry = $3, revision = $4, user_name = $5 "
    "WHERE id = $1 AND expiry > $6 AND revision = $7";

constexpr std::string_view touch_sql =
    "UPDATE {table} SET expiry = greatest(expiry, $2) WHERE id = $1 AND expiry > $3";

// An erasure does not depend on the time.
constexpr std::string_view erase_sql =
    "DELETE FROM {table} WHERE id = $1 RETURNING payload, expiry, revision";

constexpr std::string_view erase_at_sql =
    "DELETE FROM {table} WHERE id = $1 AND revision = $2 RETURNING payload, expiry, revision";

constexpr std::string_view list_sql =
    "SELECT payload, expiry, revision, id, user_name FROM {table} WHERE id > $1 AND expiry > $2 "
    "ORDER BY id LIMIT $3";

constexpr std::string_view list_user_sql =
    "SELECT payload, expiry, revision, id, user_name FROM {table} WHERE user_name = $4 AND id > $1 "
    "AND expiry > $2 ORDER BY id LIMIT $3";

// Reserved ids begin with "w:".
constexpr std::string_view count_sql =
    "SELECT (SELECT count(*) FROM {table} WHERE expiry > $1) - (SELECT count(*) FROM {table} "
    "WHERE expiry > $1 AND id >= 'w:'::bytea AND id < 'w;'::bytea)";

constexpr std::string_view time_sql =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

// The outer condition is repeated: without a lock, the record may have been replaced when it is
// deleted.
constexpr std::string_view clean_sql =
    "DELETE FROM {table} WHERE expiry <= {moment} AND id IN (SELECT id FROM {table} "
    "WHERE expiry <= {moment} ORDER BY expiry LIMIT $2 FOR UPDATE SKIP LOCKED)";

// The earlier one of both times: a caller whose clock is ahead must not remove a record that is
// live for all others.
constexpr std::string_view cleaning_moment_of_database =
    "least($1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000 - 60000000000)";

// An index may have any name.
constexpr std::string_view look_sql =
    "SELECT (to_regclass($1) IS NOT NULL)::int::bigint, {expiry}::int::bigint, "
    "{user_name}::int::bigint";
constexpr std::string_view index_sql =
    "EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a "
    "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
    "WHERE i.indrelid = to_regclass($1) AND a.attname = '{column}')";

// Nothing is written if no standby has to confirm. Otherwise an entry in the log is the least for
// which a standby is waited.
constexpr std::string_view confirm_sql =
    "SELECT pg_logical_emit_message(true, 'buntstore', ''::text) FROM "
    "(SELECT current_setting('synchronous_standby_names') AS names) AS setting WHERE names <> ''";

std::string_view moment_of(cleaning_clock cleaning) {
  return cleaning == cleaning_clock::database ? cleaning_moment_of_database : "$1";
}

}  // namespace

void statements::define(statement_id id, std::string_view sql) {
  statement& made = all_[static_cast<std::size_t>(id)];
  made.id = id;
  made.sql = with(std::string{sql}, "{table}", table_name_);
  made.name = name_for(made.sql);
}

statements::statements(const std::string& table, payload_column payload, cleaning_clock cleaning,
                       postgres_records records) {
  const std::string_view all = table;
  const std::size_t dot = all.find('.');
  const std::string_view name = dot == std::string_view::npos ? all : all.substr(dot + 1);
  const std::string_view schema = dot == std::string_view::npos ? "" : all.substr(0, dot);
  if (!is_identifier(name) || (dot != std::string_view::npos && !is_identifier(schema))) {
    throw error(errc::invalid_options,
                "table: a name of at most 50 letters, digits, underscores and hyphens that begins "
                "with a letter or an underscore, or two of them with a dot between");
  }
  table_name_ = (schema.empty() ? "" : quoted_identifier(schema) + ".") + quoted_identifier(name);
  define(statement_id::time, time_sql);
  define(statement_id::confirm, confirm_sql);
  if (records == postgres_records::scs_v2) {
    if (payload != payload_column::bytea) {
      throw error(errc::invalid_options, "payload: the table of Go's SCS v2 has bytea");
    }
    define_scs_v2(cleaning);
    return;
  }
  define_own(payload, cleaning);
  const auto create_index = [&](const char* suffix, const char* columns) {
    return "CREATE INDEX IF NOT EXISTS " + quoted_identifier(std::string{name} + suffix) + " ON " +
           table_name_ + " (" + columns + ");";
  };
  create_expiry_index_ = create_index("_expiry", "expiry");
  create_user_index_ = create_index("_user", "user_name, id");
}

void statements::define_own(payload_column payload, cleaning_clock cleaning) {
  define(statement_id::find, find_sql);
  define(statement_id::find_with_watermark, find_with_watermark_sql);
  define(statement_id::create, create_sql);
  define(statement_id::replace, replace_sql);
  define(statement_id::touch, touch_sql);
  define(statement_id::erase, erase_sql);
  define(statement_id::erase_at, erase_at_sql);
  define(statement_id::list, list_sql);
  define(statement_id::list_user, list_user_sql);
  define(statement_id::count, count_sql);
  define(statement_id::clean, with(std::string{clean_sql}, "{moment}", moment_of(cleaning)));
  const auto index_on = [](std::string_view column) {
    return with(std::string{index_sql}, "{column}", column);
  };
  define(statement_id::look, with(with(std::string{look_sql}, "{expiry}", index_on("expiry")),
                                  "{user_name}", index_on("user_name")));
  create_table_ = "CREATE TABLE IF NOT EXISTS " + table_name_ + " (id bytea PRIMARY KEY, payload " +
                  (payload == payload_column::jsonb ? "jsonb" : "bytea") +
                  " NOT NULL, expiry bigint NOT NULL, revision bigint NOT NULL, user_name bytea);";
}

void statements::define_scs_v2(cleaning_clock cleaning) {
  define(statement_id::find, scs_v2::find_sql());
  define(statement_id::create, scs_v2::create_sql());
  define(statement_id::replace, scs_v2::replace_sql());
  define(statement_id::touch, scs_v2::touch_sql());
  define(statement_id::erase, scs_v2::erase_sql());
  define(statement_id::erase_at, scs_v2::erase_at_sql());
  define(statement_id::list, scs_v2::list_sql());
  define(statement_id::count, scs_v2::count_sql());
  define(statement_id::clean, with(scs_v2::clean_sql(), "{moment}", moment_of(cleaning)));
  define(statement_id::look, scs_v2::look_sql());
  create_table_ = with(scs_v2::create_table_sql(), "{table}", table_name_);
}

}  // namespace scs::stores::postgres_detail
