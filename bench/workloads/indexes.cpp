#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/buntdb.hpp>

#include "contenders/all.hpp"
#include "harness/peer.hpp"
#include "harness/settle.hpp"
#include "harness/temporary_folder.hpp"
#include "workloads/index_data.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

/// One index over as many items as there are sessions, here and in Go, measured in turn.
class indexed_pair {
 public:
  indexed_pair(run& run, std::string kind, std::size_t sets_a_round)
      : run_(run),
        kind_(std::move(kind)),
        folder_(run.folder),
        sets_(sets_a_round),
        data_(run.sessions + sets_a_round * run.options.repeat),
        db_(buntdb::database::open(folder_.path() / "buntdb.db")) {
    if (kind_ == "json") {
      db_.create_index("ages", {.pattern = "*", .order = {buntdb::by_json("age")}});
    } else {
      db_.create_spatial_index("map", {.pattern = "*"});
    }
    constexpr std::size_t batch = 1000;
    for (std::size_t from = 0; from < run.sessions; from += batch) {
      db_.update([&](buntdb::transaction& tx) {
        for (std::size_t i = from; i < std::min(run.sessions, from + batch); ++i)
          tx.set(data_.key(i).text(), value_of(i));
      });
    }
    if (peer::program().empty()) return;
    data_.write(folder_.path() / "sessions");
    go_.emplace(go_buntdb, folder_.path(), folder_.path() / "sessions");
    go_->ask("open");
    go_->ask("index_create " + kind_);
    go_->ask("index_fill " + kind_ + " 0 " + std::to_string(run.sessions));
  }

  /// Sets new items, one commit each.
  void set(std::string_view workload, unsigned round) {
    const std::size_t from = run_.sessions + round * sets_;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < sets_; ++i)
      values.push_back(value_of(from + i));
    in_turns(workload, round, sets_,
             "index_set " + kind_ + " " + std::to_string(from) + " " + std::to_string(from + sets_),
             [&] {
               for (std::size_t i = 0; i < sets_; ++i)
                 db_.set(data_.key(from + i).text(), values[i]);
             });
  }

  template <class Work>
  void in_turns(std::string_view workload, unsigned round, std::size_t count,
                const std::string& request, Work work) {
    for (unsigned i = 0; i < 2; ++i) {
      settle();
      // All sets happen, whatever the filter says: the two must have the same content.
      if ((round + i) % 2 == 0) {
        const timing taken = time_of(work);
        if (run_.wants(workload, ours)) run_.add(workload, ours, taken, count);
      } else if (go_) {
        const timing taken = go_->time(request);
        if (run_.wants(workload, go_->name())) run_.add(workload, go_->name(), taken, count);
      }
    }
  }

  const buntdb::database& db() const noexcept { return db_; }

 private:
  std::string value_of(std::size_t i) const {
    return kind_ == "json" ? document(data_, i) : point_text(i);
  }

  run& run_;
  std::string kind_;
  temporary_folder folder_;
  std::size_t sets_;
  session_data data_;
  buntdb::database db_;
  std::optional<peer> go_;
};

bool wants_any(const run& run, std::string_view workload) {
  return run.wants(workload, ours) || run.wants(workload, go_buntdb.name);
}

void measure_spatial(run& run) {
  const std::size_t count = run.amount(4'000);
  // A square of this side has about a hundred points.
  const auto side = static_cast<std::uint64_t>(
      static_cast<double>(world) * std::sqrt(100.0 / static_cast<double>(run.sessions)));
  constexpr unsigned neighbors = 10;
  indexed_pair pair(run, "spatial", run.amount(10'000));
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    pair.set("spatial set", round);
    const std::size_t first = round * count;
    std::vector<std::string> areas;
    std::vector<std::string> centers;
    for (std::size_t i = 0; i < count; ++i) {
      areas.push_back(area_text(first + i, side));
      centers.push_back(point_text(queries + first + i));
    }
    const std::string some = std::to_string(first) + " " + std::to_string(count) + " ";
    pair.in_turns("spatial intersects 100", round, count,
                  "intersects " + some + std::to_string(side), [&] {
                    std::uint64_t sum = 0;
                    for (const std::string& area : areas) {
                      const buntdb::snapshot view = pair.db().begin_read();
                      auto found = view.intersects("map", area);
                      for (auto at = found.begin(); at != found.end(); ++at)
                        ++sum;
                    }
                    consume(sum);
                  });
    pair.in_turns("spatial nearby 10", round, count, "nearby " + some + std::to_string(neighbors),
                  [&] {
                    std::uint64_t sum = 0;
                    for (const std::string& center : centers) {
                      const buntdb::snapshot view = pair.db().begin_read();
                      auto found = view.nearby("map", center);
                      unsigned left = neighbors;
                      for (auto at = found.begin(); at != found.end() && left > 0; ++at, --left)
                        sum += static_cast<std::uint64_t>((*at).distance);
                    }
                    consume(sum);
                  });
  }
}

}  // namespace

void measure_indexes(run& run) {
  constexpr std::string_view json = "set with a JSON index";
  if (wants_any(run, json)) {
    indexed_pair pair(run, "json", run.amount(10'000));
    for (unsigned round = 0; round < run.options.repeat; ++round)
      pair.set(json, round);
  }
  if (wants_any(run, "spatial set") || wants_any(run, "spatial intersects 100") ||
      wants_any(run, "spatial nearby 10")) {
    measure_spatial(run);
  }
}

}  // namespace bench
