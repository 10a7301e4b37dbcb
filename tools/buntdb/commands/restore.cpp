#include <atomic>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <istream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include <buntdb/database.hpp>
#include <buntdb/limits.hpp>

#include "api/database_access.hpp"
#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "engine/instance.hpp"
#include "engine/open_draft.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "log/marker.hpp"
#include "output/progress.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"
#include "version/item.hpp"

namespace {

using buntdb::engine::item;

constexpr const char* dash = "-";
constexpr std::int64_t nanoseconds_per_ms = 1'000'000;

/// One item of a dump.
struct dumped_item {
  std::string key;
  std::string value;
  std::int64_t expires = item::no_expiry;  ///< nanoseconds since 1970
};

/// Reads the output of dump line by line.
class dump_reader {
 public:
  dump_reader(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}

  /// Returns an empty optional at the end. Throws errc::invalid_argument, which names the line.
  std::optional<dumped_item> next(buntdb::time_point now) {
    std::string line;
    while (std::getline(in_, line)) {
      ++number_;
      read_ += line.size() + 1;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const json object = json::parse(line, nullptr, false);
      if (!object.is_object()) fail("no JSON object");
      return dumped_item{.key = bytes(object, "key"),
                         .value = bytes(object, "value"),
                         .expires = expiry(object, now)};
    }
    if (in_.bad()) {
      throw buntdb::error(std::make_error_code(std::errc::io_error), "cannot read " + name_);
    }
    return std::nullopt;
  }

  std::uint64_t read() const noexcept { return read_; }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw buntdb::error(buntdb::errc::invalid_argument,
                        name_ + ", line " + std::to_string(number_) + ": " + what +
                            ", so this is not what dump prints; nothing was restored");
  }

  std::string bytes(const json& object, const std::string& name) const {
    const auto plain = object.find(name);
    if (plain != object.end() && plain->is_string()) {
      return within_limit(plain->get<std::string>(), name);
    }
    const auto coded = object.find(name + "_base64");
    if (coded == object.end() || !coded->is_string()) fail("no " + name);
    std::optional<std::string> decoded = from_base64(coded->get<std::string>());
    if (!decoded) fail("a " + name + "_base64 that is no base64");
    return within_limit(*std::move(decoded), name);
  }

  /// Keys in BuntDB's files may be as long as values, too.
  std::string within_limit(std::string text, const std::string& name) const {
    if (text.size() > buntdb::max_value_size) {
      fail("a " + name + " of " + std::to_string(text.size()) + " bytes, which no database holds");
    }
    return text;
  }

  /// Returns the moment or, if the dump has none, the time to live counted from now.
  std::int64_t expiry(const json& object, buntdb::time_point now) const {
    const auto at = object.find("expires_at_ms");
    const auto ttl = object.find("ttl_ms");
    const bool is_moment = at != object.end();
    const auto found = is_moment ? at : ttl;
    if (found == object.end() || found->is_null()) return item::no_expiry;
    if (!found->is_number_integer()) fail("a time that is no whole number");
    if (found->is_number_unsigned() &&
        found->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
      fail("a time beyond 64 bits");
    }
    if (!is_moment && found->get<std::int64_t>() < 0) fail("a ttl_ms below zero");
    std::int64_t expires = 0;
    const std::int64_t from = is_moment ? 0 : now.time_since_epoch().count();
    if (__builtin_mul_overflow(found->get<std::int64_t>(), nanoseconds_per_ms, &expires) ||
        __builtin_add_overflow(expires, from, &expires)) {
      return found->get<std::int64_t>() < 0 ? -1 : item::no_expiry;
    }
    return expires;
  }

  std::istream& in_;
  const std::string name_;
  std::uint64_t number_ = 0;
  std::atomic<std::uint64_t> read_ = 0;
};

struct restored_counts {
  std::uint64_t restored = 0;
  std::uint64_t expired = 0;  ///< had expired before they could be restored
};

/// Restores everything in one transaction.
restored_counts restore(opened& file, dump_reader& in) {
  auto& core = buntdb::engine::database_access::instance_of(file.database()).core();
  buntdb::engine::open_draft draft(core);
  restored_counts counts;
  while (const std::optional<dumped_item> each = in.next(core.now())) {
    if (buntdb::log::is_reserved_key(each->key)) {
      throw buntdb::error(buntdb::errc::reserved_key,
                          "a key that belongs to the file format; nothing was restored");
    }
    if (each->expires <= core.now().time_since_epoch().count()) {
      draft->erase(each->key);
      ++counts.expired;
    } else {
      draft->set(each->key, each->value, each->expires);
      ++counts.restored;
    }
  }
  draft.commit();
  return counts;
}

struct restore_command {
  common_options common;
  std::string source_argument;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const std::string source = plain(source_argument);
    if (source.empty()) throw usage_error("the name of the source is empty");
    std::ifstream stream;
    std::uint64_t size = 0;
    if (source != dash) {  // checked before FILE would be created in vain
      auto& files = buntdb::io::file_system::native();
      size = files.open(source, buntdb::io::open_mode::read_only)->status().size;
      stream.open(source, std::ios::binary);
      if (!stream) {
        throw buntdb::error(std::make_error_code(std::errc::io_error), "cannot open " + source);
      }
    }
    interrupts signals;
    opened file(path, purpose::writing);
    signals.stop_with([] {});  // the rest is completed
    dump_reader in(source == dash ? std::cin : stream, source == dash ? "standard input" : source);
    restored_counts counts;
    {
      const progress bar("Restoring " + path, progress_unit::bytes, [&in, size] {
        return progress_state{in.read(), size};
      });
      counts = restore(file, in);
    }
    file.database().close();
    if (common.json) {
      out.line(json_line(
          json{{"restored", counts.restored}, {"expired", counts.expired}, {"bytes", in.read()}}));
    } else {
      out.line(printable(path) + ": " + std::to_string(counts.restored) +
               (counts.restored == 1 ? " item" : " items") + " restored" +
               (counts.expired == 0 ? std::string()
                                    : ", " + std::to_string(counts.expired) + " had expired"));
    }
    return exit_status::ok;
  }
};

}  // namespace

void add_restore(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("restore", "Take in what dump printed, creating the file if need be");
  auto mine = std::make_shared<restore_command>();
  mine->common.add_file(*command);
  command->add_option("SOURCE", mine->source_argument, "the JSON lines; - reads standard input")
      ->required()
      ->type_name("");
  mine->common.add_json(*command, "print a JSON object: restored, expired, bytes");
  command->footer(R"(
All items are set in one transaction, exactly as they were dumped, with the moments at which they
expire; what else is in FILE stays. An item whose time is over is erased. A line that dump cannot have
printed is refused, and nothing is changed. Indexes are not in a dump: "save" and "load" keep them.
Takes memory for all of it. Needs FILE for itself: exit code 3 if another process has it open.

Examples:
  buntdb restore app.db app.jsonl
  ssh host buntdb dump app.db | buntdb restore copy.db -)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
