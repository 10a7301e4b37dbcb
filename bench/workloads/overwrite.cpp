#include "workloads/arena.hpp"

namespace bench {

void overwrite_some(arena& arena, unsigned round) {
  const std::size_t count = arena.run().amount(30'000);
  const std::vector<token> keys = arena.pick(count + 1, 200 + round);
  const std::vector<save_request> requests = requests_for(arena.data(), keys, round + 1);
  arena.time_each(round, "overwrite", 1, count, "overwrite",
                  arena.numbers() + " " + std::to_string(round + 1),
                  [&](connection& link, std::size_t from, std::size_t own) {
                    for (const save_request& request : std::span(requests).subspan(from, own))
                      link.save(request);
                  });
}

}  // namespace bench
