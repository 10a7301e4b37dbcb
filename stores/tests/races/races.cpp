#include "races.hpp"

#include "broken_stores.hpp"
#include "interleaving.hpp"

namespace races {

namespace {

void add(model::counts& sum, const model::counts& more) {
  sum.commits += more.commits;
  sum.conflicts += more.conflicts;
  sum.updates += more.updates;
  sum.renewals += more.renewals;
  sum.begun_anew += more.begun_anew;
  sum.logouts += more.logouts;
  sum.gone += more.gone;
  sum.failures += more.failures;
  sum.visits += more.visits;
  sum.merges += more.merges;
  sum.over_limit += more.over_limit;
  sum.revoked += more.revoked;
}

/// Repeats the interleaving on a new store and returns its trace.
std::string trace_of(const test::make_store_fixture& factory, std::uint64_t seed,
                     const std::string& broken) {
  const std::unique_ptr<test::store_fixture> fixture = factory();
  const std::unique_ptr<scs::store> front =
      broken.empty() ? nullptr : make_broken(broken, fixture->store());
  std::vector<std::string> lines;
  interleaving again{*fixture, front ? *front : fixture->store(), seed, &lines};
  const std::string violation = again.run();
  std::string text;
  for (const std::string& line : lines)
    text += line + '\n';
  return text + "=> " + (violation.empty() ? "no violation, when played again" : violation) + '\n';
}

}  // namespace

outcome race(const test::make_store_fixture& factory, std::uint64_t seed,
             std::uint64_t interleavings, const std::string& broken) {
  const std::unique_ptr<test::store_fixture> fixture = factory();
  outcome all;
  for (std::uint64_t i = 0; i < interleavings && !all.failed_seed; ++i) {
    const std::unique_ptr<scs::store> front =
        broken.empty() ? nullptr : make_broken(broken, fixture->store());
    interleaving next{*fixture, front ? *front : fixture->store(), seed + i};
    all.violation = next.run();
    ++all.interleavings;
    all.pauses += next.pauses();
    add(all.counted, next.counted());
    if (!all.violation.empty()) all.failed_seed = seed + i;
  }
  if (all.failed_seed) all.trace = trace_of(factory, *all.failed_seed, broken);
  return all;
}

}  // namespace races
