#pragma once

#include <string>

/// The statements for a table of Go's SCS v2 (package postgresstore): sessions(token text, data
/// bytea, expiry timestamptz). The parameters are those of the store's own statements. The revision
/// of a record is a hash of its payload, which statements that write return.
namespace scs::stores::postgres_detail::scs_v2 {

std::string find_sql();
std::string create_sql();
std::string replace_sql();
std::string touch_sql();
std::string erase_sql();
std::string erase_at_sql();
std::string list_sql();
std::string count_sql();
std::string clean_sql();
std::string look_sql();
std::string create_table_sql();

}  // namespace scs::stores::postgres_detail::scs_v2
