#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "contenders/all.hpp"
#include "contenders/bunt.hpp"
#include "harness/histogram.hpp"
#include "harness/peer.hpp"
#include "harness/settle.hpp"
#include "harness/temporary_folder.hpp"
#include "limits/bare_file.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

using clock = std::chrono::steady_clock;

struct beside {
  double total_ns = 0;    ///< of the concurrent work
  double longest_ns = 0;  ///< of one operation meanwhile
  double waits = 0;       ///< how often the thread gave up its core voluntarily, because it waited
};

double voluntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_nvcsw);
}

/// Does the other work in a separate thread, and calls once(i) repeatedly until that work is done.
template <class Other, class Once>
beside measure_beside(Other other, Once once) {
  std::atomic<bool> over{false};
  beside result;
  std::jthread thread([&] {
    result.total_ns = time_of(other).wall_ns;
    over = true;
  });
  const double waits = voluntary_switches();
  clock::time_point before = clock::now();
  for (std::size_t i = 0; !over; ++i) {
    once(i);
    const clock::time_point after = clock::now();
    result.longest_ns = std::max(result.longest_ns, ns_between(before, after));
    before = after;
  }
  result.waits = voluntary_switches() - waits;
  return result;
}

/// What the disk alone achieves: writes as many bytes as a compaction, synced every 32 MiB. Returns
/// the longest sync.
double write_and_sync(const std::filesystem::path& path, std::size_t bytes) {
  constexpr std::size_t piece = std::size_t{1} << 20U;
  constexpr std::size_t between_syncs = 32;
  const std::vector<char> buffer(piece, 'x');
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  double longest = 0;
  for (std::size_t i = 0; file >= 0 && i <= bytes / piece; ++i) {
    if (::write(file, buffer.data(), piece) != static_cast<ssize_t>(piece)) break;
    if (i % between_syncs == between_syncs - 1 || i == bytes / piece) {
      longest = std::max(longest, time_of([&] { ::fdatasync(file); }).wall_ns);
    }
  }
  ::close(file);
  ::unlink(path.c_str());
  return longest;
}

constexpr std::string_view alone = "compact";
constexpr std::string_view reader = "longest find beside a compaction";
constexpr std::string_view reader_waits = "waits of finds beside a compaction";
constexpr std::string_view writer = "longest save beside a compaction";

bool wants_any(const run& run, std::string_view contender) {
  return run.wants(alone, contender) || run.wants(reader, contender) ||
         run.wants(writer, contender);
}

/// buntdb with all sessions, and the work that it and others do meanwhile.
class compaction_bench {
 public:
  explicit compaction_bench(run& run)
      : run_(run),
        data_(run.sessions),
        numbers_(data_.pick_numbers(std::min<std::size_t>(run.sessions, 100'000), 1000)) {
    store_.open();
    link_ = store_.connect();
    for (std::size_t i = 0; i < data_.size(); ++i)
      link_->save(data_.request(i));
  }

  void compact_alone() {
    settle();
    run_.add(alone, ours, unit::nanoseconds, time_of(compact_).wall_ns);
  }

  void compact_beside_finds() {
    settle();
    std::uint64_t sum = 0;
    const beside reads = measure_beside(
        compact_, [&](std::size_t i) { sum += link_->find(keys_[i % keys_.size()].text()); });
    consume(sum);
    run_.add(reader, ours, unit::nanoseconds, reads.longest_ns);
    run_.add(reader_waits, ours, unit::count, reads.waits);
  }

  void compact_beside_saves() {
    settle();
    const beside writes = measure_beside(
        compact_, [&](std::size_t i) { link_->save(requests_[i % requests_.size()]); });
    run_.add(writer, ours, unit::nanoseconds, writes.longest_ns);
  }

  /// Measures what no compaction can avoid.
  void write_beside_syncs() {
    settle();
    double longest_sync = 0;
    const auto bytes = static_cast<std::size_t>(store_.database().stats().live_bytes);
    const beside bare_writes =
        measure_beside([&] { longest_sync = write_and_sync(folder_.path() / "copy", bytes); },
                       [&](std::size_t) { bare_.append(); });
    run_.add(writer, "write(2)", unit::nanoseconds, bare_writes.longest_ns);
    run_.add(writer, "one sync", unit::nanoseconds, longest_sync);
  }

  /// Call it before shrink_in_go().
  void fill_go() {
    data_.write(folder_.path() / "sessions");
    write_numbers(folder_.path() / "numbers", numbers_);
    go_.emplace(go_buntdb, folder_.path(), folder_.path() / "sessions");
    go_->ask("open");
    go_->ask("fill_in_batches 0 " + std::to_string(run_.sessions));
  }

  void shrink_in_go() {
    const std::string those =
        " " + std::to_string(numbers_.size()) + " " + (folder_.path() / "numbers").string();
    settle();
    run_.add(alone, go_->name(), unit::nanoseconds, go_->ask("shrink").at("wall_ns"));
    settle();
    run_.add(reader, go_->name(), unit::nanoseconds,
             go_->ask("shrink_reader" + those).at("longest"));
    settle();
    run_.add(writer, go_->name(), unit::nanoseconds,
             go_->ask("shrink_writer" + those).at("longest"));
  }

 private:
  run& run_;
  temporary_folder folder_{run_.folder};
  session_data data_;
  std::vector<std::uint32_t> numbers_;
  std::vector<token> keys_ = data_.at(numbers_);
  std::vector<save_request> requests_ = requests_for(data_, keys_, 1);
  bunt_contender store_{folder_.path()};
  std::unique_ptr<connection> link_;
  std::function<void()> compact_ = [this] { store_.database().compact(); };
  std::optional<peer> go_;
  bare_file bare_{folder_.path() / "bare"};
};

}  // namespace

void measure_compaction(run& run) {
  const bool there = !peer::program().empty() && wants_any(run, go_buntdb.name);
  if (!there && !wants_any(run, ours)) return;
  compaction_bench compactions(run);
  if (there) compactions.fill_go();
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    compactions.compact_alone();
    compactions.compact_beside_finds();
    compactions.compact_beside_saves();
    compactions.write_beside_syncs();
    if (there) compactions.shrink_in_go();
  }
}

}  // namespace bench
