#include "storage/compaction.hpp"

#include <algorithm>
#include <array>

#include <buntdb/error.hpp>

#include "io/write_all.hpp"
#include "log/batch.hpp"
#include "log/checksum.hpp"
#include "log/window.hpp"
#include "storage/dump.hpp"

namespace buntdb::engine {

namespace {

/// A part of the file is written out when it has grown to this.
constexpr std::size_t part_size = std::size_t{1} << 20U;
/// Written out this often, so that no sync has much to do.
constexpr std::uint64_t sync_every = std::uint64_t{32} << 20U;

}  // namespace

compaction::compaction(io::file_system& files, const io::file& source,
                       std::uint64_t source_position, const cancellation_check& called_between)
    : file_(files, source),
      source_(source),
      check_cancelled_(called_between),
      source_position_(source_position) {}

void compaction::write(std::string_view bytes) {
  buffer_.append(bytes);
  end_ += bytes.size();
  if (buffer_.size() >= part_size) flush();
}

void compaction::flush() {
  check_cancelled_();
  write_out();
  if (end_ - synced_end_ >= sync_every) sync();
}

void compaction::write_out() {
  io::write_all(file_.get(), end_ - buffer_.size(), buffer_);
  buffer_.clear();
}

void compaction::write_dump(const version& base) {
  for_each_dump_batch(base, buffer_, [this](std::size_t begin) {
    log::finish_batch(buffer_, begin, {.at = end_, .number = next_number_, .synced = synced_end_});
    end_ += buffer_.size() - begin;
    ++next_number_;
    if (buffer_.size() >= part_size) flush();
  });
}

/// Only the markers change: the new offset, the new number, and what is on disk of the new file.
/// The payloads are copied as they are, and checked on the way.
void compaction::copy_batches(std::uint64_t source_end) {
  log::window window(source_, source_end);
  while (source_position_ < source_end) {
    const auto marker =
        log::read_marker(window.at(source_position_, log::marker_size), source_position_);
    if (!marker || marker->length > source_end - source_position_ - log::marker_size) {
      throw error(errc::corrupt, source_.path() + ": no batch at offset " +
                                     std::to_string(source_position_) +
                                     ", where one was written: the file was changed or damaged");
    }
    std::array<char, log::marker_size> head{};
    log::write_marker({.at = end_,
                       .number = next_number_,
                       .length = marker->length,
                       .synced = synced_end_,
                       .checksum = marker->checksum},
                      head.data());
    write({head.data(), head.size()});
    log::streaming_checksum sum;
    std::uint64_t at = source_position_ + log::marker_size;
    const std::uint64_t batch_end = at + marker->length;
    while (at < batch_end) {
      const std::size_t wanted = std::min<std::uint64_t>(batch_end - at, part_size);
      const std::string_view piece = window.at(at, wanted).substr(0, wanted);
      sum.add(piece);
      write(piece);
      at += piece.size();
    }
    if (sum.result() != marker->checksum) {
      throw error(errc::corrupt, source_.path() + ": the batch at offset " +
                                     std::to_string(source_position_) +
                                     " is not what was written: the file was changed or damaged");
    }
    source_position_ = batch_end;
    ++next_number_;
  }
}

void compaction::sync() {
  if (!buffer_.empty()) write_out();
#ifndef BUNTSTORE_BUG_SKIP_SYNC  // see docs/attacks.md
  file_.get().sync();
#endif
  synced_end_ = end_;
  synced_source_position_ = source_position_;
}

void compaction::seal() {
  std::string seal;
  log::append_seal(seal, {.at = end_, .number = next_number_, .synced = synced_end_});
  write(seal);
  ++next_number_;
}

std::unique_ptr<io::file> compaction::install() {
  if (!buffer_.empty()) flush();
  return file_.install();
}

}  // namespace buntdb::engine
