#include "transfer/private_file.hpp"

#include <scs/token.hpp>

#include "output/exit_status.hpp"

namespace {

constexpr std::size_t write_buffer_size = std::size_t{1} << 16;

}  // namespace

private_file::private_file(const std::string& path)
    : path_(files_.resolved(path)),
      unfinished_(path_ + ".export-" + scs::token::generate().text().substr(0, 8)) {
  const auto there = files_.status(path_);
  if (there && !there->is_regular) throw usage_error(path + " is no plain file");
  file_ = files_.open(unfinished_, buntdb::io::open_mode::create_private);
}

private_file::~private_file() {
  if (is_finished_) return;
  try {
    files_.remove(unfinished_);
  } catch (...) {  // NOLINT(bugprone-empty-catch): the failure that led here is thrown already
  }
}

void private_file::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= write_buffer_size) write_out();
}

void private_file::write_out() {
  for (std::string_view rest = buffer_; !rest.empty();) {
    const std::size_t done = file_->write_at(written_, rest);
    written_ += done;
    rest.remove_prefix(done);
  }
  buffer_.clear();
}

void private_file::finish() {
  write_out();
  file_->sync();
  file_->flush();
  files_.rename(unfinished_, path_);
  is_finished_ = true;
  files_.sync_folder_of(path_);
}
