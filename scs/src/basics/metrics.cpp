#include <algorithm>
#include <charconv>

#include <scs/metrics.hpp>

namespace scs {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

constexpr std::array<std::string_view, store_call_count> call_names{"find", "commit", "touch",
                                                                    "erase", "list"};

template <class Kind>
constexpr std::size_t index_of(Kind kind) noexcept {
  return static_cast<std::size_t>(kind);
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> digits;
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

void append_seconds(std::string& out, std::chrono::nanoseconds duration) {
  append_number(out, std::chrono::duration<double>(duration).count());
}

/// Appends the value of a label, with the text format's escapes.
void append_label_value(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += R"(\\)";
        break;
      case '"':
        out += R"(\")";
        break;
      case '\n':
        out += R"(\n)";
        break;
      default:
        out += c;
    }
  }
  out += '"';
}

/// Writes the lines of one manager's figures.
class sample_writer {
 public:
  sample_writer(std::string& out, const named_metrics& manager) : out_(out), manager_(manager) {}

  const metrics& figures() const noexcept { return *manager_.figures; }

  /// Appends `name{manager="…",label="value"`, then `,le="…"` if there is a bound, then `} `.
  void begin(std::string_view name, std::string_view label, std::string_view value,
             std::string_view bound = {}) {
    out_.append(name).append(1, '{');
    if (!manager_.name.empty()) {
      out_ += "manager=";
      append_label_value(out_, manager_.name);
      out_ += ',';
    }
    out_.append(label).append(1, '=');
    append_label_value(out_, value);
    if (!bound.empty()) out_.append(R"(,le=")").append(bound).append(1, '"');
    out_ += "} ";
  }

  void histogram(store_call call) {
    const metrics::durations durations = figures().store_calls(call);
    const std::string_view name = call_names.at(index_of(call));
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) {
      total += durations.counts.at(i);
      std::string bound = "+Inf";
      if (i < metrics::bounds.size()) {
        bound.clear();
        append_seconds(bound, metrics::bounds.at(i));
      }
      begin("scs_store_call_seconds_bucket", "call", name, bound);
      append_number(out_, total);
      out_ += '\n';
    }
    begin("scs_store_call_seconds_sum", "call", name);
    append_seconds(out_, durations.sum);
    out_ += '\n';
    begin("scs_store_call_seconds_count", "call", name);
    append_number(out_, total);
    out_ += '\n';
  }

 private:
  std::string& out_;
  const named_metrics& manager_;
};

void append_sessions(std::string& out, std::span<const named_metrics> managers) {
  std::string lines;
  for (const named_metrics& manager : managers) {
    if (!manager.sessions) continue;
    lines += "scs_sessions";
    if (!manager.name.empty()) {
      lines += "{manager=";
      append_label_value(lines, manager.name);
      lines += '}';
    }
    lines += ' ';
    append_number(lines, *manager.sessions);
    lines += '\n';
  }
  if (lines.empty()) return;
  out += "# HELP scs_sessions Sessions in the store, those expired but not yet removed included.\n";
  out += "# TYPE scs_sessions gauge\n" + lines;
}

}  // namespace

void metrics::count(event_kind kind) noexcept {
  events_.at(index_of(kind)).fetch_add(1, relaxed);
}

void metrics::count_failure(store_call call) noexcept {
  calls_.at(index_of(call)).failures.fetch_add(1, relaxed);
}

void metrics::observe(store_call call, std::chrono::nanoseconds duration) noexcept {
  duration = std::max(duration, std::chrono::nanoseconds{0});
  call_figures& figures = calls_.at(index_of(call));
  const auto bound = std::lower_bound(bounds.begin(), bounds.end(), duration);
  figures.counts.at(static_cast<std::size_t>(bound - bounds.begin())).fetch_add(1, relaxed);
  figures.sum_ns.fetch_add(static_cast<std::uint64_t>(duration.count()), relaxed);
}

std::uint64_t metrics::events(event_kind kind) const noexcept {
  return events_.at(index_of(kind)).load(relaxed);
}

metrics::durations metrics::store_calls(store_call call) const noexcept {
  const call_figures& figures = calls_.at(index_of(call));
  durations found;
  for (std::size_t i = 0; i < found.counts.size(); ++i)
    found.counts.at(i) = figures.counts.at(i).load(relaxed);
  found.sum = std::chrono::nanoseconds{static_cast<std::int64_t>(figures.sum_ns.load(relaxed))};
  found.failures = figures.failures.load(relaxed);
  return found;
}

std::string to_prometheus(const metrics& figures) {
  const named_metrics only{{}, &figures};
  return to_prometheus(std::span{&only, 1});
}

// The format requires that all lines of one metric follow each other, so they are grouped by
// metric, not by manager.
std::string to_prometheus(std::span<const named_metrics> managers) {
  std::string out;
  append_sessions(out, managers);
  out +=
      "# HELP scs_events_total What happened to sessions.\n"
      "# TYPE scs_events_total counter\n";
  for (const named_metrics& manager : managers) {
    sample_writer write{out, manager};
    for (std::size_t i = 0; i < event_kind_count; ++i) {
      const auto kind = static_cast<event_kind>(i);
      write.begin("scs_events_total", "event", name_of(kind));
      append_number(out, write.figures().events(kind));
      out += '\n';
    }
  }
  out +=
      "# HELP scs_store_failures_total Calls of the session store that threw.\n"
      "# TYPE scs_store_failures_total counter\n";
  for (const named_metrics& manager : managers) {
    sample_writer write{out, manager};
    for (std::size_t i = 0; i < store_call_count; ++i) {
      const auto call = static_cast<store_call>(i);
      write.begin("scs_store_failures_total", "call", call_names.at(i));
      append_number(out, write.figures().store_calls(call).failures);
      out += '\n';
    }
  }
  out +=
      "# HELP scs_store_call_seconds How long calls of the session store took.\n"
      "# TYPE scs_store_call_seconds histogram\n";
  for (const named_metrics& manager : managers) {
    sample_writer write{out, manager};
    for (std::size_t i = 0; i < store_call_count; ++i)
      write.histogram(static_cast<store_call>(i));
  }
  return out;
}

}  // namespace scs
