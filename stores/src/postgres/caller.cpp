#include "postgres/caller.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>

namespace scs::stores::postgres_detail {

result caller::run(const work& what, repeatable again, deadline until) {
  using clock = std::chrono::steady_clock;
  attempts so_far;
  while (true) {
    const bool may_repeat = again == repeatable::yes && !so_far.lost_one;
    try {
      // A connection may have died unnoticed. Half of the time is left for another one.
      const deadline end = may_repeat ? std::min(until, clock::now() + timeout_ / 2) : until;
      pool::lease leased = pool_.take(until, so_far.lost_one ? freshness::fresh : freshness::any);
      so_far.on_fresh_connection = leased.is_fresh();
      return run_on(leased, what, leased.is_fresh() ? until : end);
    } catch (const failure& failed) {
      if (failed.leaves_unknown() && again == repeatable::no && failed.was_sent()) {
        throw failure(
            failed.reason(), failed.sqlstate(),
            std::string{failed.what()} + "; what was asked of it may have taken place or not",
            failed.meaning());
      }
      // The connection may lead to a server that has become a standby.
      const bool repeat_fresh = failed.is_read_only() && !so_far.on_fresh_connection;
      if (failed.is_conflict() && clock::now() < until) {
        pause_after_conflict();
      } else if (failed.leaves_unknown() && may_repeat && failed.was_sent() &&
                 clock::now() < until) {
        so_far.lost_one = true;
      } else if (!repeat_fresh) {
        throw;
      }
    }
  }
}

result caller::run_on(pool::lease& leased, const work& what, deadline until) {
  const auto given = until - std::chrono::steady_clock::now();
  try {
    return what(*leased, until);
  } catch (failure& failed) {
    // A connection to a standby would still be to a standby. A new connection may find the primary.
    const bool stays = failed.reason() == failure::kind::refused && !failed.is_read_only() &&
                       !(*leased).has_refused_name();
    if (!stays) leased.discard();
    if (failed.leaves_unknown()) {
      failed.mark_sent();
      // A call that had little time says nothing about other connections.
      if (failed.reason() != failure::kind::late || given >= timeout_ / 4) pool_.distrust();
    }
    throw;
  } catch (...) {
    leased.discard();  // a statement is incomplete
    throw;
  }
}

void pause_after_conflict() {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::this_thread::sleep_for(
      std::chrono::microseconds{std::uniform_int_distribution<int>{500, 10'000}(random)});
}

}  // namespace scs::stores::postgres_detail
