#include "order/ordering_list.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "order/definition.hpp"
#include "order/sort_key.hpp"

namespace buntdb::order {

namespace {

bool is_custom(const ordering& ordering) noexcept {
  return ordering.definition().kind == definition_kind::custom;
}

// With custom orderings, a sort key consists of the pieces of the other orderings. Each run of
// pieces is preceded by its length, so that compare() can find the next run.
constexpr std::size_t length_size = sizeof(std::uint64_t);

void put_length(std::size_t at, std::string& out) {
  std::uint64_t length = out.size() - at - length_size;
  for (std::size_t byte = 0; byte < length_size; ++byte, length >>= 8U) {
    out[at + byte] = static_cast<char>(length & 0xffU);
  }
}

std::string_view take_run(std::string_view& sort_key) {
  std::uint64_t length = 0;
  for (std::size_t byte = length_size; byte-- > 0;) {
    length = length << 8U | static_cast<unsigned char>(sort_key[byte]);
  }
  const std::string_view run = sort_key.substr(length_size, length);
  sort_key.remove_prefix(length_size + length);
  return run;
}

}  // namespace

ordering_list::ordering_list(std::vector<ordering> orderings)
    : orderings_(std::move(orderings)),
      has_custom_(std::any_of(orderings_.begin(), orderings_.end(), is_custom)) {}

bool ordering_list::append_sort_key(const entry& of, std::string& out) const {
  bool found = true;
  constexpr std::size_t none = std::string::npos;
  std::size_t run = none;
  for (auto it = orderings_.begin(); it != orderings_.end(); ++it) {
    bool here = true;
    if (is_custom(*it)) {
      here = subject_of(it->definition(), of).has_value();
      if (run != none) put_length(run, out);
      run = none;
    } else {
      if (has_custom_ && run == none) {
        run = out.size();
        out.append(length_size, '\0');
      }
      const piece_position position =
          it + 1 == orderings_.end() ? piece_position::last : piece_position::within;
      here = append_piece(it->definition(), of, position, out);
    }
    if (it == orderings_.begin()) found = here;
  }
  if (run != none) put_length(run, out);
  return found;
}

int ordering_list::compare(std::string_view sort_key_a, const entry& a, std::string_view sort_key_b,
                           const entry& b) const {
  if (!has_custom_) return sort_key_a.compare(sort_key_b);
  bool in_run = false;
  for (const ordering& ordering : orderings_) {
    if (is_custom(ordering)) {
      in_run = false;
      if (custom_less(ordering.definition(), a, b)) return -1;
      if (custom_less(ordering.definition(), b, a)) return 1;
    } else if (!in_run) {
      in_run = true;
      const int order = take_run(sort_key_a).compare(take_run(sort_key_b));
      if (order != 0) return order;
    }
  }
  return 0;
}

}  // namespace buntdb::order
