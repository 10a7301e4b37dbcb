#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atomic.hpp"
#include "machine.hpp"
#include "scenario.hpp"
#include "search.hpp"

// The explorer is tested with the litmus tests of the memory model: it must find all possible
// results, and leaving out redundant executions must not lose any.

namespace explore {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

struct variables {
  atomic<std::uint64_t> x{0};
  atomic<std::uint64_t> y{0};
  mutex guard;
  std::vector<std::uint64_t> seen = std::vector<std::uint64_t>(4);  ///< what the threads load
};

using body = void (*)(variables&);
using results = std::set<std::vector<std::uint64_t>>;

template <class Restriction>
results explore(const std::vector<body>& threads, Restriction restriction) {
  results found;
  search decisions(restriction);
  do {
    machine run(decisions);
    variables shared;
    for (const body each : threads)
      run.add_thread("thread", [each, &shared] { each(shared); });
    if (run.run()) found.insert(shared.seen);
  } while (decisions.advance());
  return found;
}

/// Returns all possible results of the threads, which are the same with and without reduction.
results explore(const std::vector<body>& threads) {
  const results found = explore(threads, search::reduction::full);
  EXPECT_EQ(found, explore(threads, search::reduction::sleep_sets));
  EXPECT_EQ(found, explore(threads, search::reduction::none));
  return found;
}

TEST(explorer_memory_model, shows_stores_late_that_are_only_released) {
  const results found = explore({[](variables& all) {
                                   all.x.store(1, release);
                                   all.seen[0] = all.y.load(acquire);
                                 },
                                 [](variables& all) {
                                   all.y.store(1, release);
                                   all.seen[1] = all.x.load(acquire);
                                 }});
  EXPECT_THAT(found, UnorderedElementsAre(ElementsAre(0, 0, 0, 0), ElementsAre(0, 1, 0, 0),
                                          ElementsAre(1, 0, 0, 0), ElementsAre(1, 1, 0, 0)));
}

TEST(explorer_memory_model, shows_them_late_even_to_a_sequentially_consistent_load) {
  const results found = explore({[](variables& all) {
                                   all.x.store(1, release);
                                   all.seen[0] = all.y.load();
                                 },
                                 [](variables& all) {
                                   all.y.store(1);
                                   all.seen[1] = all.x.load();
                                 }});
  EXPECT_THAT(found, Contains(ElementsAre(0, 0, 0, 0)));
}

TEST(explorer_memory_model, orders_what_is_sequentially_consistent) {
  const results found = explore({[](variables& all) {
                                   all.x.store(1);
                                   all.seen[0] = all.y.load();
                                 },
                                 [](variables& all) {
                                   all.y.store(1);
                                   all.seen[1] = all.x.load();
                                 }});
  EXPECT_THAT(found, UnorderedElementsAre(ElementsAre(0, 1, 0, 0), ElementsAre(1, 0, 0, 0),
                                          ElementsAre(1, 1, 0, 0)));
}

TEST(explorer_memory_model, passes_on_what_was_released_to_whoever_acquires_it) {
  const results found = explore({[](variables& all) {
                                   all.x.store(1, relaxed);
                                   all.y.store(1, release);
                                 },
                                 [](variables& all) {
                                   all.seen[0] = all.y.load(acquire);
                                   all.seen[1] = all.x.load(relaxed);
                                 }});
  EXPECT_THAT(found, UnorderedElementsAre(ElementsAre(0, 0, 0, 0), ElementsAre(0, 1, 0, 0),
                                          ElementsAre(1, 1, 0, 0)));
}

TEST(explorer_memory_model, passes_on_nothing_otherwise) {
  const body reader = [](variables& all) {
    all.seen[0] = all.y.load(acquire);
    all.seen[1] = all.x.load(relaxed);
  };
  const body writer = [](variables& all) {
    all.x.store(1, relaxed);
    all.y.store(1, relaxed);
  };
  EXPECT_THAT(explore({writer, reader}), Contains(ElementsAre(1, 0, 0, 0)));
  EXPECT_THAT(explore({[](variables& all) {
                         all.x.store(1, relaxed);
                         all.y.store(1, release);
                       },
                       [](variables& all) {
                         all.seen[0] = all.y.load(relaxed);
                         all.seen[1] = all.x.load(relaxed);
                       }}),
              Contains(ElementsAre(1, 0, 0, 0)));
}

TEST(explorer_memory_model, passes_on_what_was_released_through_an_update_but_not_through_a_store) {
  const body writer = [](variables& all) {
    all.x.store(1, relaxed);
    all.y.store(1, release);
  };
  const body reader = [](variables& all) {
    all.seen[0] = all.y.load(acquire);
    all.seen[1] = all.x.load(relaxed);
  };
  const body update = [](variables& all) {
    std::uint64_t expected = 1;
    all.y.compare_exchange_strong(expected, 2, relaxed);
  };
  EXPECT_THAT(explore({writer, update, reader}), Not(Contains(ElementsAre(2, 0, 0, 0))));
  const body store = [](variables& all) {
    if (all.y.load(relaxed) == 1) all.y.store(2, relaxed);
  };
  EXPECT_THAT(explore({writer, store, reader}), Contains(ElementsAre(2, 0, 0, 0)));
}

TEST(explorer_memory_model, never_goes_back_to_an_older_value) {
  const results found = explore({[](variables& all) {
                                   all.x.store(1, relaxed);
                                   all.x.store(2, relaxed);
                                 },
                                 [](variables& all) {
                                   all.seen[0] = all.x.load(relaxed);
                                   all.seen[1] = all.x.load(relaxed);
                                 }});
  EXPECT_EQ(found.size(), 6U);
  for (const auto& seen : found)
    EXPECT_LE(seen[0], seen[1]);
}

TEST(explorer_memory_model, lets_readers_disagree_about_two_writers_unless_all_is_ordered) {
  const results acquired = explore({[](variables& all) { all.x.store(1, release); },
                                    [](variables& all) { all.y.store(1, release); },
                                    [](variables& all) {
                                      all.seen[0] = all.x.load(acquire);
                                      all.seen[1] = all.y.load(acquire);
                                    },
                                    [](variables& all) {
                                      all.seen[2] = all.y.load(acquire);
                                      all.seen[3] = all.x.load(acquire);
                                    }});
  EXPECT_THAT(acquired, Contains(ElementsAre(1, 0, 1, 0)));
  EXPECT_EQ(acquired.size(), 16U);
  const results ordered =
      explore({[](variables& all) { all.x.store(1); }, [](variables& all) { all.y.store(1); },
               [](variables& all) {
                 all.seen[0] = all.x.load();
                 all.seen[1] = all.y.load();
               },
               [](variables& all) {
                 all.seen[2] = all.y.load();
                 all.seen[3] = all.x.load();
               }});
  EXPECT_THAT(ordered, Not(Contains(ElementsAre(1, 0, 1, 0))));
  EXPECT_EQ(ordered.size(), 15U);
}

/// The difference between C++20 and C++11: the single order need not agree with what a mere acquire
/// has seen of it. An unordered load of a value that another thread stored in that order does not
/// help.
TEST(explorer_memory_model, lets_the_single_order_disagree_with_what_was_only_acquired) {
  const body store = [](variables& all) { all.x.store(1); };
  const body look = [](variables& all) {
    all.seen[0] = all.y.load();
    all.seen[1] = all.x.load();
  };
  const body acquired = [](variables& all) {
    if (all.x.load(acquire) == 1) all.y.store(1);
  };
  // The thread `look` has not acquired y's store through anything but the store itself.
  EXPECT_THAT(explore({store, acquired, look}), Not(Contains(ElementsAre(1, 0, 0, 0))));
  const body dekker = [](variables& all) {
    if (all.x.load(acquire) != 1) return;
    all.seen[3] = 1;
    all.seen[0] = all.y.load();
  };
  const body other = [](variables& all) {
    all.y.store(1);
    all.seen[1] = all.x.load();
    all.seen[2] = 1;
  };
  EXPECT_THAT(explore({store, dekker, other}), Contains(ElementsAre(0, 0, 1, 1)));
  const body ordered = [](variables& all) {
    if (all.x.load() != 1) return;
    all.seen[3] = 1;
    all.seen[0] = all.y.load();
  };
  EXPECT_THAT(explore({store, ordered, other}), Not(Contains(ElementsAre(0, 0, 1, 1))));
}

TEST(explorer_memory_model, exchanges_the_newest_value_or_fails_with_another_one) {
  const body take = [](variables& all) {
    std::uint64_t expected = 0;
    const bool taken = all.x.compare_exchange_strong(expected, 1);
    all.seen[taken ? 0 : 1] += 1;
  };
  EXPECT_THAT(explore({take, take}), UnorderedElementsAre(ElementsAre(1, 1, 0, 0)));
  // The second one may still fail with 1 after the value was 0 again.
  EXPECT_THAT(explore({[](variables& all) {
                         all.x.store(1, relaxed);
                         all.x.store(0, relaxed);
                         all.y.store(1, relaxed);
                       },
                       [](variables& all) {
                         all.seen[0] = all.y.load(relaxed);
                         all.seen[1] = 0;
                         if (!all.x.compare_exchange_strong(all.seen[1], 2, relaxed)) return;
                         all.seen[2] = 1;
                       }}),
              Contains(ElementsAre(1, 1, 0, 0)));
}

TEST(explorer_mutex, lets_one_in_and_shows_it_what_the_other_did) {
  const body add = [](variables& all) {
    all.guard.lock();
    const std::uint64_t before = all.x.load(relaxed);
    all.x.store(before + 1, relaxed);
    all.seen[before] = before + 1;
    all.guard.unlock();
  };
  EXPECT_THAT(explore({add, add}), UnorderedElementsAre(ElementsAre(1, 2, 0, 0)));
}

TEST(explorer_search, finds_what_needs_a_preemption_only_where_there_may_be_one) {
  const body add_twice = [](variables& all) {
    const std::uint64_t first = all.x.fetch_add(1);
    if (all.x.fetch_add(1) != first + 1) all.seen[0] = 1;
  };
  EXPECT_THAT(explore({add_twice, add_twice}, std::optional(0U)),
              UnorderedElementsAre(ElementsAre(0, 0, 0, 0)));
  EXPECT_THAT(explore({add_twice, add_twice}, std::optional(1U)),
              Contains(ElementsAre(1, 0, 0, 0)));
}

TEST(explorer_search, finds_all_outcomes_of_readers_and_reclaimer_with_less_work) {
  for (const scenario& each :
       {scenario{.readers = 1, .versions = 2, .pins = 2, .keep = true},
        scenario{.readers = 1, .versions = 2, .pins = 1, .keep = true, .separate = true}}) {
    SCOPED_TRACE(describe(each));
    const figures reduced = explore_all(each, search(search::reduction::full), 0);
    const figures simple = explore_all(each, search(search::reduction::sleep_sets), 0);
    EXPECT_EQ(reduced.outcomes, simple.outcomes);
    EXPECT_LT(reduced.points, simple.points);
  }
  // Only the smallest scenario is small enough without any reduction.
  const scenario smallest{.readers = 1, .versions = 1, .pins = 1};
  EXPECT_EQ(explore_all(smallest, search(search::reduction::full), 0).outcomes,
            explore_all(smallest, search(search::reduction::none), 0).outcomes);
}

}  // namespace

}  // namespace explore
