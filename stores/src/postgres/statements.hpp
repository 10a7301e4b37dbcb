#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <scs/stores/postgres.hpp>

namespace scs::stores::postgres_detail {

/// What the store says to the server, in SQL that PostgreSQL-compatible databases know, too.
enum class statement_id : std::size_t {
  find,
  /// With the watermark of its user.
  find_with_watermark,
  create,
  replace,
  touch,
  erase,
  /// At an expected revision: what a commit does whose expiry has come.
  erase_at,
  list,
  list_user,
  count,
  clean,
  time,
  /// Whether the table and its two indexes are there.
  look,
  /// Writes what a synchronous standby has to confirm.
  confirm,
};
inline constexpr std::size_t statement_count = 14;

/// Whose clock says what is to be cleaned up.
enum class cleaning_clock { database, caller };

struct statement {
  statement_id id{};
  /// For the server; different texts have different names.
  std::string name{};
  std::string sql{};
};

class statements {
 public:
  /// `table` is an identifier or two with a dot between. Throws scs::error (invalid_options).
  statements(const std::string& table, payload_column payload, cleaning_clock cleaning,
             postgres_records records = postgres_records::scs);

  const statement& operator[](statement_id id) const noexcept {
    return all_[static_cast<std::size_t>(id)];
  }

  /// As SQL writes it, with quotation marks.
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
