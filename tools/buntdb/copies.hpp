#pragma once

#include <cstdint>
#include <string>

#include "opened.hpp"
#include "output.hpp"

/// How many items there are, in the time it takes to go through them: size() counts expired ones.
std::uint64_t live_items(const buntdb::reader& items);

/// What a copy took out or brought in.
struct copy_counts {
  std::uint64_t items_before = 0;  ///< in the database
  std::uint64_t items_after = 0;
  std::uint64_t bytes = 0;  ///< of the copy
};

/// Writes a copy of the database to a file, or with "-" to standard output, with a bar on a
/// terminal. Throws usage_error if the target is the database itself, or a terminal; buntdb::error.
copy_counts save_copy(opened& file, const std::string& path, const std::string& target,
                      output& out);

/// Takes in a copy from a file, or with "-" from standard input. Throws usage_error if the source
/// is the database itself; buntdb::error. Has then changed nothing.
copy_counts load_copy(opened& file, const std::string& path, const std::string& source);

/// "app.db: 3 items saved, 435 bytes" and "app.db: 435 bytes loaded; 2 items before, 5 now", or
/// JSON.
std::string saved_text(const std::string& target, const copy_counts& counts, bool as_json);
std::string loaded_text(const std::string& path, const std::string& source,
                        const copy_counts& counts, bool as_json);
