#include <span>
#include <stdexcept>

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
  const std::size_t count = arena.run().amount(100'000);
  const std::vector<token> keys = arena.pick(count + 1, 100 + round);
  const auto find = [&](connection& link, std::size_t from, std::size_t own) {
    find_all(link, std::span(keys).subspan(from, own));
  };
  arena.time_each(round, "find", 1, count, "find", arena.numbers(), find);
  if (arena.run().wants("find", "dependent load")) {
    dependent_loads& loads = arena.loads();
    const timing taken = time_of([&] { consume(loads.walk(count)); });
    arena.run().add("find", "dependent load", taken, count);
  }
  arena.time_each(round, "find, 2 threads", arena::threads, count, "find", arena.numbers(), find);
}

}  // namespace bench
