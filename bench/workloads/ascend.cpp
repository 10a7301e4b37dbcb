#include "workloads/arena.hpp"

namespace bench {

void ascend_some(arena& arena, unsigned round) {
  constexpr unsigned length = 100;
  const std::size_t count = arena.run().amount(5'000);
  const std::vector<token> keys = arena.data().pick(count, 400 + round);
  const auto measure = [&](std::string_view workload, auto ascend) {
    arena.each(round, workload, [&](arena::competitor& next) {
      if (!next.store->is_ordered()) return;
      const timing taken = time_of([&] {
        std::uint64_t sum = 0;
        for (const token& key : keys)
          sum += ascend(*next.link, key.text());
        consume(sum);
      });
      arena.run().add(workload, next.store->name(), taken, count);
    });
  };
  measure("ascend 100",
          [](connection& link, std::string_view from) { return link.ascend(from, length); });
  measure("ascend 100, reading", [](connection& link, std::string_view from) {
    return link.ascend_reading(from, length);
  });
}

}  // namespace bench
