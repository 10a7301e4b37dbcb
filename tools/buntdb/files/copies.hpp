#pragma once

#include <cstdint>
#include <string>

#include "files/opened.hpp"
#include "output/output.hpp"

/// Returns how many items there are. It visits all items, because size() also counts expired ones.
std::uint64_t live_items(const buntdb::reader& items);

/// The result of saving or loading a copy.
struct copy_counts {
  std::uint64_t items_before = 0;  ///< in the database
  std::uint64_t items_after = 0;
  std::uint64_t replaced = 0;  ///< of a load: existing keys that now have the copy's value
  std::uint64_t added = 0;     ///< of a load: keys that did not exist
  std::uint64_t bytes = 0;     ///< of the copy
};

/// Writes a copy of the database to a file, or with "-" to standard output, with a progress bar on
/// a terminal. Throws usage_error if the target is the database itself, or a terminal;
/// buntdb::error.
copy_counts save_copy(opened& file, const std::string& path, const std::string& target,
                      output& out);

/// Loads a copy from a file, or with "-" from standard input. Throws usage_error if the source is
/// the database itself; buntdb::error. After an exception nothing was changed.
copy_counts load_copy(opened& file, const std::string& path, const std::string& source);

/// Returns "app.db: 3 items saved, 435 bytes" and "app.db: 2 items before, 4 after loading 435
/// bytes from copy.db: 2 added, 1 replaced", or JSON.
std::string saved_text(const std::string& target, const copy_counts& counts, bool as_json);
std::string loaded_text(const std::string& path, const std::string& source,
                        const copy_counts& counts, bool as_json);
