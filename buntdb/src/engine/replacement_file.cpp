#include "engine/replacement_file.hpp"

#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include <buntdb/error.hpp>

namespace buntdb::engine {

namespace {

std::string random_suffix() {
  static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string suffix;
  for (int i = 0; i < 6; ++i)
    suffix += alphabet[random() % alphabet.size()];
  return suffix;
}

}  // namespace

replacement_file::replacement_file(io::file_system& files, const io::file& original)
    : files_(files), replaced_(original.status()), target_(original.path()) {
  for (int attempt = 0; file_ == nullptr; ++attempt) {
    name_ = target_ + ".compact-" + random_suffix();
    try {
      file_ = files_.open(name_, io::open_mode::create_private);
    } catch (const error& failure) {
      if (failure.code() != std::errc::file_exists || attempt == 10) throw;
    }
  }
  try {
    if (!file_->try_lock()) throw error(errc::locked, name_ + ": another process has locked it");
    file_->set_access(replaced_.mode, replaced_.owner, replaced_.group);
  } catch (...) {
    files_.remove(name_);
    throw;
  }
}

replacement_file::~replacement_file() {
  if (file_ == nullptr) return;
  try {
    files_.remove(name_);
  } catch (const error&) {  // the next open removes it
  }
}

std::unique_ptr<io::file> replacement_file::install() {
  const auto named = files_.status(target_);
  if (!named || named->device != replaced_.device || named->inode != replaced_.inode) {
    throw error(errc::file_lost, target_ + " has been removed or replaced by another program");
  }
  files_.rename(name_, target_);
  std::unique_ptr<io::file> installed = std::move(file_);
  installed->renamed_to(target_);
  return installed;
}

}  // namespace buntdb::engine
