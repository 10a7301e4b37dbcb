#include <span>
#include <stdexcept>

#include "harness/parallel.hpp"
#include "workloads/arena.hpp"

namespace bench {

namespace {

void find_all(connection& link, std::span<const token> keys) {
  std::uint64_t sum = 0;
  for (const token& key : keys) {
    const std::uint64_t found = link.find(key.text());
    if (found == 0) throw std::runtime_error("a session that was saved is not found");
    sum += found;
  }
  consume(sum);
}

}  // namespace

void find_some(arena& arena, unsigned round) {
  const std::size_t count = arena.run().amount(200'000);
  const std::vector<token> keys = arena.data().pick(count, 100 + round);
  arena.time_each(round, "find", count, [&](connection& link) { find_all(link, keys); });

  if (arena.run().wants("find", "dependent load")) {
    dependent_loads& loads = arena.loads();
    const timing taken = time_of([&] { consume(loads.walk(count)); });
    arena.run().add("find", "dependent load", taken, count);
  }

  constexpr unsigned threads = 2;
  arena.each(round, "find, 2 threads", [&](arena::competitor& next) {
    const std::span<const token> all(keys);
    const double ns = parallel_ns(threads, [&](unsigned thread) {
      const auto link = next.store->connect();
      find_all(*link, all.subspan(thread * (count / threads), count / threads));
    });
    arena.run().add("find, 2 threads", next.store->name(), unit::nanoseconds,
                    ns / static_cast<double>(count / threads * threads));
  });
}

}  // namespace bench
