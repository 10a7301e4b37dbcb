#include "commands/arguments.hpp"

#include <charconv>

#include <buntdb/error.hpp>
#include <buntstore/internal/ascii.hpp>

namespace buntdb::control {

namespace {

template <class Number>
Number parsed(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  constexpr std::size_t shown = 64;
  if (problem != std::errc() || stop != end) {
    throw error(errc::invalid_argument, "'" + text.substr(0, shown) + "' is no such number");
  }
  return number;
}

}  // namespace

void argument_reader::refuse() const {
  throw error(errc::invalid_argument, "usage: " + std::string(usage_));
}

const std::string& argument_reader::next() {
  if (left_.empty()) refuse();
  const std::string& taken = left_.front();
  left_ = left_.subspan(1);
  return taken;
}

bool argument_reader::take_word(std::string_view word) {
  if (left_.empty() || !buntstore::text::equals_ignoring_case(left_.front(), word)) return false;
  left_ = left_.subspan(1);
  return true;
}

std::uint64_t argument_reader::next_number() {
  return parsed<std::uint64_t>(next());
}

std::int64_t argument_reader::next_signed_number() {
  return parsed<std::int64_t>(next());
}

void argument_reader::expect_end() const {
  if (!left_.empty()) refuse();
}

}  // namespace buntdb::control
