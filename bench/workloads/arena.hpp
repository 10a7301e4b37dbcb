#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "contenders/all.hpp"
#include "harness/run.hpp"
#include "harness/session_data.hpp"
#include "limits/bare_file.hpp"
#include "limits/dependent_loads.hpp"

namespace bench {

/// All contenders, open at once and filled with the same sessions, so that each round can ask one
/// after the other.
class arena {
 public:
  /// One that takes part, with the connection of the main thread.
  struct competitor {
    std::unique_ptr<contender> store;
    std::unique_ptr<connection> link;
  };

  explicit arena(bench::run& run);

  bench::run& run() noexcept { return run_; }
  const session_data& data() const noexcept { return data_; }
  bare_file& file() noexcept { return file_; }
  dependent_loads& loads() {
    if (!loads_) loads_.emplace(data_.size() * bytes_per_session);
    return *loads_;
  }

  /// Calls measure(competitor) for each whose figure for the workload is wanted, beginning with
  /// another one in each round.
  template <class Measure>
  void each(unsigned round, std::string_view workload, Measure measure) {
    for (std::size_t i = 0; i < competitors_.size(); ++i) {
      competitor& next = competitors_[(round + i) % competitors_.size()];
      if (run_.wants(workload, next.store->name())) measure(next);
    }
  }

  /// The same, timing work(connection) and adding the figure for one operation.
  template <class Work>
  void time_each(unsigned round, std::string_view workload, std::size_t operations, Work work) {
    each(round, workload, [&](competitor& next) {
      run_.add(workload, next.store->name(), time_of([&] { work(*next.link); }), operations);
    });
  }

  std::vector<competitor>& competitors() noexcept { return competitors_; }

 private:
  // What buntdb takes for one: the chain of loads goes over as much memory.
  static constexpr std::size_t bytes_per_session = 330;

  bench::run& run_;
  session_data data_;
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
