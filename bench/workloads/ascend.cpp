#include "workloads/arena.hpp"

namespace bench {

void ascend_some(arena& arena, unsigned round) {
  constexpr unsigned length = 100;
  const std::size_t count = arena.run().amount(4'000);
  const std::vector<token> keys = arena.pick(count + 1, 400 + round);
  const auto measure = [&](std::string_view workload, bool reading, auto ascend) {
    arena.each(round, workload, [&](arena::competitor& next) {
      if (!next.is_ordered) return;
      const std::size_t own = next.share(count);
      const timing taken = next.peer ? next.peer->time("ascend " + std::to_string(reading ? 1 : 0) +
                                                       " " + std::to_string(own) + arena.numbers() +
                                                       " " + std::to_string(length))
                                     : time_of([&] {
                                         std::uint64_t sum = 0;
                                         for (std::size_t i = 0; i < own; ++i)
                                           sum += ascend(next.link(), keys[i].text());
                                         consume(sum);
                                       });
      arena.run().add(workload, next.name, taken, own);
    });
  };
  measure("ascend 100", false,
          [](connection& link, std::string_view from) { return link.ascend(from, length); });
  measure("ascend 100, reading", true, [](connection& link, std::string_view from) {
    return link.ascend_reading(from, length);
  });
}

}  // namespace bench
