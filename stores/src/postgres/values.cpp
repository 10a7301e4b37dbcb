#include "postgres/values.hpp"

#include <charconv>
#include <cstring>

namespace scs::stores::postgres_detail {

namespace {

constexpr unsigned bits_per_byte = 8;

}  // namespace

// Writes it as big-endian two's complement.
parameter parameter::number(std::int64_t value) noexcept {
  parameter made{bigint_type, {}};
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = made.number_.size(); i-- > 0; rest >>= bits_per_byte)
    made.number_[i] = static_cast<char>(rest & 0xFFU);
  return made;
}

std::size_t result::changed_rows() const noexcept {
  const char* const text = PQcmdTuples(result_.get());
  std::size_t count = 0;
  std::from_chars(text, text + std::strlen(text), count);
  return count;
}

std::string_view result::bytes(int row, int column) const noexcept {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t result::number(int row, int column) const noexcept {
  std::uint64_t value = 0;
  for (const char byte : bytes(row, column))
    value = value << bits_per_byte | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

}  // namespace scs::stores::postgres_detail
