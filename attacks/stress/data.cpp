#include "stress/data.hpp"

#include <charconv>

#include "model/mismatch.hpp"

namespace buntdb::attacks::stress {

namespace {

using model::require;

constexpr std::string_view before_balance = R"({"balance":)";

std::string numbered(std::string_view prefix, unsigned number) {
  std::string digits = std::to_string(10'000 + number);
  return std::string(prefix).append(digits, 1);
}

template <class Number>
Number number_at(std::string_view text, std::size_t at) {
  Number number{};
  require(
      at <= text.size() &&
          std::from_chars(text.data() + at, text.data() + text.size(), number).ec == std::errc(),
      "there is no number in " + std::string(text));
  return number;
}

std::string pattern_of(std::string_view prefix) {
  return std::string(prefix) + '*';
}

/// Returns the point of a place.
rect point_in(std::string_view value) {
  return point({number_at<double>(value, 1), number_at<double>(value, value.find(' ') + 1)});
}

rect square_around(std::string_view value) {
  const rect at = point_in(value);
  return {{at.min(0) - 1, at.min(1) - 1}, {at.max(0) + 1, at.max(1) + 1}};
}

bool is_shorter(std::string_view a, std::string_view b) {
  return a.size() < b.size();
}

std::vector<index_plan> make_plans() {
  const auto balance_less = [](const entry& a, const entry& b) {
    return balance_in(a.value) < balance_in(b.value);
  };
  return {
      {.name = "balances",
       .prefix = accounts_prefix,
       .options =
           index_options{.pattern = pattern_of(accounts_prefix), .order = {by_json("balance")}},
       .less = balance_less},
      {.name = "richest",
       .prefix = accounts_prefix,
       .options = index_options{.pattern = pattern_of(accounts_prefix),
                                .order = {desc(by_json("balance"))},
                                .persistent = true},
       .less = [balance_less](const entry& a, const entry& b) { return balance_less(b, a); }},
      {.name = "texts",
       .prefix = owned_prefix,
       .options = index_options{.pattern = pattern_of(owned_prefix), .order = {by_binary()}},
       .less = [](const entry& a, const entry& b) { return a.value < b.value; }},
      {.name = "lengths",
       .prefix = owned_prefix,
       .options = index_options{.pattern = pattern_of(owned_prefix),
                                .order = {ordering(is_shorter), desc(by_key())}},
       .less =
           [](const entry& a, const entry& b) {
             return a.value.size() != b.value.size() ? is_shorter(a.value, b.value) : b.key < a.key;
           }},
      {.name = "briefs",
       .prefix = brief_prefix,
       .options = index_options{.pattern = pattern_of(brief_prefix), .order = {by_int()}},
       .less =
           [](const entry& a, const entry& b) {
             return number_at<int>(a.value, 0) < number_at<int>(b.value, 0);
           }},
      {.name = "places",
       .prefix = places_prefix,
       .options = spatial_index_options{.pattern = pattern_of(places_prefix), .persistent = true},
       .area = point_in},
      {.name = "squares",
       .prefix = places_prefix,
       .options = spatial_index_options{.pattern = pattern_of(places_prefix),
                                        .extract_rect =
                                            [](std::string_view value) {
                                              return std::optional(square_around(value));
                                            }},
       .area = square_around},
  };
}

}  // namespace

std::string account_key(unsigned number) {
  return numbered(accounts_prefix, number);
}

std::string account_value(std::int64_t balance, std::size_t padding) {
  std::string value(before_balance);
  value += std::to_string(balance);
  value.append(R"(,"padding":")").append(padding, 'p').append(R"("})");
  return value;
}

std::int64_t balance_in(std::string_view value) {
  return number_at<std::int64_t>(value, before_balance.size());
}

std::string owned_key(unsigned thread, unsigned number) {
  return numbered(std::string(owned_prefix) + std::to_string(thread) + ':', number);
}

std::string owned_value(std::string_view key, std::uint64_t revision) {
  std::string value = std::to_string(revision) + '=';
  value.append(key);
  // Most are short; some are larger than the pool's blocks.
  const std::size_t size = revision % 50 == 0 ? 6000 : revision * 37 % 700;
  return value.append(size, static_cast<char>('a' + revision % 26));
}

void require_owned(std::string_view key, std::string_view value) {
  require(value == owned_value(key, number_at<std::uint64_t>(value, 0)),
          "the value of " + std::string(key) + " is " + std::string(value));
}

std::string place_key(unsigned number) {
  return numbered(places_prefix, number);
}

std::string place_value(unsigned x, unsigned y) {
  return '[' + std::to_string(x) + ' ' + std::to_string(y) + ']';
}

std::string brief_key(unsigned number) {
  return numbered(brief_prefix, number);
}

bool index_plan::persistent() const {
  return std::visit([](const auto& any) { return any.persistent; }, options);
}

const std::vector<index_plan>& index_plans() {
  static const std::vector<index_plan> plans = make_plans();
  return plans;
}

const index_plan& plan_of(std::string_view name) {
  for (const index_plan& plan : index_plans()) {
    if (plan.name == name) return plan;
  }
  throw model::mismatch("there is an index '" + std::string(name) + "', which nobody has created");
}

}  // namespace buntdb::attacks::stress
