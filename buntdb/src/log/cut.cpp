#include <algorithm>
#include <cassert>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/new_file.hpp"
#include "io/write_all.hpp"
#include "log/recovery.hpp"

namespace buntdb::log {
namespace {

constexpr std::size_t copy_size = std::size_t{1} << 20U;

/// More names than this are taken only intentionally, or by a loop that opens and crashes.
constexpr unsigned max_names = 1000;

std::uint64_t copy_from(const io::file& from, std::uint64_t offset, io::file& to) {
  const std::uint64_t size_before = from.status().size;
  const std::uint64_t left = size_before - std::min(offset, size_before);
  std::vector<char> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(left, copy_size)));
  std::uint64_t copied = 0;
  while (const std::size_t size = from.read_at(offset + copied, buffer)) {
    io::write_all(to, copied, {buffer.data(), size});
    copied += size;
  }
  return copied;
}

void truncate_keeping_time(io::file& file, const inspection& inspected) {
  file.truncate(inspected.good_end);
  file.set_modified(inspected.modified);
  file.sync();
}

}  // namespace

cut_result keep_aside(io::file_system& files, const io::file& file, std::uint64_t from,
                      std::string_view kind) {
  const std::string name = file.path() + "." + std::string(kind) + "-" + std::to_string(from);
  const std::unique_ptr<io::file> copy = io::create_new(
      files,
      [&](unsigned attempt) { return attempt == 0 ? name : name + "." + std::to_string(attempt); },
      max_names);
  cut_result result{.kept_in = copy->path()};
  try {
    result.bytes = copy_from(file, from, *copy);
    copy->sync();
    copy->flush();
    files.sync_folder_of(copy->path());
  } catch (...) {
    // A partial copy is useless, and the source file is unchanged.
    io::remove_quietly(files, copy->path());
    throw;
  }
  return result;
}

bool may_be_cut_in_place(const inspection& inspected) noexcept {
  return inspected.has_markers && !inspected.has_relative_expiries;
}

cut_result cut(io::file_system& files, io::file& file, const inspection& inspected) {
  assert(inspected.damage && inspected.damage->verdict == damage_verdict::cut);
  cut_result result = keep_aside(files, file, inspected.good_end, "cut");
  truncate_keeping_time(file, inspected);
  return result;
}

void cut_nul_tail(io::file& file, const inspection& inspected) {
  assert(!inspected.damage);
  if (inspected.nul_tail == 0) return;
  truncate_keeping_time(file, inspected);
}

}  // namespace buntdb::log
