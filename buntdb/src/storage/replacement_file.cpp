#include "storage/replacement_file.hpp"

#include <utility>

#include <buntdb/error.hpp>

#include "io/new_file.hpp"
#include "storage/unfinished_file.hpp"

namespace buntdb::engine {

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
  files_.check_replaceable(target_);
  file_ = create_unfinished(files_, target_, compaction_infix);
  try {
    file_->set_access(replaced_.mode, replaced_.owner, replaced_.group);
  } catch (...) {
    io::remove_quietly(files_, file_->path());
    throw;
  }
}

replacement_file::~replacement_file() {
  if (file_ != nullptr) io::remove_quietly(files_, file_->path());
}

std::unique_ptr<io::file> replacement_file::install() {
  const auto named = files_.status(target_);
  if (!named || named->device != replaced_.device || named->inode != replaced_.inode) {
    throw error(errc::file_lost, target_ + " has been removed or replaced by another program");
  }
  file_->flush();
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
    files_.check_replaceable(path);
  }
  remove_unfinished_saves(files_, target_);
  file_ = create_unfinished(files_, target_, save_infix);
}

dump_file::~dump_file() {
  if (file_ != nullptr) io::remove_quietly(files_, file_->path());
}

void dump_file::install() {
  file_->flush();
  files_.rename(file_->path(), target_);
  file_.reset();
  sync_name(files_, target_);
}

}  // namespace buntdb::engine
