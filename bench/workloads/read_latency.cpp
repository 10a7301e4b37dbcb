#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "harness/histogram.hpp"
#include "workloads/arena.hpp"

namespace bench {

namespace {

constexpr std::string_view workload = "read beside batches";
constexpr std::size_t batch_size = 1000;
constexpr std::chrono::milliseconds full_time{400};

/// Finds the keys repeatedly until the time is over. Returns how long each find took, including the
/// reading of the clock (some 20 to 40 ns).
std::unique_ptr<histogram> latencies(connection& link, std::span<const token> keys,
                                     std::chrono::nanoseconds time) {
  using clock = std::chrono::steady_clock;
  auto all = std::make_unique<histogram>();
  std::uint64_t sum = 0;
  clock::time_point before = clock::now();
  const clock::time_point end = before + time;
  for (std::size_t i = 0; before < end; i = i + 1 == keys.size() ? 0 : i + 1) {
    sum += link.find(keys[i].text());
    const clock::time_point after = clock::now();
    all->add(static_cast<std::uint64_t>((after - before).count()));
    before = after;
  }
  consume(sum);
  return all;
}

}  // namespace

void read_beside_a_batch_writer(arena& arena, unsigned round) {
  const std::size_t batches = arena.run().amount(50);
  const std::size_t finds = arena.run().amount(100'000);
  const std::vector<token> keys = arena.pick(finds, 500 + round);
  const std::vector<token> written = arena.pick_more(batches * batch_size, 600 + round);
  const std::vector<save_request> requests = requests_for(arena.data(), written, round + 200);
  const std::chrono::milliseconds time =
      arena.run().options.quick ? std::chrono::milliseconds(10) : full_time;

  const auto here = [&](arena::competitor& next) {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> saved{0};
    std::jthread writer([&] {
      for (std::size_t i = 0; !stop; i = (i + 1) % batches) {
        next.link(1).save_batch(std::span(requests).subspan(i * batch_size, batch_size));
        saved += batch_size;
      }
    });
    while (saved == 0)
      std::this_thread::yield();
    const std::uint64_t saved_before = saved;
    const auto taken = latencies(next.link(), keys, time);
    const std::uint64_t saved_meanwhile = saved - saved_before;
    stop = true;
    writer.join();
    child_figures figures{{"p50", taken->percentile(0.5)},
                          {"p99", taken->percentile(0.99)},
                          {"p99.9", taken->percentile(0.999)},
                          {"longest", taken->percentile(1)}};
    if (saved_meanwhile > 0) {
      figures["save_ns"] = static_cast<double>(std::chrono::nanoseconds(time).count()) /
                           static_cast<double>(saved_meanwhile);
    }
    return figures;
  };
  const std::string request = "beside_batches " + std::to_string(time.count()) + " " +
                              std::to_string(finds) + arena.numbers() + " " +
                              std::to_string(written.size()) + arena.more_numbers() + " " +
                              std::to_string(round + 200);
  arena.each(round, workload, [&](arena::competitor& next) {
    child_figures figures = next.peer ? next.peer->ask(request) : here(next);
    for (const char* name : {"p50", "p99", "p99.9", "longest"}) {
      arena.run().add(std::string(workload) + ", " + name, next.name, unit::nanoseconds,
                      figures[name]);
    }
    if (figures.contains("save_ns")) {
      arena.run().add("save in batches beside a reader", next.name, unit::nanoseconds,
                      figures["save_ns"]);
    }
  });
}

}  // namespace bench
