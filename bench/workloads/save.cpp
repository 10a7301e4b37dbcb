#include "workloads/arena.hpp"

namespace bench {

void save_all(arena& arena) {
  const session_data& data = arena.data();
  const unsigned rounds = arena.run().options.repeat;
  const std::size_t first_timed = data.size() - data.size() / 4;
  const auto save = [&](connection& link, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      link.save(data.request(i));
  };
  for (arena::competitor& each : arena.competitors())
    save(*each.link, 0, first_timed);

  std::size_t from = first_timed;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::size_t to = first_timed + (data.size() - first_timed) * (round + 1) / rounds;
    for (std::size_t i = 0; i < arena.competitors().size(); ++i) {
      // All of them must be filled, whatever the filter says.
      arena::competitor& next = arena.competitors()[(round + i) % arena.competitors().size()];
      const timing taken = time_of([&] { save(*next.link, from, to); });
      if (arena.run().wants("save", next.store->name())) {
        arena.run().add("save", next.store->name(), taken, to - from);
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
