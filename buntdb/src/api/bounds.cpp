#include <array>
#include <charconv>

#include <buntdb/bounds.hpp>

namespace buntdb {

index_part index_part::of_double(double number) {
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  index_part made;
  made.kind_ = kind::number;
  made.text_.assign(digits.data(), end);
  made.number_ = number;
  return made;
}

}  // namespace buntdb
