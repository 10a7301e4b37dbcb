#include "scans/passing_index.hpp"

namespace {

void copy(const buntdb::reader& items, std::string_view pattern, bool ignore_case,
          buntdb::database& to) {
  // The index decides which items match. This avoids copying those that cannot match. Ignoring case
  // would need another pattern.
  to.update([&](buntdb::transaction& tx) {
    for (const buntdb::entry& entry : items.ascend_matching(ignore_case ? "*" : pattern)) {
      tx.set(entry.key, entry.value);
    }
  });
}

}  // namespace

passing_index::passing_index(const buntdb::reader& items, const buntdb::index_options& options)
    : database_(buntdb::database::in_memory()), view_([&] {
        copy(items, options.pattern, options.ignore_case, database_);
        database_.create_index(name, options);
        return database_.begin_read();
      }()) {}

passing_index::passing_index(const buntdb::reader& items,
                             const buntdb::spatial_index_options& options)
    : database_(buntdb::database::in_memory()), view_([&] {
        copy(items, options.pattern, options.ignore_case, database_);
        database_.create_spatial_index(name, options);
        return database_.begin_read();
      }()) {}
