#include <charconv>
#include <string>

#include <buntdb/database.hpp>
#include <buntdb/error.hpp>
#include <buntdb/transaction.hpp>

namespace buntdb {

namespace {

std::int64_t number_in(std::string_view value) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem != std::errc() || end != value.data() + value.size()) {
    throw error(errc::invalid_argument,
                "increment: the item's value is no 64-bit integer in decimal digits");
  }
  return number;
}

}  // namespace

std::int64_t transaction::increment(std::string_view key, std::int64_t by,
                                    const increment_options& options) {
  const reader& items = *this;
  const std::optional<found_item> found = items.find(key);
  std::int64_t sum = 0;
  if (__builtin_add_overflow(found ? number_in(found->value) : 0, by, &sum)) {
    throw error(errc::invalid_argument, "increment: the sum does not fit a 64-bit integer");
  }
  set_options stored;
  if (!found) {
    stored.ttl = options.ttl_if_new;
  } else {
    stored.expires_at = found->expires_at;
  }
  set(key, std::to_string(sum), stored);
  return sum;
}

bool transaction::set_if_absent(std::string_view key, std::string_view value,
                                const set_options& options) {
  return compare_and_set(key, std::nullopt, value, options);
}

std::string transaction::get_or_set(std::string_view key, std::string_view value,
                                    const set_options& options) {
  if (const auto found = get(key)) return std::string(*found);
  set(key, value, options);
  return std::string(value);
}

bool transaction::compare_and_set(std::string_view key, std::optional<std::string_view> expected,
                                  std::string_view value, const set_options& options) {
  if (get(key) != expected) return false;
  set(key, value, options);
  return true;
}

std::int64_t database::increment(std::string_view key, std::int64_t by,
                                 const increment_options& options) {
  return update([&](transaction& tx) { return tx.increment(key, by, options); });
}

bool database::set_if_absent(std::string_view key, std::string_view value,
                             const set_options& options) {
  return update([&](transaction& tx) { return tx.set_if_absent(key, value, options); });
}

std::string database::get_or_set(std::string_view key, std::string_view value,
                                 const set_options& options) {
  return update([&](transaction& tx) { return tx.get_or_set(key, value, options); });
}

bool database::compare_and_set(std::string_view key, std::optional<std::string_view> expected,
                               std::string_view value, const set_options& options) {
  return update([&](transaction& tx) { return tx.compare_and_set(key, expected, value, options); });
}

}  // namespace buntdb
