#include "model/material.hpp"

#include <chrono>

namespace buntdb::model {

using namespace std::chrono_literals;

/// Makes from a handful to a few hundred keys: short ones, some with bytes NUL and 0xff, and many
/// that share their first eight bytes or more.
material::material(random_source& random) : random_(random) {
  keys_ = {"", std::string(1, '\0'), std::string(2, '\0'), "a", std::string("a\0", 2), "\xff\xff"};
  const std::uint64_t count = random.one_in(3) ? 10 : random.one_in(2) ? 150 : 900;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    keys_.push_back(i % 21 == 0  ? "Session:" + number
                    : i % 3 == 0 ? "session:" + number
                    : i % 3 == 1 ? number
                                 : "long prefix " + number);
  }
}

/// Returns a value, sometimes longer than one sector or several.
std::string material::value() {
  if (random_.one_in(2)) return ordered_value();
  std::string made = "v" + std::to_string(++values_) + ":";
  const std::uint64_t kind = random_.below(20);
  const std::uint64_t most = kind == 0 ? 5000 : kind < 4 ? 600 : 40;
  made.append(static_cast<std::size_t>(random_.below(most)), static_cast<char>('a' + kind));
  if (kind == 5) made += "\r\n*2\r\n$3\r\ndel\r\n$1\r\na\r\n";
  return made;
}

/// Returns a value of a kind that indexes distinguish, and often one that was used before.
std::string material::ordered_value() {
  const auto small = [this] { return std::to_string(random_.between(-5, 15)); };
  switch (random_.below(5)) {
    case 0:
      return small();
    case 1:
      return "[" + small() + " " + small() + "]";
    case 2:
      return "[" + small() + " 1 2],[" + small() + " " + small() + " 3]";
    case 3:
      return std::string(1, "abAB"[random_.below(4)]) + small();
    default:
      break;
  }
  std::string object = "{";
  if (random_.one_in(2)) object += "\"s\":\"" + std::string(1, "xyXY"[random_.below(4)]) + "\"";
  if (random_.one_in(3)) return object + "}";
  return object + (object.size() > 1 ? "," : "") + "\"n\":" + small() + "}";
}

material::expiry material::life(time_point now) {
  const auto at = [now](std::chrono::nanoseconds ttl) { return (now + ttl).time_since_epoch(); };
  switch (random_.below(9)) {
    case 0: {
      const std::chrono::nanoseconds ttl{random_.between(-1'000'000'000, 1'000'000)};
      return {{.ttl = ttl}, at(ttl).count()};
    }
    case 1:
    case 2: {
      const std::chrono::nanoseconds ttl{random_.between(1, 3'000'000'000)};
      return {{.ttl = ttl}, at(ttl).count()};
    }
    case 3: {
      const std::chrono::seconds ttl{random_.between(1, 100'000)};
      return {{.ttl = ttl}, at(ttl).count()};
    }
    case 4: {
      const std::chrono::milliseconds ttl{random_.between(-100, 600'000)};
      return {{.expires_at = now + ttl}, at(ttl).count()};
    }
    case 5:
      return {{.ttl = forever}, stored::never};
    case 6:
      return {{.expires_at = time_point::max()}, stored::never};
    default:
      return {{}, stored::never};
  }
}

std::optional<std::string> material::maybe_bound() {
  if (!random_.one_in(3)) return std::nullopt;
  std::string bound = key();
  if (random_.one_in(4)) bound += "x";
  return bound;
}

material::limits material::some_limits() {
  limits made;
  made.at_least = maybe_bound();
  made.greater_than = maybe_bound();
  made.at_most = maybe_bound();
  made.less_than = maybe_bound();
  return made;
}

buntdb::bounds material::limits::bounds() const {
  return {.at_least = at_least,
          .greater_than = greater_than,
          .at_most = at_most,
          .less_than = less_than};
}

bool material::limits::inside(const std::string& key) const {
  return (!at_least || key >= *at_least) && (!greater_than || key > *greater_than) &&
         (!at_most || key <= *at_most) && (!less_than || key < *less_than);
}

}  // namespace buntdb::model
