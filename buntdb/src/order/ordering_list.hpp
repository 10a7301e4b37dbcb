#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <buntdb/entry.hpp>
#include <buntdb/ordering.hpp>

namespace buntdb::order {

/// The orderings of an index, in their order. Immutable; any number of threads may use one.
///
/// Without custom orderings, sort keys compare as bytes (unsigned, a prefix first) exactly as the
/// entries do; equal sort keys mean that neither entry is less. With custom orderings, sort keys
/// contain what the other orderings need, and compare() must be used.
class ordering_list {
 public:
  explicit ordering_list(std::vector<ordering> orderings);

  bool has_custom() const noexcept { return has_custom_; }

  /// Appends the entry's sort key. Returns whether the first ordering extracted something. A JSON
  /// path that selects nothing, or a part that the key does not have, counts as nothing (and sorts
  /// first). Throws std::bad_alloc, and what sort key functions throw.
  bool append_sort_key(const entry& of, std::string& out) const;

  /// Returns a negative number if `a` comes first, a positive one if `b` does. Throws what custom
  /// orderings throw.
  int compare(std::string_view sort_key_a, const entry& a, std::string_view sort_key_b,
              const entry& b) const;

 private:
  std::vector<ordering> orderings_;
  bool has_custom_;
};

}  // namespace buntdb::order
