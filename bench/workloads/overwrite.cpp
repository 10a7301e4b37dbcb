#include "workloads/arena.hpp"

namespace bench {

void overwrite_some(arena& arena, unsigned round) {
  const std::size_t count = arena.run().amount(50'000);
  const std::vector<token> keys = arena.data().pick(count, 200 + round);
  const std::vector<save_request> requests = requests_for(arena.data(), keys, round + 1);
  arena.time_each(round, "overwrite", count, [&](connection& link) {
    for (const save_request& request : requests)
      link.save(request);
  });
}

}  // namespace bench
