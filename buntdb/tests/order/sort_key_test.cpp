// Sort keys compare as bytes exactly as entries do, compared with comparators that do not use sort
// keys.
#include <cmath>
#include <compare>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "index/entry.hpp"
#include "order/ordering_list.hpp"
#include "text/float_text.hpp"
#include "text/integer_text.hpp"

namespace buntdb::order {
namespace {

/// Returns a negative number, 0 or a positive one, as the first comes before, is equal to, or comes
/// after the second.
using comparator = std::function<int(std::string_view, std::string_view)>;

template <class Value>
int three_way(const Value& a, const Value& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int bytes(std::string_view a, std::string_view b) {
  return three_way(std::string(a), std::string(b));
}

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

int fold(std::string_view a, std::string_view b) {
  return bytes(folded(a), folded(b));
}

int floats(std::string_view a, std::string_view b) {
  const double x = text::parse_float(a);
  const double y = text::parse_float(b);
  if (std::isnan(x) || std::isnan(y)) return three_way(!std::isnan(x), !std::isnan(y));
  return three_way(x, y);
}

/// Compares the member "a", with nlohmann's parser.
int json(std::string_view a, std::string_view b, const comparator& strings) {
  const auto member = [](std::string_view text) {
    const auto whole = nlohmann::json::parse(text, nullptr, false);
    if (whole.is_object() && whole.contains("a")) return whole.at("a");
    return nlohmann::json(nlohmann::json::value_t::discarded);
  };
  const auto rank = [](const nlohmann::json& value) {
    switch (value.type()) {
      case nlohmann::json::value_t::discarded:
        return 0;
      case nlohmann::json::value_t::null:
        return 1;
      case nlohmann::json::value_t::boolean:
        return value.get<bool>() ? 5 : 2;
      case nlohmann::json::value_t::string:
        return 4;
      case nlohmann::json::value_t::object:
      case nlohmann::json::value_t::array:
        return 6;
      default:
        return 3;
    }
  };
  const nlohmann::json x = member(a);
  const nlohmann::json y = member(b);
  if (rank(x) != rank(y)) return three_way(rank(x), rank(y));
  if (x.is_string()) return strings(x.get<std::string>(), y.get<std::string>());
  if (x.is_number()) return three_way(x.get<double>(), y.get<double>());
  return rank(x) == 6 ? bytes(x.dump(), y.dump()) : 0;
}

class generator {
 public:
  explicit generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  /// Few different bytes, among them those that an encoding may get wrong.
  std::string text() {
    constexpr std::string_view alphabet(
        "\0\x01\xfe\xff"
        "aAbBzZ[@",
        12);
    std::string made;
    for (std::size_t length = below(4); length-- > 0;)
      made += alphabet[below(alphabet.size())];
    return made;
  }

  std::string number() {
    static const std::vector<std::string> special{
        "",     "nan",   "inf",  "-inf", "-0",   "0",    "1e400", "9223372036854775808",
        "x",    "-1",    "1",    "1.5",  "-1.5", "1e-5", "256",   "255",
        "-256", "-9e18", "65536"};
    if (below(2) == 0) return special[below(special.size())];
    return std::to_string(static_cast<int>(below(2001)) - 1000);
  }

  std::string document() {
    nlohmann::json value;
    switch (below(8)) {
      case 0:
        return "{}";
      case 1:
        value = nullptr;
        break;
      case 2:
        value = below(2) == 0;
        break;
      case 3:
        value = static_cast<double>(below(7)) - 3.5;
        break;
      case 4:
        value = static_cast<int>(below(7)) - 3;
        break;
      case 5:
        value = nlohmann::json::array({below(3), below(3)});
        break;
      default: {
        std::string text;
        constexpr std::string_view alphabet("\0\naAbB\"\\", 8);
        for (std::size_t length = below(4); length-- > 0;)
          text += alphabet[below(alphabet.size())];
        value = text;
      }
    }
    return nlohmann::json{{"a", value}}.dump();
  }

  std::string value() {
    switch (below(3)) {
      case 0:
        return text();
      case 1:
        return number();
      default:
        return document();
    }
  }

 private:
  std::mt19937 random_;
};

struct piece {
  ordering order;
  std::function<int(const entry&, const entry&)> compare;
};

piece of_value(const ordering& order, const comparator& compare) {
  return {order, [compare](const entry& a, const entry& b) { return compare(a.value, b.value); }};
}

piece random_piece(generator& random, bool custom_too) {
  const auto ints = [](std::string_view a, std::string_view b) {
    return three_way(text::parse_int(a), text::parse_int(b));
  };
  piece made = of_value(by_string(), fold);
  switch (random.below(custom_too ? 11 : 9)) {
    case 0:
      break;
    case 1:
      made = of_value(by_binary(), bytes);
      break;
    case 2:
      made = of_value(by_int(), ints);
      break;
    case 3:
      made = of_value(by_uint(), [](std::string_view a, std::string_view b) {
        return three_way(text::parse_uint(a), text::parse_uint(b));
      });
      break;
    case 4:
      made = of_value(by_float(), floats);
      break;
    case 5:
      made = of_value(by_json("a"),
                      [](std::string_view a, std::string_view b) { return json(a, b, fold); });
      break;
    case 6:
      made = of_value(by_json_case_sensitive("a"),
                      [](std::string_view a, std::string_view b) { return json(a, b, bytes); });
      break;
    case 7:
      made = {by_key(by_int()),
              [ints](const entry& a, const entry& b) { return ints(a.key, b.key); }};
      break;
    case 8:
      made = of_value(by_sort_key([](std::string_view value, std::string& out) {
                        out.append(value.rbegin(), value.rend());
                      }),
                      [](std::string_view a, std::string_view b) {
                        return bytes(std::string(a.rbegin(), a.rend()),
                                     std::string(b.rbegin(), b.rend()));
                      });
      break;
    default:
      made = of_value(
          [](std::string_view a, std::string_view b) { return a.size() < b.size(); },
          [](std::string_view a, std::string_view b) { return three_way(a.size(), b.size()); });
  }
  if (random.below(2) == 0) return made;
  return {desc(made.order),
          [up = made.compare](const entry& a, const entry& b) { return up(b, a); }};
}

int sign(int number) {
  return three_way(number, 0);
}

void check(unsigned seed, bool custom_too) {
  generator random(seed);
  std::vector<piece> pieces;
  std::vector<ordering> orderings;
  for (std::size_t length = 1 + random.below(3); length-- > 0;) {
    pieces.push_back(random_piece(random, custom_too));
    orderings.push_back(pieces.back().order);
  }
  const ordering_list order(orderings);

  struct sample {
    std::string key, value, sort_key;
    entry of() const { return {key, value}; }
  };
  std::vector<sample> samples(24);
  for (sample& made : samples) {
    made.key = std::to_string(random.below(5));
    made.value = random.value();
    order.append_sort_key(made.of(), made.sort_key);
  }
  for (const sample& a : samples) {
    for (const sample& b : samples) {
      int expected = 0;
      for (const piece& piece : pieces) {
        if (expected == 0) expected = piece.compare(a.of(), b.of());
      }
      ASSERT_EQ(sign(order.compare(a.sort_key, a.of(), b.sort_key, b.of())), expected)
          << "seed " << seed << ": " << a.value << " and " << b.value;
      if (!order.has_custom()) {
        ASSERT_EQ(sign(a.sort_key.compare(b.sort_key)), expected);
      }
    }
  }
}

TEST(sort_keys, compare_as_the_entries_do) {
  for (unsigned seed = 0; seed < 600; ++seed)
    check(seed, false);
}

TEST(sort_keys, leave_to_custom_orderings_what_is_theirs) {
  for (unsigned seed = 1000; seed < 1300; ++seed)
    check(seed, true);
}

/// Checks what the tree of an index compares first, before it reads an entry.
void check_prefixes(unsigned seed) {
  using engine::index_order;
  generator random(seed);
  index_options options{.pattern = seed % 3 == 0 ? "*" : "k:*", .order = {}};
  for (std::size_t length = 1 + random.below(2); length-- > 0;)
    options.order.push_back(random_piece(random, false).order);
  const engine::index_definition index("i", options);

  struct sample {
    std::string key, sort_key;
    std::uint64_t prefix(index_order::tie among_equals, const engine::index_definition& of) const {
      return index_order::prefix_of({sort_key, {key, ""}, among_equals, &of});
    }
  };
  std::vector<sample> samples(24);
  for (sample& made : samples) {
    made.key = "k:" + random.text();
    index.order.append_sort_key({made.key, random.value()}, made.sort_key);
  }
  for (const sample& a : samples) {
    const std::uint64_t in_place = a.prefix(index_order::tie::by_key, index);
    for (const sample& b : samples) {
      const int by_sort_key = sign(a.sort_key.compare(b.sort_key));
      const int order = by_sort_key != 0 ? by_sort_key : sign(a.key.compare(b.key));
      const std::uint64_t other = b.prefix(index_order::tie::by_key, index);
      const int by_prefix = three_way(in_place, other);
      ASSERT_TRUE(by_prefix == 0 || by_prefix == order) << "seed " << seed;
      if (by_sort_key <= 0) {
        ASSERT_LE(a.prefix(index_order::tie::before_all, index), other) << "seed " << seed;
      }
      if (by_sort_key >= 0) {
        ASSERT_GE(a.prefix(index_order::tie::after_all, index), other) << "seed " << seed;
      }
    }
  }
}

TEST(sort_keys, have_prefixes_that_never_contradict_them) {
  for (unsigned seed = 0; seed < 600; ++seed)
    check_prefixes(seed);
}

TEST(sort_keys, leave_room_in_their_prefixes_for_keys) {
  const engine::index_definition ages(
      "ages", index_options{.pattern = "user:*", .order = {by_json("age")}});
  const auto prefix = [&](std::string_view key) {
    std::string sort_key;
    ages.order.append_sort_key({key, R"({"age":37})"}, sort_key);
    return engine::index_order::prefix_of(
        {sort_key, {key, ""}, engine::index_order::tie::by_key, &ages});
  };
  EXPECT_LT(prefix("user:1"), prefix("user:2"));
  EXPECT_LT(prefix("user:122"), prefix("user:123"));
}

TEST(sort_keys, are_appended) {
  std::string out = "x";
  ordering_list({by_string()}).append_sort_key({"k", "Ab"}, out);
  EXPECT_EQ(out, "xab");
}

TEST(sort_keys, are_empty_without_orderings) {
  const ordering_list none({});
  std::string out;
  EXPECT_TRUE(none.append_sort_key({"k", "v"}, out));
  EXPECT_EQ(out, "");
  EXPECT_EQ(none.compare("", {"a", ""}, "", {"b", ""}), 0);
}

TEST(sort_keys, say_whether_the_first_ordering_found_something) {
  const auto found = [](std::vector<ordering> orderings, std::string_view key,
                        std::string_view value) {
    std::string out;
    return ordering_list(std::move(orderings)).append_sort_key({key, value}, out);
  };
  EXPECT_TRUE(found({by_json("a")}, "k", R"({"a":null})"));
  EXPECT_FALSE(found({by_json("a")}, "k", R"({"b":1})"));
  EXPECT_FALSE(found({desc(by_json("a"))}, "k", "not json"));
  EXPECT_TRUE(found({by_int(), by_json("a")}, "k", "{}"));
  EXPECT_FALSE(found({by_key_part(":", 1)}, "k", ""));
  EXPECT_TRUE(found({by_key_part(":", 1)}, "k:", ""));
  const ordering custom([](std::string_view a, std::string_view b) { return a < b; });
  EXPECT_TRUE(found({custom, by_json("a")}, "k", ""));
  EXPECT_FALSE(found({by_json("a"), custom}, "k", ""));
}

TEST(sort_keys, have_nan_first) {
  std::string nan;
  std::string lowest;
  const ordering_list order({by_float()});
  order.append_sort_key({"", "nan"}, nan);
  order.append_sort_key({"", "-inf"}, lowest);
  EXPECT_LT(nan, lowest);
}

}  // namespace
}  // namespace buntdb::order
