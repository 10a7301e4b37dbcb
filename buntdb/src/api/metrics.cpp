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

std::string text_of(bool value) {
  return value ? "1" : "0";
}

/// Seconds since 1970, with three decimals.
std::string text_of(time_point moment) {
  std::array<char, 32> digits;
  const double seconds = std::chrono::duration<double>(moment.time_since_epoch()).count();
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), seconds,
                                            std::chars_format::fixed, 3);
  return {digits.data(), end};
}

/// In seconds.
std::string text_of(std::chrono::nanoseconds duration) {
  std::array<char, 32> digits;
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), seconds,
                                            std::chars_format::fixed);
  return {digits.data(), end};
}

struct metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  /// Returns nothing if there is no such figure yet; the line is then omitted.
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

const std::array<metric, 19>& all_metrics() {
  static const std::array<metric, 19> all{
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
      of("buntdb_commits_total", "counter",
         "Commits of changes, removals of expired items included.", &statistics::commits),
      of("buntdb_unsynced_seconds", "gauge",
         "How long the oldest commit that is promised a sync has waited for it.",
         &statistics::unsynced_for),
      of("buntdb_writes_stopped", "gauge",
         "Whether every commit fails until the database is opened again.",
         &statistics::writes_stopped),
      of("buntdb_compactions_total", "counter", "Compactions since the database was opened.",
         &statistics::compactions),
      of("buntdb_compaction_failures_total", "counter",
         "Compactions that failed since the database was opened.",
         &statistics::compaction_failures),
      of("buntdb_compaction_due", "gauge",
         "Whether the policy asks for a compaction that has not been done yet.",
         &statistics::compaction_due),
      of("buntdb_can_compact", "gauge", "Whether the file can be replaced where it is.",
         &statistics::can_compact),
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

/// Appends the lines that precede the samples of one metric.
void append_header(std::string& out, std::string_view name, std::string_view type,
                   std::string_view help) {
  out.append("# HELP ").append(name).append(1, ' ').append(help);
  out.append("\n# TYPE ").append(name).append(1, ' ').append(type).append(1, '\n');
}

/// Escapes the value of a label as the text format requires.
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

/// Returns the labels of a sample: the database, if it has a name, and the bound of a class of
/// durations, if one is given.
std::string labels_of(const named_statistics& database, std::string_view bound = {}) {
  std::string labels;
  if (!database.name.empty()) {
    labels.append(R"(database=")").append(escaped_label(database.name)).append(1, '"');
  }
  if (!bound.empty()) {
    if (!labels.empty()) labels += ',';
    labels.append(R"(le=")").append(bound).append(1, '"');
  }
  return labels.empty() ? labels : '{' + labels + '}';
}

void append_line(std::string& out, std::string_view name, const std::string& labels,
                 const std::string& value) {
  out.append(name).append(labels).append(1, ' ').append(value).append(1, '\n');
}

void append_syncs(std::string& out, const named_statistics& database) {
  const duration_histogram& syncs = database.figures->syncs;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < syncs.counts.size(); ++i) {
    total += syncs.counts.at(i);
    const bool last = i == duration_histogram::bounds.size();
    append_line(out, "buntdb_sync_seconds_bucket",
                labels_of(database, last ? "+Inf" : text_of(duration_histogram::bounds.at(i))),
                text_of(total));
  }
  append_line(out, "buntdb_sync_seconds_sum", labels_of(database), text_of(syncs.sum));
  append_line(out, "buntdb_sync_seconds_count", labels_of(database), text_of(total));
}

}  // namespace

std::string to_prometheus(const statistics& figures) {
  const named_statistics only{{}, &figures};
  return to_prometheus(std::span{&only, 1});
}

// All samples of one metric must be adjacent, whichever database they belong to.
std::string to_prometheus(std::span<const named_statistics> databases) {
  std::string out;
  for (const metric& one : all_metrics()) {
    std::string lines;
    for (const named_statistics& database : databases) {
      const std::optional<std::string> value = one.value(*database.figures);
      if (value) append_line(lines, one.name, labels_of(database), *value);
    }
    if (lines.empty()) continue;
    append_header(out, one.name, one.type, one.help);
    out.append(lines);
  }
  append_header(out, "buntdb_sync_seconds", "histogram", "How long syncs of the file took.");
  for (const named_statistics& database : databases)
    append_syncs(out, database);
  return out;
}

}  // namespace buntdb
