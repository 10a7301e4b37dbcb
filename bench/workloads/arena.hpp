#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contenders/all.hpp"
#include "harness/parallel.hpp"
#include "harness/peer.hpp"
#include "harness/run.hpp"
#include "harness/session_data.hpp"
#include "harness/settle.hpp"
#include "limits/bare_file.hpp"
#include "limits/dependent_loads.hpp"

namespace bench {

/// All contenders, open at the same time and filled with the same sessions, so that each round can
/// measure one after the other.
class arena {
 public:
  /// One contender: in this process, with a connection for each thread, or as a peer in its own
  /// process.
  struct competitor {
    std::string name;
    bool is_ordered;
    bool fills_in_batches;
    unsigned pace;
    std::unique_ptr<contender> store;
    std::vector<std::unique_ptr<connection>> links;
    std::unique_ptr<bench::peer> peer;

    connection& link(unsigned thread = 0) { return *links[thread]; }
    /// Returns how many operations it does when the fastest one does this many.
    std::size_t share(std::size_t operations) const { return operations / pace + 1; }
  };

  static constexpr unsigned threads = 2;

  explicit arena(bench::run& run);
  ~arena();

  bench::run& run() noexcept { return run_; }
  const session_data& data() const noexcept { return data_; }
  bare_file& file() noexcept { return file_; }
  dependent_loads& loads() {
    if (!loads_) loads_.emplace(data_.size() * bytes_per_session);
    return *loads_;
  }

  /// Picks random sessions for one round, for all contenders: returns the keys, and writes their
  /// numbers to a file for the peers.
  std::vector<token> pick(std::size_t count, std::uint64_t seed) {
    const std::vector<std::uint32_t> numbers = data_.pick_numbers(count, seed);
    write_numbers(numbers_file_, numbers);
    return data_.at(numbers);
  }
  /// Picks more of them, in a second file.
  std::vector<token> pick_more(std::size_t count, std::uint64_t seed) {
    const std::vector<std::uint32_t> numbers = data_.pick_numbers(count, seed);
    write_numbers(more_numbers_file_, numbers);
    return data_.at(numbers);
  }
  std::string numbers() const { return " " + numbers_file_.string(); }
  std::string more_numbers() const { return " " + more_numbers_file_.string(); }

  /// Calls measure(competitor) for each one whose figure for the workload is wanted, beginning with
  /// a different one in each round. Waits before each until the background work of the previous one
  /// is done.
  template <class Measure>
  void each(unsigned round, std::string_view workload, Measure measure) {
    for (std::size_t i = 0; i < competitors_.size(); ++i) {
      competitor& next = competitors_[(round + i) % competitors_.size()];
      if (!run_.wants(workload, next.name)) continue;
      settle();
      measure(next);
    }
  }

  /// Does the same on this many threads, timing work(connection, from, count), which does `count`
  /// operations beginning with number `from`. Peers are sent "WORD THREADS COUNT" followed by
  /// `more`.
  template <class Work>
  void time_each(unsigned round, std::string_view workload, unsigned crew, std::size_t operations,
                 const std::string& word, const std::string& more, Work work) {
    each(round, workload, [&](competitor& next) {
      const std::size_t one = next.share(operations) / crew;
      if (next.peer) {
        run_.add(workload, next.name,
                 next.peer->time(word + " " + std::to_string(crew) + " " +
                                 std::to_string(one * crew) + more),
                 one * crew);
      } else if (crew == 1) {
        run_.add(workload, next.name, time_of([&] { work(next.link(), std::size_t{0}, one); }),
                 one);
      } else {
        const double ns =
            parallel_ns(crew, [&](unsigned thread) { work(next.link(thread), thread * one, one); });
        run_.add(workload, next.name, unit::nanoseconds, ns / static_cast<double>(one * crew));
      }
    });
  }

  std::vector<competitor>& competitors() noexcept { return competitors_; }

 private:
  // What buntdb takes for one session: the chain of loads covers as much memory.
  static constexpr std::size_t bytes_per_session = 310;

  bench::run& run_;
  session_data data_;
  std::filesystem::path numbers_file_;
  std::filesystem::path more_numbers_file_;
  std::vector<competitor> competitors_;
  bare_file file_;
  std::optional<dependent_loads> loads_;
};

/// Fills the arena; the last quarter of it in the rounds whose times are the figure for `save`.
void save_all(arena& arena);

// One round each.
void find_some(arena& arena, unsigned round);
void overwrite_some(arena& arena, unsigned round);
void mix_finds_and_overwrites(arena& arena, unsigned round);
void ascend_some(arena& arena, unsigned round);
void read_beside_a_batch_writer(arena& arena, unsigned round);

}  // namespace bench
