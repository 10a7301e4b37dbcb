#include "log/batch_framer.hpp"

#include "log/batch.hpp"

namespace buntdb::log {

void batch_framer::finish(std::string& out, std::size_t begin) noexcept {
  finish_batch(out, begin, {.at = end_, .number = next_number_, .synced = synced_, .file = file_});
  end_ += out.size() - begin;
  ++next_number_;
}

void batch_framer::append_marker(std::string& out, const marker& original) {
  const std::size_t begin = begin_batch(out);
  write_marker({.at = end_,
                .number = next_number_,
                .length = original.length,
                .synced = synced_,
                .checksum = original.checksum,
                .file = file_},
               out.data() + begin);
  end_ += marker_size + original.length;
  ++next_number_;
}

void batch_framer::append_seal(std::string& out) {
  finish(out, begin_batch(out));
}

}  // namespace buntdb::log
