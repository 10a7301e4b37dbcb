#include "postgres/statements.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <scs/error.hpp>

namespace scs::stores::postgres_detail {

namespace {

// PostgreSQL cuts names after 63 bytes; the indexes' names are longer than the table's.
constexpr std::size_t max_identifier_size = 50;

bool is_identifier(std::string_view text) noexcept {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= max_identifier_size && letter(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string quoted_identifier(std::string_view identifier) {
  return std::string{'"'}.append(identifier).append(1, '"');
}

/// With the table where {table} stands.
std::string with_table(std::string_view text, const std::string& table) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("{table}")) {
      out += table;
      i += std::string_view{"{table}"}.size() - 1;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// FNV-1a: two servers of different versions behind one pooler must not take each other's prepared
/// statements for theirs.
std::string name_for(std::string_view sql) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : sql)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return "scs_" + std::to_string(hash);
}

// A record is live as long as its expiry is greater than the caller's clock, which is a parameter
// everywhere.

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

constexpr std::string_view erase_sql =
    "DELETE FROM {table} WHERE id = $1 AND expiry > $2 RETURNING payload, expiry, revision";

constexpr std::string_view erase_at_sql =
    "DELETE FROM {table} WHERE id = $1 AND expiry > $2 AND revision = $3";

constexpr std::string_view list_sql =
    "SELECT payload, expiry, revision, id FROM {table} WHERE id > $1 AND expiry > $2 "
    "ORDER BY id LIMIT $3";

constexpr std::string_view list_user_sql =
    "SELECT payload, expiry, revision, id FROM {table} WHERE user_name = $4 AND id > $1 "
    "AND expiry > $2 ORDER BY id LIMIT $3";

constexpr std::string_view time_sql =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

// The outer condition once more: without a lock, a record may be another one by the time it goes.
constexpr std::string_view clean_sql =
    "DELETE FROM {table} WHERE expiry <= $1 AND id IN (SELECT id FROM {table} "
    "WHERE expiry <= $1 ORDER BY expiry LIMIT $2 FOR UPDATE SKIP LOCKED)";

}  // namespace

statements::statements(const std::string& table, payload_column payload) {
  const std::size_t dot = table.find('.');
  const std::string_view all = table;
  const std::string_view name = dot == std::string::npos ? all : all.substr(dot + 1);
  const std::string_view schema = dot == std::string::npos ? "" : all.substr(0, dot);
  if (!is_identifier(name) || (dot != std::string::npos && !is_identifier(schema))) {
    throw error(errc::invalid_options,
                "table: a name of at most 50 letters, digits and underscores, or two of them with "
                "a dot between");
  }
  const std::string full =
      (schema.empty() ? "" : quoted_identifier(schema) + ".") + quoted_identifier(name);

  const auto define = [&](statement_id id, std::string_view sql) {
    statement& made = all_[static_cast<std::size_t>(id)];
    made.id = id;
    made.sql = with_table(sql, full);
    made.name = name_for(made.sql);
  };
  define(statement_id::find, find_sql);
  define(statement_id::find_with_watermark, find_with_watermark_sql);
  define(statement_id::create, create_sql);
  define(statement_id::replace, replace_sql);
  define(statement_id::touch, touch_sql);
  define(statement_id::erase, erase_sql);
  define(statement_id::erase_at, erase_at_sql);
  define(statement_id::list, list_sql);
  define(statement_id::list_user, list_user_sql);
  define(statement_id::clean, clean_sql);
  define(statement_id::time, time_sql);

  const auto index = [&](const char* suffix, const char* columns) {
    return "CREATE INDEX IF NOT EXISTS " + quoted_identifier(std::string{name} + suffix) + " ON " +
           full + " (" + columns + ");";
  };
  schema_ = "CREATE TABLE IF NOT EXISTS " + full + " (id bytea PRIMARY KEY, payload " +
            (payload == payload_column::jsonb ? "jsonb" : "bytea") +
            " NOT NULL, expiry bigint NOT NULL, revision bigint NOT NULL, user_name bytea);" +
            index("_expiry", "expiry") + index("_user", "user_name, id");
}

}  // namespace scs::stores::postgres_detail
