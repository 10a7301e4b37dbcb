#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include <buntdb/metrics.hpp>

namespace buntdb {

namespace {

std::string text_of(std::uint64_t value) {
  return std::to_string(value);
}

std::string text_of(time_point moment) {
  std::array<char, 32> digits;
  const double seconds = std::chrono::duration<double>(moment.time_since_epoch()).count();
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), seconds,
                                            std::chars_format::fixed, 3);
  return {digits.data(), end};
}

struct metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  /// Empty: there is no such figure yet, and no line.
  std::function<std::optional<std::string>(const statistics&)> value;
};

template <class Value>
metric of(std::string_view name, std::string_view type, std::string_view help,
          Value statistics::*member) {
  return {name, type, help, [member](const statistics& figures) -> std::optional<std::string> {
            return text_of(figures.*member);
          }};
}

metric of_moment(std::string_view name, std::string_view help,
                 std::optional<time_point> statistics::*member) {
  return {name, "gauge", help, [member](const statistics& figures) -> std::optional<std::string> {
            const std::optional<time_point>& moment = figures.*member;
            if (!moment) return std::nullopt;
            return text_of(*moment);
          }};
}

std::optional<std::string> dead_bytes(const statistics& figures) {
  return text_of(figures.file_bytes - std::min(figures.file_bytes, figures.live_bytes));
}

std::optional<std::string> memory_limit(const statistics& figures) {
  if (figures.max_memory_bytes == 0) return std::nullopt;
  return text_of(figures.max_memory_bytes);
}

const std::array<metric, 13>& all_metrics() {
  static const std::array<metric, 13> all{
      of("buntdb_items", "gauge", "Items, those expired but not yet removed included.",
         &statistics::items),
      of("buntdb_memory_bytes", "gauge", "Memory of items, nodes and versions.",
         &statistics::memory_bytes),
      metric{"buntdb_max_memory_bytes", "gauge", "The limit of buntdb_memory_bytes.", memory_limit},
      of("buntdb_reserved_bytes", "gauge", "Memory that the pool has from the system.",
         &statistics::reserved_bytes),
      of("buntdb_file_bytes", "gauge", "Size of the file.", &statistics::file_bytes),
      of("buntdb_live_bytes", "gauge", "What the items would take in a new file.",
         &statistics::live_bytes),
      metric{"buntdb_dead_bytes", "gauge", "What a compaction would remove from the file.",
             dead_bytes},
      of("buntdb_pinned_versions", "gauge", "Old versions that snapshots keep.",
         &statistics::pinned_versions),
      of("buntdb_compactions_total", "counter", "Compactions since the database was opened.",
         &statistics::compactions),
      of("buntdb_dropped_calls_total", "counter",
         "Calls of on_expired and on_event that did not fit the queue.",
         &statistics::dropped_calls),
      of("buntdb_recovered_bytes", "gauge", "What the open cut off the end of the file.",
         &statistics::recovered_bytes),
      of_moment("buntdb_last_sync_timestamp_seconds", "When the file was last synced.",
                &statistics::last_sync),
      of_moment("buntdb_last_compaction_timestamp_seconds", "When the last compaction ended.",
                &statistics::last_compaction)};
  return all;
}

/// The text format's escapes for the value of a label.
std::string escaped_label(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += R"(\n)";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string to_prometheus(const statistics& figures) {
  const named_statistics only{{}, &figures};
  return to_prometheus(std::span{&only, 1});
}

// All lines of one metric come together, whichever database they are of.
std::string to_prometheus(std::span<const named_statistics> databases) {
  std::string out;
  for (const metric& one : all_metrics()) {
    std::string lines;
    for (const named_statistics& database : databases) {
      const std::optional<std::string> value = one.value(*database.figures);
      if (!value) continue;
      lines.append(one.name);
      if (!database.name.empty())
        lines.append(R"({database=")").append(escaped_label(database.name)).append(R"("})");
      lines.append(1, ' ').append(*value).append(1, '\n');
    }
    if (lines.empty()) continue;
    out.append("# HELP ").append(one.name).append(1, ' ').append(one.help);
    out.append("\n# TYPE ").append(one.name).append(1, ' ').append(one.type).append(1, '\n');
    out.append(lines);
  }
  return out;
}

}  // namespace buntdb
