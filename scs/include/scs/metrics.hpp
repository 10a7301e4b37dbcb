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

/// What a manager asks of its store.
enum class store_call { find, commit, touch, erase, list };
inline constexpr std::size_t store_call_count = 5;

/// Figures about one session_manager since the start: how often what happened, how often the store
/// was asked, failed, and how long it took. Give it to session_options::metrics.
///
/// Thread safety: any function from any number of threads. Counting takes no lock and no memory; a
/// reader sees each figure as it is, but not all of one moment.
class metrics {
 public:
  /// The upper bounds of the classes of durations; there is one more for what is longer.
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

  /// The durations of one kind of call.
  struct durations {
    /// How many were at most bounds[i] and more than the bound before it.
    std::array<std::uint64_t, bounds.size() + 1> counts{};
    std::chrono::nanoseconds sum{0};
    std::uint64_t failures = 0;
  };

  void count(event_kind kind) noexcept;
  void count_failure(store_call call) noexcept;
  /// Failed calls are observed too.
  void observe(store_call call, std::chrono::nanoseconds duration) noexcept;

  std::uint64_t events(event_kind kind) const noexcept;
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

/// One manager's figures beside others'.
struct named_metrics {
  /// UTF-8; the label `manager`.
  std::string_view name{};
  const metrics* figures = nullptr;
  /// What session_manager::count() says, if it is to be told: how many sessions there are.
  std::optional<std::uint64_t> sessions{};
};

/// The figures in Prometheus's text format (version 0.0.4), to be served as
/// `text/plain; version=0.0.4; charset=utf-8`: scs_events_total{event="…"},
/// scs_store_failures_total{call="…"} and the histogram scs_store_call_seconds{call="…"}; and
/// scs_sessions for those managers whose number of sessions is given.
std::string to_prometheus(const metrics& figures);

/// The same for several managers of one server, each with a label `manager` of its own.
std::string to_prometheus(std::span<const named_metrics> managers);

}  // namespace scs
