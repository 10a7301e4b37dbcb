#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>
#include <scs/event.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// The calls that a manager makes to its store.
enum class store_call { find, commit, touch, erase, list };
/// The number of kinds of calls.
inline constexpr std::size_t store_call_count = 5;

/// Figures about one session_manager since its start: how many events of each kind there were, how
/// many calls it made to the store, how many of them failed, and how long they took. Set
/// session_options::metrics to an object of this class.
///
/// Thread safety: any number of threads may call any function at the same time. Counting takes no
/// lock and allocates nothing. Each figure is read atomically, but the figures need not be from the
/// same moment.
class metrics {
 public:
  /// The upper bounds of the histogram's buckets. One more bucket holds all longer durations.
  static constexpr std::array<std::chrono::nanoseconds, 19> bounds{
      std::chrono::microseconds{1},    std::chrono::nanoseconds{2500},
      std::chrono::microseconds{5},    std::chrono::microseconds{10},
      std::chrono::microseconds{25},   std::chrono::microseconds{50},
      std::chrono::microseconds{100},  std::chrono::microseconds{250},
      std::chrono::microseconds{500},  std::chrono::milliseconds{1},
      std::chrono::microseconds{2500}, std::chrono::milliseconds{5},
      std::chrono::milliseconds{10},   std::chrono::milliseconds{25},
      std::chrono::milliseconds{50},   std::chrono::milliseconds{100},
      std::chrono::milliseconds{250},  std::chrono::milliseconds{500},
      std::chrono::seconds{1}};

  /// The durations of the calls of one kind.
  struct durations {
    /// counts[i] is the number of calls that took at most bounds[i] and more than the bound before
    /// it.
    std::array<std::uint64_t, bounds.size() + 1> counts{};
    /// The sum of all durations.
    std::chrono::nanoseconds sum{0};
    /// The number of calls that failed.
    std::uint64_t failures = 0;
  };

  /// Counts one event.
  void count(event_kind kind) noexcept;
  /// Counts one failed call.
  void count_failure(store_call call) noexcept;
  /// Adds the duration of one call. Failed calls are observed, too.
  void observe(store_call call, std::chrono::nanoseconds duration) noexcept;

  /// Returns the number of events of this kind.
  std::uint64_t events(event_kind kind) const noexcept;
  /// Returns the figures of the calls of this kind.
  durations store_calls(store_call call) const noexcept;

 private:
  using counter = std::atomic<std::uint64_t>;

  struct call_figures {
    std::array<counter, bounds.size() + 1> counts{};
    counter sum_ns{0};
    counter failures{0};
  };

  std::array<counter, event_kind_count> events_{};
  std::array<call_figures, store_call_count> calls_{};
};

/// One manager's figures, for a list with those of other managers.
struct named_metrics {
  /// The value of the label `manager`, in UTF-8.
  std::string_view name{};
  /// Must not be null, and must outlive the call.
  const metrics* figures = nullptr;
  /// The number of sessions, as session_manager::count() returns it. Empty: the output does not
  /// contain it.
  std::optional<std::uint64_t> sessions{};
};

/// Returns the figures in Prometheus's text format (version 0.0.4). Serve them as `text/plain;
/// version=0.0.4; charset=utf-8`. They are scs_events_total{event="…"},
/// scs_store_failures_total{call="…"} and the histogram scs_store_call_seconds{call="…"}, and
/// scs_sessions for each manager whose number of sessions is set.
std::string to_prometheus(const metrics& figures);

/// The same for several managers of one server, each with its own label `manager`.
std::string to_prometheus(std::span<const named_metrics> managers);

}  // namespace scs
