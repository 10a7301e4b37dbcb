#include <string>

#include "workloads/arena.hpp"
#include "workloads/fill.hpp"

namespace bench {

namespace {

std::string numbers(const char* word, std::size_t from, std::size_t to) {
  return std::string(word) + " " + std::to_string(from) + " " + std::to_string(to);
}

}  // namespace

void save_all(arena& arena) {
  const session_data& data = arena.data();
  const unsigned rounds = arena.run().options.repeat;
  const std::size_t first_timed = data.size() - data.size() / 4;
  const auto save = [&](connection& link, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      link.save(data.request(i));
  };
  for (arena::competitor& each : arena.competitors()) {
    if (each.peer) {
      each.peer->ask(numbers(each.fills_in_batches ? "fill_in_batches" : "fill", 0, first_timed));
    } else if (each.fills_in_batches) {
      save_in_batches(each.link(), data, first_timed);
    } else {
      save(each.link(), 0, first_timed);
    }
  }

  std::size_t from = first_timed;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::size_t to = first_timed + (data.size() - first_timed) * (round + 1) / rounds;
    for (std::size_t i = 0; i < arena.competitors().size(); ++i) {
      // All of them must be filled, whatever the filter says.
      arena::competitor& next = arena.competitors()[(round + i) % arena.competitors().size()];
      settle();
      const timing taken = next.peer ? next.peer->time(numbers("fill", from, to))
                                     : time_of([&] { save(next.link(), from, to); });
      if (arena.run().wants("save", next.name)) {
        arena.run().add("save", next.name, taken, to - from);
      }
    }
    if (arena.run().wants("save", "write(2)")) {
      const timing taken = time_of([&] {
        for (std::size_t i = from; i < to; ++i)
          arena.file().append();
      });
      arena.run().add("save", "write(2)", taken, to - from);
    }
    from = to;
  }
}

}  // namespace bench
