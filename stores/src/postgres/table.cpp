#include "postgres/table.hpp"

#include <array>
#include <string>

namespace scs::stores::postgres_detail {

table::parts_there table::look(deadline until) {
  const result found = calls_.run(
      [&](connection& with, deadline end) {
        return with.execute(sql_[statement_id::look],
                            std::array{parameter::text(sql_.table_name())}, end);
      },
      repeatable::yes, until);
  return {.table = found.number(0, 0) != 0,
          .expiry_index = found.number(0, 1) != 0,
          .user_index = found.number(0, 2) != 0};
}

// The table is looked up first, because even CREATE TABLE IF NOT EXISTS requires the right to
// create.
void table::migrate(deadline until) {
  constexpr int tries = 10;  // another server may have been faster each time
  for (int i = 1;; ++i) {
    const parts_there there = look(until);
    const bool complete = there.table && there.expiry_index && there.user_index;
    try {
      if (!there.table && options_.if_missing == missing_table::refuse) {
        throw error(errc::store_failed, "the database has no table " + sql_.table_name() +
                                            ", and postgres_options::if_missing refuses to "
                                            "create it (42P01)");
      }
      if (!complete && options_.if_missing == missing_table::create) create(there, until);
      break;
    } catch (const failure& failed) {
      if (!failed.is_already_there() || i == tries) throw;
      pause_after_conflict();
    }
  }
  require_payload_type(calls_.run(
      [&](connection& with, deadline end) {
        return with.execute(sql_[statement_id::find],
                            std::array{parameter::bytes(""), parameter::number(0)}, end);
      },
      repeatable::yes, until));
  remember();
}

void table::create(const parts_there& there, deadline until) {
  std::string script;
  if (!there.table) script += sql_.create_table();
  if (!there.expiry_index) script += sql_.create_expiry_index();
  if (!there.user_index) script += sql_.create_user_index();
  calls_.run(
      [&](connection& with, deadline end) {
        with.execute_script(script, end);
        return with.execute(sql_[statement_id::find],
                            std::array{parameter::bytes(""), parameter::number(0)}, end);
      },
      repeatable::yes, until);
}

result table::run(const caller::work& what, repeatable again, deadline until) {
  while (true) {
    // Another thread may create the table after the server has reported to this thread that it is
    // missing.
    const bool seen_before = seen_;
    try {
      result done = calls_.run(what, again, until);
      remember();
      return done;
    } catch (const failure& failed) {
      if (!failed.is_missing_table() || options_.if_missing == missing_table::refuse) throw;
      if (seen_before) {
        throw failure(failed.reason(), failed.sqlstate(),
                      std::string{failed.what()} +
                          ". It was there before: renamed or dropped, perhaps. It is not "
                          "created anew, which would log everybody out");
      }
    }
    if (!seen_) migrate(until);
  }
}

// The column of an existing table may be of the other type.
void table::require_payload_type(const result& from) const {
  const bool jsonb = options_.payload == payload_column::jsonb;
  if (from.type(0) == (jsonb ? jsonb_type : bytea_type)) return;
  throw error(errc::store_failed, std::string{"the table's column payload is not of type "} +
                                      (jsonb ? "jsonb" : "bytea") +
                                      "; see postgres_options::payload");
}

}  // namespace scs::stores::postgres_detail
