#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <scs/stores/postgres.hpp>

namespace scs::stores::postgres_detail {

/// The store's statements, in SQL that PostgreSQL-compatible databases support as well.
enum class statement_id : std::size_t {
  find,
  /// Together with the user's watermark.
  find_with_watermark,
  create,
  replace,
  touch,
  erase,
  /// At an expected revision, for a commit with an expiry in the past.
  erase_at,
  list,
  list_user,
  count,
  clean,
  time,
  /// Checks that the table and its two indexes exist.
  look,
  /// Writes something that a synchronous standby has to confirm.
  confirm,
};
inline constexpr std::size_t statement_count = 14;

/// The clock that determines what is cleaned up.
enum class cleaning_clock { database, caller };

struct statement {
  statement_id id{};
  /// The name for the server. Different texts have different names.
  std::string name{};
  std::string sql{};
};

class statements {
 public:
  /// `table` is an identifier, or two with a dot in between. Throws scs::error (invalid_options).
  statements(const std::string& table, payload_column payload, cleaning_clock cleaning,
             postgres_records records = postgres_records::scs);

  const statement& operator[](statement_id id) const noexcept {
    return all_[static_cast<std::size_t>(id)];
  }

  /// The name in SQL, with quotation marks.
  const std::string& table_name() const noexcept { return table_name_; }

  const std::string& create_table() const noexcept { return create_table_; }
  const std::string& create_expiry_index() const noexcept { return create_expiry_index_; }
  const std::string& create_user_index() const noexcept { return create_user_index_; }

 private:
  void define(statement_id id, std::string_view sql);
  void define_own(payload_column payload, cleaning_clock cleaning);
  void define_scs_v2(cleaning_clock cleaning);

  std::array<statement, statement_count> all_{};
  std::string table_name_;
  std::string create_table_;
  std::string create_expiry_index_;
  std::string create_user_index_;
};

}  // namespace scs::stores::postgres_detail
