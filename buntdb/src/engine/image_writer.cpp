#include "engine/image_writer.hpp"

#include <random>
#include <utility>

#include <buntdb/error.hpp>

#include "engine/item_commands.hpp"
#include "engine/tree.hpp"
#include "io/write_all.hpp"
#include "log/batch.hpp"

namespace buntdb::engine {

namespace {

constexpr std::size_t batch_size = std::size_t{1} << 20U;

std::string random_suffix() {
  static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string suffix;
  for (int i = 0; i < 6; ++i)
    suffix += alphabet[random() % alphabet.size()];
  return suffix;
}

}  // namespace

void image_writer::write(const version& version) {
  cursor at;
  log::begin_batch(batch_);
  for (at.seek_first(version.keys); !at.at_end(); at.next()) {
    const auto& item = *static_cast<const engine::item*>(at.entry());
    if (batch_.size() > log::marker_size && batch_.size() + item.value_size > batch_size) flush();
    append_item(batch_, item);
  }
  flush();
}

void image_writer::flush() {
  if (batch_.size() > log::marker_size) {
    log::finish_batch(batch_, 0, {.at = end_, .number = next_number_, .synced = 0});
    io::write_all(file_, end_, batch_);
    end_ += batch_.size();
    ++next_number_;
  }
  batch_.clear();
  log::begin_batch(batch_);
}

void image_writer::seal() {
  std::string seal;
  log::append_seal(seal, {.at = end_, .number = next_number_, .synced = end_});
  io::write_all(file_, end_, seal);
  end_ += seal.size();
  ++next_number_;
}

replacement_file::replacement_file(io::file_system& files, const io::file& original)
    : files_(files), target_(original.path()) {
  const io::file_status status = original.status();
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
    file_->set_access(status.mode, status.owner, status.group);
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
  files_.rename(name_, target_);
  std::unique_ptr<io::file> installed = std::move(file_);
  installed->renamed_to(target_);
  return installed;
}

}  // namespace buntdb::engine
