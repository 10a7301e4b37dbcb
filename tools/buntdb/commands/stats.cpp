#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "command_line/limit_option.hpp"
#include "commands/live_stats.hpp"
#include "files/opened.hpp"
#include "output/terminal_text.hpp"
#include "sessions/stored_sessions.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

/// One of the largest values.
struct large_value {
  std::size_t size;
  std::string key;
};

/// The end of one bar of the histogram of expiries, counted from now.
struct expiry_span {
  std::chrono::seconds to;
  const char* name;  ///< for programs
  const char* text;  ///< for people
};

constexpr std::array expiry_spans{
    expiry_span{std::chrono::minutes(1), "within_1m", "a minute"},
    expiry_span{std::chrono::minutes(10), "within_10m", "10 minutes"},
    expiry_span{std::chrono::hours(1), "within_1h", "an hour"},
    expiry_span{std::chrono::hours(6), "within_6h", "6 hours"},
    expiry_span{std::chrono::hours(24), "within_1d", "a day"},
    expiry_span{std::chrono::hours(24 * 7), "within_7d", "a week"},
    expiry_span{std::chrono::hours(24 * 30), "within_30d", "30 days"},
    expiry_span{std::chrono::seconds::max(), "later", "later"},
};

/// The counts that need a pass over all items.
struct contents {
  std::uint64_t items = 0;
  std::uint64_t expiring = 0;
  std::uint64_t key_bytes = 0;
  std::uint64_t value_bytes = 0;
  std::array<std::uint64_t, expiry_spans.size()> expiries{};  ///< one span for each item
  std::vector<large_value> largest;                           ///< the largest first
};

contents count(const buntdb::snapshot& view, std::size_t largest_wanted) {
  contents sum;
  // The smallest one that is kept comes first.
  const auto is_larger = [](const large_value& a, const large_value& b) {
    return a.size != b.size ? a.size > b.size : a.key < b.key;
  };
  for (const buntdb::entry& entry : view.ascend()) {
    ++sum.items;
    const auto ttl = view.ttl(entry.key).value_or(std::chrono::nanoseconds(0));
    if (ttl != buntdb::forever) {
      ++sum.expiring;
      std::size_t span = 0;
      while (span + 1 < expiry_spans.size() && ttl > expiry_spans.at(span).to)
        ++span;
      ++sum.expiries.at(span);
    }
    sum.key_bytes += entry.key.size();
    sum.value_bytes += entry.value.size();
    if (sum.largest.size() >= largest_wanted) {
      if (largest_wanted == 0 || entry.value.size() <= sum.largest.front().size) continue;
      std::pop_heap(sum.largest.begin(), sum.largest.end(), is_larger);
      sum.largest.pop_back();
    }
    sum.largest.push_back({entry.value.size(), std::string(entry.key)});
    std::push_heap(sum.largest.begin(), sum.largest.end(), is_larger);
  }
  std::sort(sum.largest.begin(), sum.largest.end(), is_larger);
  return sum;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return {};
  return ", " +
         std::to_string(
             static_cast<int>(100 * static_cast<double>(part) / static_cast<double>(whole))) +
         "% of the file";
}

struct stats_command {
  common_options common;
  limit_option largest;

  exit_status run(output& out) const {
    const std::string path = common.file();
    if (!largest.given()) {  // a server does not visit all items for it
      if (const auto server = live_server::of(common, use::reading)) {
        print_live_stats(*server, common, out);
        return exit_status::ok;
      }
    }
    std::optional<long> holder = buntdb::io::file_system::native()
                                     .open(path, buntdb::io::open_mode::read_only)
                                     ->lock_holder();
    opened file(path, purpose::reading);
    const buntdb::statistics figures = file.database().stats();
    const std::size_t largest_wanted = largest.given() ? largest.value() : usual_largest;
    const contents found = count(file.database().begin_read(), largest_wanted);
    const std::uint64_t dead =
        figures.file_bytes > figures.live_bytes ? figures.file_bytes - figures.live_bytes : 0;
    if (common.json) {
      json object{{"file", json_safe(path)},
                  {"items", found.items},
                  {"expiring_items", found.expiring},
                  {"key_bytes", found.key_bytes},
                  {"value_bytes", found.value_bytes},
                  {"memory_bytes", figures.memory_bytes},
                  {"reserved_bytes", figures.reserved_bytes},
                  {"file_bytes", figures.file_bytes},
                  {"live_bytes", figures.live_bytes},
                  {"dead_bytes", dead},
                  {"open_in_process", holder ? json(*holder) : json(nullptr)}};
      json& expiries = object["expiries"] = json::object();
      for (std::size_t i = 0; i < expiry_spans.size(); ++i)
        expiries[expiry_spans.at(i).name] = found.expiries.at(i);
      json& values = object["largest_values"] = json::array();
      for (const large_value& value : found.largest) {
        json one;
        put_bytes(one, "key", without_token(value.key), spelling::as_they_are);
        one["bytes"] = value.size;
        values.push_back(std::move(one));
      }
      out.line(json_line(object));
      return exit_status::ok;
    }
    out.line(printable(path));
    out.line("  items    " + std::to_string(found.items) + ", " + std::to_string(found.expiring) +
             " of them with an expiry");
    out.line("  keys     " + size_text(found.key_bytes));
    out.line("  values   " + size_text(found.value_bytes));
    out.line("  memory   " + size_text(figures.memory_bytes) + ", when it is open");
    out.line("  reserved " + size_text(figures.reserved_bytes) +
             ", by the pool of memory for that");
    out.line("  file     " + size_text(figures.file_bytes));
    out.line("  live     " + size_text(figures.live_bytes) + ", the items themselves");
    out.line("  dead     " + size_text(dead) + percent(dead, figures.file_bytes));
    if (holder) out.line("  open     in process " + std::to_string(*holder));
    const chart bars(out);
    bars.print_file(figures.live_bytes, dead);
    bars.print_expiries(found);
    bars.print_largest(found);
    return exit_status::ok;
  }

  static constexpr std::size_t usual_largest = 5;

  /// Figures followed by bars, on a terminal that is wide enough.
  class chart {
   public:
    explicit chart(output& out) : out_(out), colours_(shows_colours(out)) {
      constexpr std::size_t max_bar_columns = 40;
      constexpr std::size_t text_columns = 34;
      width_ = out.terminal() ? terminal_width() : 0;
      if (width_ > text_columns + 4)
        bar_columns_ = std::min(max_bar_columns, width_ - text_columns);
    }

    void print_file(std::uint64_t live, std::uint64_t dead) const {
      if (bar_columns_ == 0 || live + dead == 0) return;
      const auto whole = static_cast<double>(live + dead);
      title("the file");
      line("live", short_size_text(live), static_cast<double>(live), whole, colour::green);
      line("dead", short_size_text(dead), static_cast<double>(dead), whole, colour::red);
    }

    void print_expiries(const contents& found) const {
      if (found.expiring == 0) return;
      title("expiries, within");
      const auto most = *std::max_element(found.expiries.begin(), found.expiries.end());
      for (std::size_t i = 0; i < expiry_spans.size(); ++i) {
        line(expiry_spans.at(i).text, std::to_string(found.expiries.at(i)),
             static_cast<double>(found.expiries.at(i)), static_cast<double>(most), colour::yellow);
      }
    }

    void print_largest(const contents& found) const {
      if (found.largest.empty()) return;
      title("largest values");
      for (const large_value& value : found.largest) {
        std::string key = printable(without_token(value.key));
        // Keys may have up to 64 KiB.
        constexpr std::size_t max_key_columns = 200;
        key = fitted(key, out_.terminal() && width_ > 20 ? width_ - 18 : max_key_columns);
        out_.line("    " + padded(short_size_text(value.size), 12) + "  " + key);
      }
    }

   private:
    void title(const std::string& text) const {
      out_.line("  " + coloured(text, colour::bold, colours_));
    }

    void line(const std::string& name, const std::string& figure, double part, double whole,
              colour which) const {
      std::string text = "    " + padded(name, 12) + "  " + padded(figure, 12);
      if (bar_columns_ > 0 && part > 0) {
        text += "  " + coloured(bar(part, whole, bar_columns_), which, colours_);
      }
      while (text.ends_with(' '))
        text.pop_back();
      out_.line(text);
    }

    output& out_;
    bool colours_;
    std::size_t width_ = 0;
    std::size_t bar_columns_ = 0;
  };
};

}  // namespace

void add_stats(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("stats", "Print figures about the items and the file");
  auto mine = std::make_shared<stats_command>();
  mine->common.add_file(*command);
  mine->common.add_via(*command);
  mine->largest.add_to(*command, "--largest", "how many of the largest values; without it, 5");
  mine->common.add_json(*command, "print a JSON object");
  command->footer(R"(
Shows how much of the file is live, when items expire, and the largest values (not the
keys of sessions that are tokens); on a terminal with bars. Reads the whole file into memory, as an
open does. Works while another process has the database open. If that has a control socket, prints
the figures of the running database instead; --largest and --via file look at the file.

Examples:
  buntdb stats app.db
  buntdb stats app.db --largest 20
  buntdb stats app.db --json)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
