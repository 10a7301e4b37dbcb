#include "storage/unfinished_file.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "io/new_file.hpp"

namespace buntdb::engine {

namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t suffix_size = 6;
constexpr unsigned private_mode = 0600;

std::string suffix_from(std::uint64_t number) {
  std::string suffix;
  for (std::size_t i = 0; i < suffix_size; ++i, number /= alphabet.size())
    suffix += alphabet[number % alphabet.size()];
  return suffix;
}

std::string random_suffix() {
  std::random_device random;
  return suffix_from(std::uint64_t{random()} << 32U | random());
}

/// Computes the suffix for a file with this inode number. The number is mixed so that similar
/// numbers do not have similar suffixes.
std::string suffix_of(std::uint64_t inode) {
  std::uint64_t mixed = inode + 0x9e37'79b9'7f4a'7c15;
  mixed = (mixed ^ mixed >> 30U) * 0xbf58'476d'1ce4'e5b9;
  mixed = (mixed ^ mixed >> 27U) * 0x94d0'49bb'1331'11eb;
  return suffix_from(mixed ^ mixed >> 31U);
}

/// Renames the file to the name that matches its inode number. Returns false, and leaves the file
/// unchanged, if that is impossible: another file has the name, or another process has removed this
/// empty file as a leftover.
bool give_name(io::file_system& files, io::file& file, const std::string& beginning) {
  if (!file.try_lock()) return false;
  const std::string name = beginning + suffix_of(file.status().inode);
  if (files.status(name)) return false;
  try {
    files.rename(file.path(), name);
  } catch (const error& failure) {
    if (failure.code() == std::errc::no_such_file_or_directory) return false;
    throw;
  }
  file.renamed_to(name);
  return true;
}

bool is_suffix(std::string_view text) noexcept {
  return text.size() == suffix_size && text.find_first_not_of(alphabet) == std::string_view::npos;
}

bool remove_if_leftover(io::file_system& files, const std::string& path) {
  if (files.resolved(path) != path) return false;  // a symbolic link
  const std::unique_ptr<io::file> file = files.open(path, io::open_mode::read_only);
  const io::file_status status = file->status();
  const bool is_named = path.ends_with(suffix_of(status.inode));
  const bool is_new = status.size == 0 && status.mode == private_mode;
  if (!status.is_regular || (!is_named && !is_new) || !file->try_lock()) return false;
  const std::optional<io::file_status> named = files.status(path);
  if (!named || named->device != status.device || named->inode != status.inode) return false;
  files.remove(path);
  return true;
}

/// Returns the folder of a path, with its slash, or an empty text if there is none.
std::string folder_prefix_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

/// Removes leftovers: of the files whose names begin with `path`, those whose names end with the
/// infix and a suffix as this library makes them. Files that cannot be examined or removed stay.
/// But if the caller asks for the paths of the removed files, that is an error.
void remove_leftovers(io::file_system& files, const std::string& path, std::string_view infix,
                      std::vector<std::string>* removed = nullptr) {
  try {
    for (const std::string& name : files.names_beginning_with(path)) {
      if (name.size() < infix.size() + suffix_size) continue;
      const std::string_view end =
          std::string_view(name).substr(name.size() - infix.size() - suffix_size);
      if (!end.starts_with(infix) || !is_suffix(end.substr(infix.size()))) continue;
      try {
        const std::string leftover = folder_prefix_of(path) + name;
        if (remove_if_leftover(files, leftover) && removed != nullptr) removed->push_back(leftover);
      } catch (const error&) {
        if (removed != nullptr) throw;
      }
    }
  } catch (const error&) {
    if (removed != nullptr) throw;
  }
}

/// Returns whether the text is OFFSET or OFFSET.ATTEMPT, as in the names that log::keep_aside()
/// makes.
bool is_place(std::string_view text) noexcept {
  constexpr std::string_view digits = "0123456789";
  const std::size_t end = std::min(text.find_first_not_of(digits), text.size());
  if (end == 0) return false;
  if (end == text.size()) return true;
  if (text[end] != '.') return false;
  text.remove_prefix(end + 1);
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

/// Removes a file that was kept aside, unless it is a symbolic link or a database that is in use.
bool remove_kept_aside(io::file_system& files, const std::string& path) {
  const auto status = files.status(path);
  if (!status || !status->is_regular || files.resolved(path) != path) return false;
  if (!files.open(path, io::open_mode::read_only)->try_lock()) return false;
  files.remove(path);
  return true;
}

/// Throws if the folder cannot be listed. Such a folder looks like one without leftovers, except
/// that the database itself is not listed either.
void require_listing(io::file_system& files, const std::string& target) {
  const std::string name = target.substr(folder_prefix_of(target).size());
  const std::vector<std::string> found = files.names_beginning_with(target);
  if (std::find(found.begin(), found.end(), name) != found.end()) return;
  throw error(std::make_error_code(std::errc::permission_denied),
              "the folder of " + target +
                  " cannot be listed, so what was kept beside it may still be there: let this "
                  "process read the folder, or remove the files that begin with its name by hand");
}

}  // namespace

std::unique_ptr<io::file> create_unfinished(io::file_system& files, const std::string& target,
                                            std::string_view infix) {
  constexpr unsigned max_attempts = 10;
  const std::string beginning = target + std::string(infix);
  // Stay open, so that the next file has a different inode number.
  std::vector<std::unique_ptr<io::file>> refused;
  while (refused.size() < max_attempts) {
    std::unique_ptr<io::file> file = io::create_new(
        files, [&](unsigned) { return beginning + random_suffix(); }, max_attempts);
    const std::string first_name = file->path();
    try {
      if (give_name(files, *file, beginning)) return file;
    } catch (...) {
      io::remove_quietly(files, file->path());
      throw;
    }
    io::remove_quietly(files, first_name);
    refused.push_back(std::move(file));
  }
  throw error(std::make_error_code(std::errc::file_exists),
              "cannot create a file beside " + target + ": every name is taken");
}

void remove_unfinished(io::file_system& files, const std::string& target) {
  for (const std::string_view infix : {compaction_infix, save_infix})
    remove_leftovers(files, target + std::string(infix), infix);
}

std::vector<std::string> remove_remains(io::file_system& files, const std::string& target) {
  require_listing(files, target);
  std::vector<std::string> removed;
  remove_leftovers(files, target + std::string(compaction_infix), compaction_infix, &removed);
  remove_leftovers(files, folder_prefix_of(target), save_infix, &removed);
  for (const std::string_view infix : {std::string_view(".cut-"), std::string_view(".damaged-")}) {
    const std::string beginning = target + std::string(infix);
    const std::size_t name_size = beginning.size() - folder_prefix_of(target).size();
    for (const std::string& name : files.names_beginning_with(beginning)) {
      if (!is_place(std::string_view(name).substr(name_size))) continue;
      const std::string path = folder_prefix_of(target) + name;
      if (remove_kept_aside(files, path)) removed.push_back(path);
    }
  }
  files.sync_folder_of(target);
  return removed;
}

void remove_unfinished_saves(io::file_system& files, const std::string& path) {
  remove_leftovers(files, folder_prefix_of(path), save_infix);
}

}  // namespace buntdb::engine
