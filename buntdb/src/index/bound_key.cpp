#include "index/bound_key.hpp"

#include <cstddef>
#include <vector>

#include <buntdb/error.hpp>

#include "order/definition.hpp"
#include "order/sort_key.hpp"

namespace buntdb::engine {

namespace {

using order::piece_position;

[[noreturn]] void refuse_bound(const index_definition& index, const std::string& why) {
  throw error(errc::invalid_argument, "a bound of index '" + index.info.name + "': " + why);
}

bool looks_at_value(const ordering& one) noexcept {
  return one.definition().looks_at == order::definition::subject::value;
}

/// Returns the number of leading orderings that a value determines.
std::size_t reach_of_value(const index_definition& index) {
  const std::vector<ordering>& order = index.info.order;
  std::size_t reach = 0;
  while (reach != order.size() && looks_at_value(order[reach]))
    ++reach;
  if (reach == order.size() && reach != 0) return reach;
  if (reach != 0 && !index.order.has_custom()) return reach;
  refuse_bound(index,
               "a value has no key, and the index is ordered by keys: name what its orderings find "
               "with first_parts() or prefix");
}

/// Returns the sort key of the parts. For a prefix, the last piece has no terminator.
bound_key key_of_parts(const index_definition& index, const std::vector<index_part>& parts,
                       bool is_prefix) {
  const std::vector<ordering>& order = index.info.order;
  if (index.order.has_custom()) {
    refuse_bound(index, "the index calls a function to compare items, which takes no parts");
  }
  if (parts.size() > order.size()) {
    refuse_bound(index, std::to_string(parts.size()) + " parts are for as many orderings; it has " +
                            std::to_string(order.size()));
  }
  bound_key key;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const bool is_beginning = is_prefix && at + 1 == parts.size();
    const piece_position position =
        at + 1 == order.size() ? piece_position::last : piece_position::within;
    const auto append = is_beginning ? order::append_beginning : order::append_part;
    if (!append(order[at].definition(), parts[at], position, key.sort_key)) {
      refuse_bound(index,
                   "part " + std::to_string(at) + ", '" + parts[at].text() +
                       (is_beginning ? "', cannot be the beginning of what its ordering finds"
                                     : "', is nothing that its ordering finds"));
    }
  }
  key.is_beginning = is_prefix || parts.size() != order.size();
  return key;
}

}  // namespace

bound_key key_of(const index_definition& index, const bound& bound) {
  if (bound.parts()) return key_of_parts(index, bound.parts()->parts(), false);
  const std::size_t reach = reach_of_value(index);
  const entry of{.key = {}, .value = bound.value()};
  bound_key key{.sort_key = {}, .is_beginning = reach != index.info.order.size()};
  if (!key.is_beginning) {
    index.order.append_sort_key(of, key.sort_key);
    return key;
  }
  for (std::size_t at = 0; at < reach; ++at) {
    order::append_piece(index.info.order[at].definition(), of, piece_position::within,
                        key.sort_key);
  }
  return key;
}

bound_key key_of_prefix(const index_definition& index, const first_parts& prefix) {
  return key_of_parts(index, prefix.parts(), true);
}

bool advance_beyond(std::string& beginning) noexcept {
  while (!beginning.empty() && beginning.back() == '\xff')
    beginning.pop_back();
  if (beginning.empty()) return false;
  beginning.back() = static_cast<char>(static_cast<unsigned char>(beginning.back()) + 1U);
  return true;
}

}  // namespace buntdb::engine
