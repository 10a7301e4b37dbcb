#pragma once

#include <array>
#include <cstddef>
#include <string>

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
  clean,
  time,
};
inline constexpr std::size_t statement_count = 11;

struct statement {
  statement_id id{};
  /// For the server; different texts have different names.
  std::string name{};
  std::string sql{};
};

class statements {
 public:
  /// `table` is an identifier or two with a dot between. Throws scs::error (invalid_options).
  statements(const std::string& table, payload_column payload);

  const statement& operator[](statement_id id) const noexcept {
    return all_[static_cast<std::size_t>(id)];
  }

  /// Several statements in one text: creates what is not there.
  const std::string& schema() const noexcept { return schema_; }

 private:
  std::array<statement, statement_count> all_{};
  std::string schema_;
};

}  // namespace scs::stores::postgres_detail
