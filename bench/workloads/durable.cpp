#include <algorithm>
#include <array>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "contenders/all.hpp"
#include "harness/parallel.hpp"
#include "harness/peer.hpp"
#include "harness/settle.hpp"
#include "limits/bare_file.hpp"
#include "limits/bare_group_commit.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

constexpr std::string_view limit = "write + fdatasync";
constexpr std::string_view shared_limit = "bare group commit";
constexpr std::string_view one_thread = "durable save, 1 thread, 64 under way";

struct crew {
  const char* workload;
  unsigned writers;
};
constexpr std::array crews = {crew{"durable save", 1}, crew{"durable save, 16 writers", 16},
                              crew{"durable save, 64 writers", 64}};

/// Returns how many saves each of them makes: enough that the beginning and the end do not matter.
std::size_t saves_of_each(const crew& crew, const run& run) {
  return std::max(run.amount(160) / crew.writers, run.amount(20)) + 1;
}

/// One thread that keeps this many commits under way.
void save_asynchronously(buntdb::database& db, const std::vector<save_request>& requests,
                         std::size_t max_under_way) {
  std::deque<std::future<void>> under_way;
  for (const save_request& request : requests) {
    if (under_way.size() == max_under_way) {
      under_way.front().get();
      under_way.pop_front();
    }
    buntdb::transaction tx = db.begin();
    tx.set(request.key, request.value, {.ttl = request.ttl});
    under_way.push_back(tx.commit_async());
  }
  for (std::future<void>& each : under_way)
    each.get();
}

/// The contenders that can promise it, beginning with an empty store: the disk decides, not the
/// tree.
class durable_round {
 public:
  explicit durable_round(run& run)
      : run_(run),
        folder_(run.folder / "durable"),
        data_(std::min<std::size_t>(run.sessions, 10'000)) {
    std::filesystem::create_directory(folder_);
    for (auto& each : all_contenders(folder_, data_.size(), promise::always)) {
      each->open();
      std::vector<std::unique_ptr<connection>> links;
      for (unsigned i = 0; i < crews.back().writers; ++i)
        links.push_back(each->connect());
      here_.push_back({std::move(each), std::move(links)});
    }
    if (!peer::program().empty()) {
      data_.write(folder_ / "sessions");
      for (const peer::setup& setup : {go_buntdb, go_bbolt}) {
        peers_.push_back(std::make_unique<peer>(setup, folder_, folder_ / "sessions", true));
        peers_.back()->ask("open");
      }
    }
  }
  ~durable_round() {
    for (store& each : here_) {
      each.links.clear();
      each.contender->close();
    }
  }

  void save_with(const crew& crew, unsigned round) {
    const std::size_t each = saves_of_each(crew, run_);
    const std::size_t total = each * crew.writers;
    const std::vector<std::uint32_t> numbers = data_.pick_numbers(total, 700 + round);
    const std::vector<token> keys = data_.at(numbers);
    const std::vector<save_request> requests = requests_for(data_, keys, round);
    const auto count = here_.size() + peers_.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t turn = (round + i) % count;
      const std::string name = turn < here_.size() ? name_of(*here_[turn].contender)
                                                   : peers_[turn - here_.size()]->name();
      if (!run_.wants(crew.workload, name)) continue;
      settle();
      double ns = 0;
      if (turn < here_.size()) {
        ns = parallel_ns(crew.writers, [&](unsigned writer) {
          connection& link = *here_[turn].links[writer];
          for (std::size_t k = 0; k < each; ++k)
            link.save(requests[writer * each + k]);
        });
      } else {
        write_numbers(folder_ / "numbers", numbers);
        ns = peers_[turn - here_.size()]
                 ->time("overwrite " + std::to_string(crew.writers) + " " + std::to_string(total) +
                        " " + (folder_ / "numbers").string() + " " + std::to_string(round))
                 .wall_ns;
      }
      run_.add(crew.workload, name, unit::nanoseconds, ns / static_cast<double>(total));
    }
  }

  const std::filesystem::path& folder() const noexcept { return folder_; }
  const session_data& data() const noexcept { return data_; }

 private:
  struct store {
    std::unique_ptr<bench::contender> contender;
    std::vector<std::unique_ptr<connection>> links;
  };
  static std::string name_of(const contender& one) {
    return one.name() == ours ? "buntdb, always" : one.name();
  }

  run& run_;
  std::filesystem::path folder_;
  session_data data_;
  std::vector<store> here_;
  std::vector<std::unique_ptr<peer>> peers_;
};

}  // namespace

void measure_durable(run& run) {
  constexpr std::array all = {"buntdb, always",   "LMDB",        "LevelDB",    "RocksDB",
                              "SQLite",           "BuntDB (Go)", "bbolt (Go)", "write + fdatasync",
                              "bare group commit"};
  const bool wanted = run.wants(one_thread, "buntdb, always") ||
                      std::any_of(crews.begin(), crews.end(), [&](const crew& crew) {
                        return std::any_of(all.begin(), all.end(), [&](const char* name) {
                          return run.wants(crew.workload, name);
                        });
                      });
  if (!wanted) return;
  durable_round turns(run);
  bare_file file(turns.folder() / "bare");
  bare_group_commit shared(turns.folder() / "shared");
  buntdb::database asynchronous = buntdb::database::open(turns.folder() / "asynchronous.db",
                                                         {.sync = buntdb::sync_policy::always});
  const std::size_t saves = run.amount(160);
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    if (run.wants("durable save", limit)) {
      settle();
      const timing taken = time_of([&] {
        for (std::size_t i = 0; i < saves; ++i)
          file.append_and_sync();
      });
      run.add("durable save", limit, unit::nanoseconds, taken.wall_ns / static_cast<double>(saves));
    }
    for (const crew& crew : crews) {
      turns.save_with(crew, round);
      if (crew.writers == 1 || !run.wants(crew.workload, shared_limit)) continue;
      settle();
      const std::size_t each = saves_of_each(crew, run);
      const double ns = parallel_ns(crew.writers, [&](unsigned) {
        for (std::size_t i = 0; i < each; ++i)
          shared.append_and_sync();
      });
      run.add(crew.workload, shared_limit, unit::nanoseconds,
              ns / static_cast<double>(each * crew.writers));
    }
    if (run.wants(one_thread, "buntdb, always")) {
      const std::vector<token> keys = turns.data().pick(saves * 8, 900 + round);
      const std::vector<save_request> requests = requests_for(turns.data(), keys, round);
      const timing taken = time_of([&] { save_asynchronously(asynchronous, requests, 64); });
      run.add(one_thread, "buntdb, always", unit::nanoseconds,
              taken.wall_ns / static_cast<double>(requests.size()));
    }
  }
}

}  // namespace bench
