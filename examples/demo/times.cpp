#include "times.hpp"

#include <array>
#include <ctime>

namespace {

using namespace std::chrono_literals;

struct unit {
  std::chrono::nanoseconds size;
  const char* name;
};
constexpr std::array<unit, 4> units{
    {{24h, "day"}, {1h, "hour"}, {1min, "minute"}, {1s, "second"}}};

}  // namespace

std::string in_words(std::chrono::nanoseconds duration) {
  for (const unit& unit : units) {
    if (duration < unit.size) continue;
    const auto count = (duration + unit.size / 2) / unit.size;
    return std::to_string(count) + " " + unit.name + (count == 1 ? "" : "s");
  }
  return "a moment";
}

std::string ago(scs::time_point when) {
  const auto age = scs::clock::system().now() - when;
  return age < 2s ? "just now" : in_words(age) + " ago";
}

std::string iso(scs::time_point when) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch())
          .count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}
