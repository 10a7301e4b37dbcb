#include "storage/replacement_file.hpp"

#include <random>
#include <string_view>
#include <utility>

#include <buntdb/error.hpp>

#include "io/new_file.hpp"

namespace buntdb::engine {

namespace {

constexpr std::string_view compaction_infix = ".compact-";
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t suffix_size = 6;

std::string random_suffix() {
  std::random_device random;
  std::string suffix;
  for (std::size_t i = 0; i < suffix_size; ++i)
    suffix += alphabet[random() % alphabet.size()];
  return suffix;
}

/// Creates a file beside target, under a name that nothing has.
std::unique_ptr<io::file> create_beside(io::file_system& files, const std::string& target,
                                        std::string_view infix) {
  constexpr unsigned max_attempts = 10;
  return io::create_new(
      files, [&](unsigned) { return target + std::string(infix) + random_suffix(); }, max_attempts);
}

}  // namespace

void sync_name(io::file_system& files, const std::string& path) {
  try {
    files.sync_folder_of(path);
  } catch (const error& failure) {
    throw error(errc::name_not_durable,
                path +
                    " is the new file, whole and synced, but its name may not be on the disk: "
                    "after a power cut the old file may be there. " +
                    failure.what());
  }
}

replacement_file::replacement_file(io::file_system& files, const io::file& original)
    : files_(files), replaced_(original.status()), target_(original.path()) {
  file_ = create_beside(files_, target_, compaction_infix);
  try {
    if (!file_->try_lock()) {
      throw error(errc::locked, file_->path() + ": another process has locked it");
    }
    file_->set_access(replaced_.mode, replaced_.owner, replaced_.group);
  } catch (...) {
    io::remove_quietly(files_, file_->path());
    throw;
  }
}

replacement_file::~replacement_file() {
  if (file_ != nullptr) io::remove_quietly(files_, file_->path());
}

void replacement_file::remove_leftovers(io::file_system& files, const std::string& path) {
  const std::string prefix = path + std::string(compaction_infix);
  const std::size_t folder = path.rfind('/') + 1;  // 0 without a slash
  for (const std::string& name : files.names_beginning_with(prefix)) {
    const std::string_view suffix = std::string_view(name).substr(prefix.size() - folder);
    const bool is_ours = suffix.size() == suffix_size &&
                         suffix.find_first_not_of(alphabet) == std::string_view::npos;
    if (is_ours) files.remove(path.substr(0, folder) + name);
  }
}

std::unique_ptr<io::file> replacement_file::install() {
  const auto named = files_.status(target_);
  if (!named || named->device != replaced_.device || named->inode != replaced_.inode) {
    throw error(errc::file_lost, target_ + " has been removed or replaced by another program");
  }
  files_.rename(file_->path(), target_);
  std::unique_ptr<io::file> installed = std::move(file_);
  installed->renamed_to(target_);
  return installed;
}

dump_file::dump_file(io::file_system& files, const std::string& path)
    : files_(files), target_(path) {
  if (files_.status(path)) {
    const std::unique_ptr<io::file> there = files_.open(path, io::open_mode::read_write);
    if (!there->status().is_regular) {
      throw error(errc::invalid_argument, path + ": not a regular file: save under another name");
    }
    if (!there->try_lock()) {
      throw error(errc::locked, path + ": a database that is in use: save under another name");
    }
  }
  file_ = create_beside(files_, target_, ".save-");
}

dump_file::~dump_file() {
  if (file_ != nullptr) io::remove_quietly(files_, file_->path());
}

void dump_file::install() {
  files_.rename(file_->path(), target_);
  file_.reset();
  sync_name(files_, target_);
}

}  // namespace buntdb::engine
