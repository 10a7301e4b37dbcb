#include "scenario.hpp"

#include "machine.hpp"
#include "version/reader_slots.hpp"
#include "world.hpp"

namespace explore {

namespace {

void add_threads(machine& threads, world& all, const scenario& what) {
  if (what.separate) {
    threads.add_thread("publisher", [&all] { all.publish_all(); });
    threads.add_thread("reclaimer", [&all] { all.reclaim_all(); });
  } else {
    threads.add_thread("writer", [&all] { all.write(); });
  }
  for (unsigned i = 0; i < what.readers; ++i)
    threads.add_thread("reader " + std::to_string(i + 1), [&all] { all.read(); });
}

/// A thread decides once where it begins its search for a slot. All virtual threads are one thread
/// in this respect.
void decide_where_to_look_for_slots() {
  buntdb::engine::reader_slots slots;
  static_cast<void>(slots.claim(0));
}

std::string counted(unsigned count, const char* one) {
  return std::to_string(count) + ' ' + one + (count == 1 ? "" : "s");
}

}  // namespace

figures explore_all(const scenario& what, search decisions, std::uint64_t max_executions) {
  decide_where_to_look_for_slots();
  figures result;
  do {
    machine threads(decisions);
    world all(what);
    add_threads(threads, all, what);
    if (threads.run()) {
      ++result.executions;
    } else {
      ++result.redundant;
    }
    all.check_the_end();
    result.outcomes.insert(all.outcome());
    if (max_executions != 0 && result.executions == max_executions) break;
  } while (decisions.advance());
  result.points = decisions.points();
  return result;
}

std::string describe(const scenario& what) {
  std::string text = counted(what.readers, "reader") + ", " + counted(what.versions, "version") +
                     ", " + counted(what.pins, "pin");
  if (what.overlap) text += ", overlapping";
  if (what.keep) text += ", kept";
  if (what.crowded) text += ", crowded";
  if (what.separate) text += ", separate publisher";
  if (what.budget != scenario{}.budget) text += ", budget " + std::to_string(what.budget);
  return text;
}

}  // namespace explore
