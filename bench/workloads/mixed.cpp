#include <span>
#include <string>

#include "workloads/arena.hpp"

namespace bench {

namespace {

/// Every tenth operation is an overwrite.
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
  const std::size_t count = arena.run().amount(60'000);
  const std::vector<token> keys = arena.pick(count + 1, 300 + round);
  const std::vector<save_request> requests = requests_for(arena.data(), keys, round + 100);
  const auto mix_some = [&](connection& link, std::size_t from, std::size_t own) {
    mix(link, std::span(requests).subspan(from, own));
  };
  const std::string more = arena.numbers() + " " + std::to_string(round + 100);
  arena.time_each(round, "mixed 90/10", 1, count, "mix", more, mix_some);
  arena.time_each(round, "mixed 90/10, 2 threads", arena::threads, count, "mix", more, mix_some);
}

}  // namespace bench
