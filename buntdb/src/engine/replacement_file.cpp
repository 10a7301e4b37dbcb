#include "engine/replacement_file.hpp"

#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include <buntdb/error.hpp>

namespace buntdb::engine {

namespace {

constexpr std::string_view infix = ".compact-";
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t suffix_size = 6;

std::string random_suffix() {
  std::random_device random;
  std::string suffix;
  for (std::size_t i = 0; i < suffix_size; ++i)
    suffix += alphabet[random() % alphabet.size()];
  return suffix;
}

}  // namespace

replacement_file::replacement_file(io::file_system& files, const io::file& original)
    : files_(files), replaced_(original.status()), target_(original.path()) {
  for (int attempt = 0; file_ == nullptr; ++attempt) {
    name_ = target_ + std::string(infix) + random_suffix();
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

void replacement_file::remove_leftovers(io::file_system& files, const std::string& path) {
  const std::string prefix = path + std::string(infix);
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
  files_.rename(name_, target_);
  std::unique_ptr<io::file> installed = std::move(file_);
  installed->renamed_to(target_);
  return installed;
}

}  // namespace buntdb::engine
