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
constexpr std::chrono::milliseconds full_time{600};

/// Finds the keys again and again until the time is over; how long each find took, the reading of
/// the clock included (some 20 to 40 ns).
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
  const std::vector<token> keys = arena.data().pick(arena.run().amount(200'000), 500 + round);
  const std::vector<token> written = arena.data().pick(batches * batch_size, 600 + round);
  const std::vector<save_request> requests = requests_for(arena.data(), written, round + 200);
  const std::chrono::nanoseconds time =
      arena.run().options.quick ? std::chrono::milliseconds(10) : full_time;

  arena.each(round, workload, [&](arena::competitor& next) {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> saved{0};
    std::jthread writer([&] {
      const auto link = next.store->connect();
      for (std::size_t i = 0; !stop; i = (i + 1) % batches) {
        link->save_batch(std::span(requests).subspan(i * batch_size, batch_size));
        saved += batch_size;
      }
    });
    while (saved == 0)
      std::this_thread::yield();
    const std::uint64_t saved_before = saved;
    const auto taken = latencies(*next.link, keys, time);
    const std::uint64_t saved_meanwhile = saved - saved_before;
    stop = true;
    writer.join();

    const std::string name = next.store->name();
    const auto add = [&](const char* figure, double share) {
      arena.run().add(std::string(workload) + ", " + figure, name, unit::nanoseconds,
                      taken->percentile(share));
    };
    add("p50", 0.5);
    add("p99", 0.99);
    add("p99.9", 0.999);
    add("longest", 1);
    if (saved_meanwhile > 0) {
      arena.run().add("save in batches beside a reader", name, unit::nanoseconds,
                      static_cast<double>(std::chrono::nanoseconds(time).count()) /
                          static_cast<double>(saved_meanwhile));
    }
  });
}

}  // namespace bench
