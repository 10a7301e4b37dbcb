#include "engine/copies.hpp"

#include <istream>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "engine/open_draft.hpp"
#include "io/memory_file.hpp"
#include "log/batch_framer.hpp"
#include "log/marker.hpp"
#include "log/recovery.hpp"
#include "log/writer.hpp"
#include "storage/dump.hpp"
#include "storage/loader.hpp"
#include "storage/replacement_file.hpp"
#include "version/item_commands.hpp"

namespace buntdb::engine {

namespace {

/// Applies the content of a copy to a draft.
class copy_reader final : public log::command_sink {
 public:
  explicit copy_reader(write_state& writing) noexcept : writing_(writing) {}

  void set(std::string_view key, std::string_view value) override {
    writing_.set(key, value, item::no_expiry);
  }
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override {
    writing_.set(key, value, loader::expiry_of(unix_seconds));
  }
  void erase(std::string_view key) override {
    if (!log::is_reserved_key(key)) {
      writing_.erase(key);
    } else if (std::optional<kept_record> kept = read_kept(key); kept) {
      take(*std::move(kept), key);
    }
  }
  void clear() override { writing_.clear(); }

  /// Returns what is wrong with index definitions that were not restored, as text for a person.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  /// As when a file is opened, a definition that this version does not understand does not prevent
  /// the data from being loaded.
  void take(kept_record kept, std::string_view reserved_key) {
    if (!kept.name.empty()) writing_.drop_index(kept.name);
    if (!kept.problem.empty()) {
      problems_.push_back(std::move(kept.problem));
      writing_.set_aside({std::move(kept.name), std::string(reserved_key)});
    } else if (kept.definition != nullptr) {
      writing_.create_index(kept.definition);
    }
  }

  write_state& writing_;
  std::vector<std::string> problems_;
};

}  // namespace

void save(core& core, std::ostream& out) {
  core.check_open();
  const pinned_version base = core.pin();
  std::string batch;
  log::batch_framer framer;
  for_each_dump_batch(*base.version, batch, [&](std::size_t begin) {
    const std::uint64_t end = framer.end();
    framer.finish(batch, begin);
    if (!out.write(batch.data(), static_cast<std::streamsize>(batch.size()))) {
      throw error(std::make_error_code(std::errc::io_error),
                  "save: the stream took no more after " + std::to_string(end) + " bytes");
    }
    batch.clear();
  });
  if (!out.flush()) {
    throw error(std::make_error_code(std::errc::io_error), "save: the stream could not be flushed");
  }
}

void save(core& core, io::file_system& files, const std::string& path) {
  core.check_open();
  const core::file_writer writes_a_file(core);
  const pinned_version base = core.pin();
  dump_file file(files, path);
  log::writer out(file.get(), {});
  for_each_dump_batch(*base.version, out.buffer(), [&](std::size_t begin) {
    out.finish(begin);
    out.flush();
  });
  out.sync();
  out.seal();
  out.sync();
  file.install();
}

namespace {

/// Loads the whole file or nothing.
void load(core& core, const io::file& file) {
  if (!file.status().is_regular) {
    throw error(errc::not_a_database, file.path() + ": not a regular file");
  }
  const log::inspection inspected = log::inspect(file);
  if (inspected.damage) {
    throw error(inspected.damage->code, inspected.damage->reason + "; nothing was loaded");
  }
  open_draft draft(core);
  copy_reader sink(*draft);
  log::replay(file, inspected, sink);
  draft->check_all_unique();
  draft.commit();
  for (const std::string& problem : sink.problems()) {
    core.events().report(event_kind::index_not_restored, errc::invalid_argument,
                         file.path() + ": " + problem);
  }
}

}  // namespace

void load(core& core, std::istream& in) {
  core.check_writable();
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) {
    throw error(std::make_error_code(std::errc::io_error), "load: the stream cannot be read");
  }
  load(core, io::memory_file("load: the stream", std::move(bytes), core.now()));
}

void load(core& core, io::file_system& files, const std::string& path) {
  core.check_writable();
  load(core, *files.open(path, io::open_mode::read_only));
}

}  // namespace buntdb::engine
