#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <poll.h>
#include <unistd.h>

#include <buntdb/match.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "command_line/limit_option.hpp"
#include "live/live_server.hpp"
#include "log/marker.hpp"
#include "output/terminal_text.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"
#include "text/times.hpp"
#include "watch/live_changes.hpp"
#include "watch/log_follower.hpp"

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::nanoseconds interval_min = milliseconds(1);
constexpr std::chrono::nanoseconds max_interval = std::chrono::minutes(1);
/// How much of a value is printed, if not to a terminal.
constexpr std::size_t value_bytes_shown = 200;

std::string_view name_of(change_kind what) noexcept {
  switch (what) {
    case change_kind::set:
      return "set";
    case change_kind::erased:
      return "del";
    case change_kind::expired:
      break;
  }
  return "expired";
}

std::string_view name_of(file_event what) noexcept {
  switch (what) {
    case file_event::absent:
      return "absent";
    case file_event::found:
      return "found";
    case file_event::replaced:
      return "replaced";
    case file_event::cut:
      return "cut";
    case file_event::damaged:
      break;
  }
  return "damaged";
}

std::string text_of(file_event what, const std::string& path, const std::string& detail) {
  switch (what) {
    case file_event::absent:
      return "there is no " + path + ": waiting for it";
    case file_event::found:
      return path + " is there now";
    case file_event::replaced:
      return path + " was written anew, as a compaction does, or replaced";
    case file_event::cut:
      return path + " was cut, or overwritten";
    case file_event::damaged:
      break;
  }
  return path + " is damaged " + detail + " (buntdb check says more)";
}

std::string batch_text(const change_group& group) {
  if (group.kind == change_group_kind::difference) return "~";
  if (group.kind == change_group_kind::live) return "r" + std::to_string(group.number);
  return group.number == 0 ? "-" : "#" + std::to_string(group.number);
}

/// The seconds may exceed the range of time_point.
std::optional<buntdb::time_point> moment_of(std::int64_t second) {
  constexpr std::int64_t furthest = 9'223'372'036;
  if (second < -furthest || second > furthest) return std::nullopt;
  return buntdb::time_point(std::chrono::seconds(second));
}

struct done {};  ///< as many changes as were wanted have been printed

struct watch_command {
  common_options common;
  std::string prefix_argument;
  std::string pattern_argument;
  std::string interval_argument;
  limit_option limit;
  bool history = false;

  exit_status run(output& out) const {
    const std::string path = common.file();
    const milliseconds interval = wanted_interval();
    std::uint64_t left = limit.value();
    if (left == 0) return exit_status::ok;
    const std::string prefix = common.decoded(prefix_argument, "--prefix");
    const std::string pattern =
        pattern_argument.empty() ? "*" : common.decoded(pattern_argument, "--pattern");
    if (!history) {
      if (const auto server = live_server::of(common, use::reading)) {
        follow_server(*server, prefix, pattern, left, out);
        return exit_status::ok;
      }
    }
    log_follower follower(
        path, history ? log_follower::start::beginning : log_follower::start::now,
        [&](const change_group& group) {
          const std::string moment = moment_text(std::chrono::system_clock::now());
          std::size_t number = 0;
          for (const change& one : group.changes) {
            ++number;
            // Keys of the format itself, such as the definitions of indexes.
            if (buntdb::log::is_reserved_key(one.key)) continue;
            if (!one.key.starts_with(prefix) || !buntdb::matches(pattern, one.key)) continue;
            print(out, moment, group, one, number);
            if (--left == 0) throw done();
          }
        },
        [&](file_event what, const std::string& detail) {
          if (!common.json) return complain(text_of(what, path, detail));
          json object{{"time", moment_text(std::chrono::system_clock::now())},
                      {"event", name_of(what)}};
          if (!detail.empty()) object["detail"] = json_safe(detail);
          out.line(json_line(object));
        });
    try {
      for (;;) {
        follower.look();
        out.flush();
        if (reader_is_gone(interval)) throw broken_pipe();
      }
    } catch (const done&) {
      return exit_status::ok;
    }
  }

  /// Prints what the server commits, as it becomes visible.
  void follow_server(live_server& server, const std::string& prefix, const std::string& pattern,
                     std::uint64_t left, output& out) const {
    server.begin({"monitor", pattern});
    for (;;) {
      std::optional<reply> next = server.receive(milliseconds(0));
      if (!next) {
        out.flush();
        next = server.receive(milliseconds(100));
        if (!next && reader_is_gone(milliseconds(0))) throw broken_pipe();
      }
      if (!next) continue;
      const std::string moment = moment_text(std::chrono::system_clock::now());
      const std::optional<live_change> happened = live_change_of(*next);
      if (!happened) {
        complain("the server tells of changes faster than they are taken: " +
                 std::to_string(missed_in(*next)) + " are missing here");
        continue;
      }
      if (!happened->what.key.starts_with(prefix)) continue;
      print(out, moment,
            {.kind = change_group_kind::live, .number = happened->revision, .changes = {}},
            happened->what, 0);
      if (--left == 0) return;
    }
  }

  milliseconds wanted_interval() const {
    if (interval_argument.empty()) return milliseconds(100);
    const auto parsed = parse_duration(plain(interval_argument));
    if (!parsed || *parsed < interval_min || *parsed > max_interval) {
      throw usage_error("--interval takes 1ms to 1m, not '" + plain(interval_argument) + "'");
    }
    return std::chrono::duration_cast<milliseconds>(*parsed);
  }

  /// Waits this long. Returns whether the output was closed: a tool with nothing to print would not
  /// notice otherwise.
  static bool reader_is_gone(milliseconds wait) {
    pollfd standard_output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    const int ready = ::poll(&standard_output, 1, static_cast<int>(wait.count()));
    return ready > 0 && (standard_output.revents & (POLLERR | POLLHUP)) != 0;
  }

  void print(output& out, const std::string& moment, const change_group& group, const change& one,
             std::size_t number) const {
    if (common.json) {
      json object{{"time", moment}, {"op", name_of(one.kind)}};
      if (group.kind == change_group_kind::live) {
        object["revision"] = group.number;
      } else {
        object["batch"] = group.number == 0 ? json(nullptr) : json(group.number);
        object["change"] = number;
        object["of"] = group.changes.size();
      }
      object["difference"] = group.kind == change_group_kind::difference;
      put_bytes(object, "key", one.key, common.bytes());
      if (one.kind == change_kind::set) {
        put_bytes(object, "value", one.value, common.bytes());
        if (group.kind != change_group_kind::live) object["new"] = one.is_new;
        const auto ends = one.expires_at_second ? moment_of(*one.expires_at_second) : std::nullopt;
        object["expires_at"] = ends ? json(moment_text(*ends)) : json(nullptr);
      }
      out.line(json_line(object));
      return;
    }
    const bool colours = shows_colours(out);
    // The date is printed only if the output is kept.
    const std::string time = out.terminal() ? moment.substr(11, 8) : moment;
    const std::string batch = batch_text(group);
    const std::string name = padded(name_of(one.kind), 7);
    std::string rest = shown(one.key);
    std::string expiry;
    if (one.kind == change_kind::set) {
      if (one.expires_at_second) {
        const auto ends = moment_of(*one.expires_at_second);
        expiry = "  (until " + (ends ? moment_text(*ends) : std::string("the end of time")) + ")";
      }
      rest += out.terminal() ? "  " : "\t";
      // A value may be huge.
      const std::string_view value = std::string_view(one.value).substr(0, value_bytes_shown);
      rest += shown(value);
      if (value.size() < one.value.size()) {
        rest += "… (" + std::to_string(one.value.size()) + " bytes)";
      }
    }
    if (!out.terminal()) {
      out.line(time + "\t" + batch + "\t" + std::string(name_of(one.kind)) + "\t" + rest +
               (expiry.empty() ? "" : "\t" + expiry.substr(2)));
      return;
    }
    const std::string front = time + "  " + padded(batch, 6) + " ";
    const std::size_t width = terminal_width();
    const std::size_t taken = columns_of(front) + columns_of(name) + 1 + columns_of(expiry);
    const colour which = one.kind == change_kind::set      ? colour::green
                         : one.kind == change_kind::erased ? colour::red
                                                           : colour::yellow;
    const std::string line = width > taken + 8 ? fitted(rest, width - taken) + expiry : rest;
    out.line(front + coloured(name, which, colours) + " " + line);
  }

  std::string shown(std::string_view bytes) const {
    return common.base64 ? to_base64(bytes) : printable(bytes);
  }
};

}  // namespace

void add_watch(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("watch", "Follow a file that is in use, and print what changes");
  auto mine = std::make_shared<watch_command>();
  mine->common.add_file(*command);
  mine->common.add_via(*command);
  command->add_option("--prefix", mine->prefix_argument, "only keys that begin with this")
      ->type_name("TEXT");
  command->add_option("--pattern", mine->pattern_argument, "only keys that match: * and ?")
      ->type_name("GLOB");
  mine->limit.add_to(*command);
  command->add_flag("--history", mine->history,
                    "first what is in the file already, batch by batch");
  command
      ->add_option("--interval", mine->interval_argument,
                   "how often to look: 1ms to 1m; without it, 100ms")
      ->type_name("TIME");
  mine->common.add_base64(*command, "the keys of options are in base64, and so is what is printed");
  mine->common.add_json(*command, "print a JSON object a line");
  command->footer(R"(
A line for each change: the time, the batch, set, del or expired, the key, the value (its first 200
bytes; with --json all of it) and its expiry. Changes of one transaction have the same batch, and
are printed when all of it is in the file: before it is durable. An item that expires is printed
when its removal is written, a second later at most; BuntDB's own files may tell of it never.

When the file is written anew (a compaction), replaced, or cut, it is compared with what was known:
what differs is printed under ~ instead of a batch. So this takes memory for all keys. A file that
is not there is waited for. Never changes the file. Ends by a signal (Ctrl-C), when nobody reads the
output any more, or after --limit changes; 128+n is the exit code after signal n.

If the process that has the database open has a control socket, that tells of the changes, each when
it can be read, under r and the commit's number; --history and --via file look at the file.

Examples:
  buntdb watch app.db --pattern 'user:*'
  buntdb watch app.db --json | jq -r .key
  buntdb watch app.db --limit 1 > /dev/null && echo "something changed")");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
