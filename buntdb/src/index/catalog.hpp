#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/definition.hpp"

namespace buntdb::engine {

/// A definition in the file from which no index was made, because this version of the library does
/// not understand it or because its items are not unique. A compaction writes it again.
struct set_aside_definition {
  std::string name;    ///< empty: malformed
  std::string record;  ///< the reserved key
};

/// The indexes of a version. Immutable; versions share it until an index is created or dropped.
class index_catalog {
 public:
  struct placed {
    shared_definition definition;
    unsigned first_root;  ///< in index_roots
  };

  explicit index_catalog(std::vector<shared_definition> definitions,
                         std::vector<set_aside_definition> set_aside = {});

  /// Returns the indexes in order of their names.
  const std::vector<placed>& all() const noexcept { return all_; }
  /// Returns null if there is none.
  const placed* find(std::string_view name) const noexcept;
  const std::vector<set_aside_definition>& set_aside() const noexcept { return set_aside_; }
  unsigned root_count() const noexcept { return root_count_; }
  bool has_unique() const noexcept { return has_unique_; }

  /// Calls the visitor with each index whose pattern matches the key. Patterns whose literal
  /// beginning differs from that of the key cost nothing, however many there are.
  template <class Visitor>
  void visit_matching(std::string_view key, Visitor visitor) const {
    for (const group& one : groups_) {
      if (key.size() < one.length) continue;
      const auto found = one.by_prefix.find(key.substr(0, one.length));
      if (found == one.by_prefix.end()) continue;
      for (const unsigned index : found->second) {
        if (all_[index].definition->pattern.matches(key)) visitor(all_[index]);
      }
    }
  }

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  /// Patterns whose literal beginnings have the same length.
  struct group {
    std::size_t length;
    std::unordered_map<std::string, std::vector<unsigned>, hash, std::equal_to<>> by_prefix;
  };

  std::vector<placed> all_;
  std::vector<group> groups_;
  std::vector<set_aside_definition> set_aside_;
  unsigned root_count_ = 0;
  bool has_unique_ = false;
};

using shared_catalog = std::shared_ptr<const index_catalog>;

}  // namespace buntdb::engine
