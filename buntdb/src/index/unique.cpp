#include "index/unique.hpp"

#include <string>

#include <buntdb/error.hpp>

#include "index/entry.hpp"
#include "tree/cursor.hpp"

namespace buntdb::engine {

void throw_not_unique(const index_definition& index, std::string_view key, std::string_view other) {
  std::string text = "'";
  text.append(key).append("' is equal to '").append(other);
  text.append("' in the index '").append(index.info.name).append("', which is unique");
  throw error(errc::not_unique, text);
}

void require_unique(const index_definition& index, const node* root, std::string_view key,
                    std::string_view sort_key, time_point now) {
  const index_order::probe probe{sort_key, {}, index_order::tie::before_all, &index};
  std::string scratch;
  cursor at;
  for (at.seek_from<index_order>(root, probe, false); !at.at_end(); at.next()) {
    const auto& found = *static_cast<const index_place*>(at.entry());
    if (found.sort_key(index, scratch) != sort_key) return;
    const item& other = *found.item();
    if (other.key() != key && !other.expired(now)) throw_not_unique(index, key, other.key());
  }
}

void require_unique(const index_definition& index, const node* root, const entry& of,
                    time_point now) {
  std::string sort_key;
  const bool found = index.order.append_sort_key(of, sort_key);
  if (found || !index.info.sparse) require_unique(index, root, of.key, sort_key, now);
}

}  // namespace buntdb::engine
