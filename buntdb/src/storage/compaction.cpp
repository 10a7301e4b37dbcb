#include "storage/compaction.hpp"

#include <algorithm>
#include <string_view>

#include <buntdb/error.hpp>

#include "log/batch.hpp"
#include "log/checksum.hpp"
#include "storage/dump.hpp"

namespace buntdb::engine {

namespace {

/// Syncs happen this often, so that no sync has much to do.
constexpr std::uint64_t sync_every = std::uint64_t{32} << 20U;

/// A damaged file does not affect the items in memory, so a copy can still be saved.
constexpr const char* what_to_save =
    ". Save a copy while the database is open; afterwards `buntdb repair` saves what is whole";

}  // namespace

compaction::compaction(io::file_system& files, const io::file& source,
                       std::uint64_t source_position, const cancellation_check& called_between)
    : file_(files, source),
      source_(source),
      check_cancelled_(called_between),
      source_position_(source_position),
      writer_(file_.get(), {}) {}

void compaction::flush_if_large() {
  if (writer_.buffer().size() >= log::usual_batch_size) flush();
}

void compaction::flush() {
  check_cancelled_();
  writer_.flush();
  if (writer_.written() - writer_.framer().synced() >= sync_every) sync();
}

void compaction::write_dump(const version& base) {
  for_each_dump_batch(base, writer_.buffer(), [this](std::size_t begin) {
    writer_.finish(begin);
    flush_if_large();
  });
}

void compaction::copy_batches(std::uint64_t source_end) {
  log::window window(source_, source_end);
  while (source_position_ < source_end)
    copy_batch(window);
}

/// Copies one batch. Only its marker changes: the new offset, the new number, and how much of the
/// new file is on disk. The commands are copied unchanged, and their checksum is verified.
void compaction::copy_batch(log::window& source) {
  const auto marker =
      log::read_marker(source.at(source_position_, log::marker_size), source_position_);
  if (!marker || marker->length > source.end() - source_position_ - log::marker_size) {
    throw error(errc::corrupt,
                source_.path() + ": no batch at offset " + std::to_string(source_position_) +
                    ", where one was written: the file was changed or damaged" + what_to_save);
  }
  writer_.copy_marker(*marker);
  log::streaming_checksum sum;
  std::uint64_t at = source_position_ + log::marker_size;
  const std::uint64_t batch_end = at + marker->length;
  while (at < batch_end) {
    const std::size_t wanted = std::min<std::uint64_t>(batch_end - at, log::usual_batch_size);
    const std::string_view piece = source.at(at, wanted).substr(0, wanted);
    sum.add(piece);
    writer_.buffer().append(piece);
    flush_if_large();
    at += piece.size();
  }
  if (sum.result() != marker->checksum) {
    throw error(errc::corrupt,
                source_.path() + ": the batch at offset " + std::to_string(source_position_) +
                    " is not what was written: the file was changed or damaged" + what_to_save);
  }
  source_position_ = batch_end;
}

void compaction::sync() {
  writer_.sync();
  synced_source_position_ = source_position_;
}

void compaction::seal() {
  writer_.seal();
}

std::unique_ptr<io::file> compaction::install() {
  if (!writer_.buffer().empty()) flush();
  return file_.install();
}

}  // namespace buntdb::engine
