#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <libpq-fe.h>

namespace scs::stores::postgres_detail {

// Types of PostgreSQL's catalog, whose numbers never change.
inline constexpr Oid bytea_type = 17;
inline constexpr Oid bigint_type = 20;
inline constexpr Oid text_type = 25;
inline constexpr Oid jsonb_type = 3802;

/// A parameter of a statement in PostgreSQL's binary format. For a text, only a view is kept.
class parameter {
 public:
  static parameter null(Oid type) noexcept { return {type, {}}; }
  static parameter bytes(std::string_view text) noexcept {
    return {bytea_type, text.data() == nullptr ? std::string_view{""} : text};
  }
  static parameter text(std::string_view text) noexcept { return {text_type, text}; }
  static parameter number(std::int64_t value) noexcept;
  /// The text must begin with jsonb_version.
  static parameter jsonb(std::string_view text) noexcept { return {jsonb_type, text}; }
  static constexpr char jsonb_version = 1;

  Oid type() const noexcept { return type_; }
  /// Null means SQL's NULL. Valid until this object is moved or destroyed.
  const char* data() const noexcept { return type_ == bigint_type ? number_.data() : text_.data(); }
  std::size_t size() const noexcept { return type_ == bigint_type ? number_.size() : text_.size(); }

 private:
  parameter(Oid type, std::string_view text) noexcept : type_(type), text_(text) {}

  Oid type_;
  std::string_view text_;
  std::array<char, 8> number_{};
};

/// The server's answer to a statement that succeeded.
class result {
 public:
  explicit result(PGresult* owned) noexcept : result_(owned) {}

  /// The type of a column.
  Oid type(int column) const noexcept { return PQftype(result_.get(), column); }
  int rows() const noexcept { return PQntuples(result_.get()); }
  /// How many rows an INSERT, UPDATE or DELETE has changed.
  std::size_t changed_rows() const noexcept;

  /// Valid as long as this object.
  std::string_view bytes(int row, int column) const noexcept;
  bool is_null(int row, int column) const noexcept {
    return PQgetisnull(result_.get(), row, column) == 1;
  }
  std::int64_t number(int row, int column) const noexcept;

 private:
  struct clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
  };

  std::unique_ptr<PGresult, clear> result_;
};

}  // namespace scs::stores::postgres_detail
