#include "log/writer.hpp"

#include <cassert>

#include "io/write_all.hpp"

namespace buntdb::log {

void writer::append(std::string& batch) {
  assert(buffer_.empty());
  batch_framer framer = framer_;
  framer.finish(batch, 0);
  io::write_all(*file_, written_, batch);
  framer_ = framer;
  written_ = framer.end();
}

void writer::flush() {
  if (buffer_.empty()) return;
  io::write_all(*file_, written_, buffer_);
  written_ += buffer_.size();
  buffer_.clear();
}

void writer::sync() {
  flush();
  file_->sync();
  framer_.raise_synced(written_);
}

}  // namespace buntdb::log
