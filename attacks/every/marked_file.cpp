#include "every/marked_file.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include <buntdb/error.hpp>

#include "log/checksum.hpp"
#include "log/command.hpp"
#include "log/encode.hpp"
#include "log/marker.hpp"
#include "log/recovery.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/batches.hpp"
#include "support/fake_clock.hpp"
#include "support/log_builder.hpp"
#include "support/memory_file_system.hpp"
#include "support/string_file.hpp"
#include "support/test_database.hpp"

namespace buntdb::attacks {

using model::require;
using testing::test_database;

namespace {

/// Computes one number from all commands in their order.
class digest_sink final : public log::command_sink {
 public:
  void set(std::string_view key, std::string_view value) override { add('s', key, value, 0); }
  void set_expiring(std::string_view key, std::string_view value, std::int64_t seconds) override {
    add('e', key, value, seconds);
  }
  /// Erasing a reserved key, which no database has, changes nothing.
  void erase(std::string_view key) override {
    if (!log::is_reserved_key(key)) add('d', key, {}, 0);
  }
  void clear() override { add('c', {}, {}, 0); }

  std::uint64_t digest() const noexcept { return digest_; }

 private:
  void add(char kind, std::string_view key, std::string_view value, std::int64_t seconds) {
    for (const std::uint64_t part : {static_cast<std::uint64_t>(kind), log::checksum(key),
                                     log::checksum(value), static_cast<std::uint64_t>(seconds)}) {
      digest_ = (digest_ ^ part) * 0x9e3779b97f4a7c15U;
      digest_ ^= digest_ >> 29U;
    }
  }

  std::uint64_t digest_ = 1;
};

std::uint64_t digest_of(const io::file& file, const log::inspection& inspected) {
  digest_sink sink;
  log::replay(file, inspected, sink);
  return sink.digest();
}

void append(std::string& out, const batch& what) {
  for (const change& each : what.changes) {
    if (!each.value) {
      log::append_del(out, each.key);
    } else if (each.expires == model::stored::never) {
      log::append_set(out, each.key, *each.value);
    } else {
      log::append_set_expiring(out, each.key, *each.value, each.expires / 1'000'000'000);
    }
  }
  log::append_set(out, number_key, std::to_string(what.number));
}

const char* name_of(expectation::verdict what) {
  return what == expectation::verdict::harmless ? "harmless"
         : what == expectation::verdict::cut    ? "cut"
                                                : "refused";
}

/// Includes everything that belongs to an open: the lock, the file that keeps what was cut off, the
/// event.
void require_opens(const std::string& damaged, expectation::verdict expected, std::uint64_t end) {
  testing::memory_file_system disk;
  const testing::fake_clock clock;
  disk.put(test_database::path, damaged);
  std::optional<test_database> db;
  try {
    db.emplace(disk, clock);
  } catch (const error& refused) {
    require(expected == expectation::verdict::refused,
            std::string("an open refuses: ") + refused.what());
    require(refused.code() == errc::corrupt || (end == 0 && refused.code() == errc::not_a_database),
            std::string("an open refuses for another reason: ") + refused.what());
    require(disk.content(test_database::path) == damaged, "an open changes what it refuses");
    require(disk.paths().size() == 1, "an open that refuses leaves another file");
    return;
  }
  require(expected != expectation::verdict::refused, "an open does not refuse");
  const statistics told = (*db)->stats();
  if (expected == expectation::verdict::harmless) {
    require(told.recovered_bytes == 0 && db->events().empty(), "an open cuts what is harmless");
    return;
  }
  require(db->events().size() == 1 && db->events()[0].kind == event_kind::recovered,
          "a cut is not reported");
  require(told.recovered_bytes == damaged.size() - end, "a cut is reported with another size");
  require(disk.content(told.recovered_to) == damaged.substr(end), "what is cut is not kept");
  if (end == 0) {  // a file without a whole marker, which is rewritten
    require(told.items == 0, "a cut leaves something of a file without a marker");
  } else {
    require(disk.content(test_database::path) == damaged.substr(0, end),
            "a cut changes what is good");
  }
}

}  // namespace

marked_file::marked_file(std::uint64_t seed) {
  model::random_source random(seed);
  testing::log_builder log;
  const testing::fake_clock clock;
  log.seal().synced();
  for (std::uint64_t number = 1; size - log.size() > 4096; ++number) {
    const batch next =
        make_batch(random, number,
                   {.max_changes = 8, .longest_value = 400, .expiring = true, .now = clock.now()});
    std::string commands;
    append(commands, next);
    if (commands.size() > 2000) continue;
    log.batch([&](std::string& out) { out += commands; });
    const bool near_the_end = log.size() > size - size / 8;
    if (!near_the_end && random.one_in(4)) {
      log.synced();
      if (random.one_in(4)) log.seal();
    }
  }
  // Up to the last byte: `set`, a key of four bytes and a value whose length has four digits take
  // 32 bytes besides the value.
  const std::size_t value = size - log.size() - log::marker_size - 32;
  log.set("last", std::string(value, 'z'));
  bytes_ = log.bytes();
  require(bytes_.size() == size, "the file has " + std::to_string(bytes_.size()) + " bytes");

  std::uint64_t begin = 0;
  for (const std::uint64_t end : log.ends()) {
    const auto marker = log::read_marker(std::string_view(bytes_).substr(begin), begin);
    const std::string so_far = bytes_.substr(0, end);
    const string_file file(so_far);
    pieces_.push_back({.begin = begin,
                       .end = end,
                       .vouched = marker.value().synced,
                       .commands = digest_of(file, log::inspect(file))});
    begin = end;
  }
}

std::size_t marked_file::whole_before(std::uint64_t offset) const {
  return static_cast<std::size_t>(
      std::partition_point(pieces_.begin(), pieces_.end(),
                           [offset](const piece& each) { return each.end <= offset; }) -
      pieces_.begin());
}

void require_recovers(const marked_file& original, const std::string& damaged,
                      const expectation& expected, bool opened_too, figures& counts) {
  const string_file file(damaged);
  const log::inspection found = log::inspect(file);
  const auto what = !found.damage ? expectation::verdict::harmless
                    : found.damage->verdict == log::damage_verdict::cut
                        ? expectation::verdict::cut
                        : expectation::verdict::refused;
  if (expected.may_look_foreign && what == expectation::verdict::refused &&
      found.damage->reason.find("Another program") != std::string::npos) {
    counts.add("refused as another program's");
    return;
  }
  require(what == expected.what, std::string("it should be ") + name_of(expected.what) +
                                     " and is " + name_of(what) +
                                     (found.damage ? ": " + found.damage->reason : ""));
  counts.add(name_of(what));
  if (what != expectation::verdict::refused) {
    // The digest below ensures that nothing else is accepted. But a flipped bit can turn a marker
    // into a `del` of another reserved key, which stays in the file and changes nothing.
    const std::uint64_t end = expected.pieces == 0 ? 0 : original.pieces()[expected.pieces - 1].end;
    require(found.good_end >= end && found.good_end <= end + log::marker_size + 4,
            "the good part ends at " + std::to_string(found.good_end) + " instead of " +
                std::to_string(end));
    require(expected.pieces == 0 ||
                digest_of(file, found) == original.pieces()[expected.pieces - 1].commands,
            "the good part says something else than what was written");
  }
  if (!opened_too) return;
  require_opens(damaged, expected.what, found.good_end);
  counts.add("of them opened as a database");
}

}  // namespace buntdb::attacks
