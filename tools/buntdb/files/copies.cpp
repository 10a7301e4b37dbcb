#include "files/copies.hpp"

#include <filesystem>
#include <iostream>
#include <iterator>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include <buntdb/database.hpp>

#include "files/standard_stream.hpp"
#include "output/exit_status.hpp"
#include "output/output_buffer.hpp"
#include "output/progress.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

std::uint64_t size_of(opened& file, const std::string& path) {
  const auto found = file.files().status(path);
  return found ? found->size : 0;
}

std::string items_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " item" : " items");
}

bool same_file(opened& file, const std::string& a, const std::string& b) {
  const auto first = file.files().status(a);
  const auto second = file.files().status(b);
  return first && second && first->device == second->device && first->inode == second->inode;
}

/// Counts what a load has set: the items that were born since. They are distinguished from those
/// that it did not change.
void count_loaded(const buntdb::snapshot& before, const buntdb::snapshot& after,
                  copy_counts& counts) {
  for (const buntdb::entry& entry : after.ascend()) {
    ++counts.items_after;
    const auto now = after.find(entry.key);
    const auto then = before.find(entry.key);
    if (!then) {
      ++counts.added;
    } else if (now && now->revision != then->revision) {
      ++counts.replaced;
    }
  }
}

}  // namespace

std::uint64_t live_items(const buntdb::reader& items) {
  std::uint64_t count = 0;
  for ([[maybe_unused]] const buntdb::entry& entry : items.ascend())
    ++count;
  return count;
}

copy_counts save_copy(opened& file, const std::string& path, const std::string& target,
                      output& out) {
  buntdb::database& db = file.database();
  copy_counts counts;
  counts.items_before = counts.items_after = live_items(db.begin_read());
  if (target == standard_stream) {
    if (out.terminal()) throw usage_error("a copy is not for a terminal: save to a file or a pipe");
    output_buffer buffer(out);
    std::ostream stream(&buffer);
    try {
      db.save(stream);
    } catch (const buntdb::error&) {
      buffer.rethrow();
      throw;
    }
    counts.bytes = buffer.written();
    return counts;
  }
  if (same_file(file, path, target)) {
    throw usage_error(target + " is the database itself: save under another name");
  }
  const auto& counted = file.files().counted();
  const std::uint64_t begin = counted.written;
  const std::uint64_t total = db.stats().live_bytes;
  const progress bar("Writing " + target, progress_unit::bytes, [&counted, begin, total] {
    return progress_state{counted.written - begin, total};
  });
  db.save(std::filesystem::path(target));
  counts.bytes = size_of(file, target);
  return counts;
}

copy_counts load_copy(opened& file, const std::string& path, const std::string& source) {
  if (source != standard_stream && same_file(file, path, source)) {
    throw usage_error(source + " is the database itself");
  }
  buntdb::database& db = file.database();
  copy_counts counts;
  const buntdb::snapshot before = db.begin_read();
  counts.items_before = live_items(before);
  if (source == standard_stream) {
    const std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
    if (std::cin.bad()) throw std::runtime_error("cannot read standard input");
    counts.bytes = bytes.size();
    std::istringstream stream(bytes);
    db.load(stream);
  } else {
    counts.bytes = size_of(file, source);
    const std::uint64_t passes = file.files().counted().passes;
    const std::uint64_t size = counts.bytes;
    const auto& counted = file.files().counted();
    const progress bar("Reading " + source, progress_unit::bytes, [&counted, passes, size] {
      // The file is read once to check it, and once to load it.
      const std::uint64_t pass = counted.passes - passes;
      return progress_state{(pass > 1 ? size : 0) + counted.position, 2 * size};
    });
    db.load(std::filesystem::path(source));
  }
  count_loaded(before, db.begin_read(), counts);
  return counts;
}

std::string saved_text(const std::string& target, const copy_counts& counts, bool as_json) {
  if (as_json) return json_line(json{{"items", counts.items_after}, {"bytes", counts.bytes}});
  return printable(target) + ": " + items_text(counts.items_after) + " saved, " +
         size_text(counts.bytes);
}

std::string loaded_text(const std::string& path, const std::string& source,
                        const copy_counts& counts, bool as_json) {
  if (as_json) {
    return json_line(json{{"items_before", counts.items_before},
                          {"items_after", counts.items_after},
                          {"added", counts.added},
                          {"replaced", counts.replaced},
                          {"bytes", counts.bytes}});
  }
  return printable(path) + ": " + items_text(counts.items_before) + " before, " +
         std::to_string(counts.items_after) + " after loading " + size_text(counts.bytes) +
         " from " + (source == standard_stream ? "standard input" : printable(source)) + ": " +
         std::to_string(counts.added) + " added, " + std::to_string(counts.replaced) + " replaced";
}
