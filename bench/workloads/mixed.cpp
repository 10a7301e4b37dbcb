#include <string>

#include "harness/parallel.hpp"
#include "workloads/arena.hpp"

namespace bench {

namespace {

/// Every tenth is an overwrite.
void mix(connection& link, std::span<const save_request> requests) {
  std::uint64_t sum = 0;
  unsigned until_save = 10;
  for (const save_request& request : requests) {
    if (--until_save == 0) {
      link.save(request);
      until_save = 10;
    } else {
      sum += link.find(request.key);
    }
  }
  consume(sum);
}

}  // namespace

void mix_finds_and_overwrites(arena& arena, unsigned round) {
  const std::size_t count = arena.run().amount(100'000);
  const std::vector<token> keys = arena.data().pick(count, 300 + round);
  const std::vector<save_request> requests = requests_for(arena.data(), keys, round + 100);
  arena.time_each(round, "mixed 90/10", count, [&](connection& link) { mix(link, requests); });

  constexpr unsigned threads = 2;
  arena.each(round, "mixed 90/10, 2 threads", [&](arena::competitor& next) {
    const std::span<const save_request> all(requests);
    const double ns = parallel_ns(threads, [&](unsigned thread) {
      const auto link = next.store->connect();
      mix(*link, all.subspan(thread * (count / threads), count / threads));
    });
    arena.run().add("mixed 90/10, 2 threads", next.store->name(), unit::nanoseconds,
                    ns / static_cast<double>(count / threads * threads));
  });
}

}  // namespace bench
