#include <atomic>
#include <chrono>
#include <optional>
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
  double total_ns = 0;    ///< of what went on beside
  double longest_ns = 0;  ///< of one operation meanwhile
  double waits = 0;       ///< how often the thread gave its core away by itself: it waited
};

double voluntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_nvcsw);
}

/// Does the other thing in a thread of its own, and once(i) again and again until it is over.
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

/// What the disk alone makes of it: as many bytes as a compaction writes, synced every 32 MiB.
/// Gives the longest sync.
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

}  // namespace

void measure_compaction(run& run) {
  constexpr std::string_view alone = "compact";
  constexpr std::string_view reader = "longest find beside a compaction";
  constexpr std::string_view reader_waits = "waits of finds beside a compaction";
  constexpr std::string_view writer = "longest save beside a compaction";
  const bool here = run.wants(alone, ours) || run.wants(reader, ours) || run.wants(writer, ours);
  const bool there = !peer::program().empty() &&
                     (run.wants(alone, go_buntdb.name) || run.wants(reader, go_buntdb.name) ||
                      run.wants(writer, go_buntdb.name));
  if (!here && !there) return;

  const temporary_folder folder(run.folder);
  const session_data data(run.sessions);
  const std::size_t some = std::min<std::size_t>(run.sessions, 100'000);
  const std::vector<std::uint32_t> numbers = data.pick_numbers(some, 1000);
  const std::vector<token> keys = data.at(numbers);
  const std::vector<save_request> requests = requests_for(data, keys, 1);
  bunt_contender store(folder.path());
  store.open();
  const auto link = store.connect();
  for (std::size_t i = 0; i < data.size(); ++i)
    link->save(data.request(i));
  std::optional<peer> go;
  data.write(folder.path() / "sessions");
  write_numbers(folder.path() / "numbers", numbers);
  if (there) {
    go.emplace(go_buntdb, folder.path(), folder.path() / "sessions");
    go->ask("open");
    go->ask("fill_in_batches 0 " + std::to_string(run.sessions));
  }
  bare_file bare(folder.path() / "bare");
  const std::string those = " " + std::to_string(some) + " " + (folder.path() / "numbers").string();
  const auto compact = [&] { store.database().compact(); };
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    settle();
    run.add(alone, ours, unit::nanoseconds, time_of(compact).wall_ns);
    settle();
    std::uint64_t sum = 0;
    const beside reads =
        measure_beside(compact, [&](std::size_t i) { sum += link->find(keys[i % some].text()); });
    consume(sum);
    run.add(reader, ours, unit::nanoseconds, reads.longest_ns);
    run.add(reader_waits, ours, unit::count, reads.waits);
    settle();
    const beside writes =
        measure_beside(compact, [&](std::size_t i) { link->save(requests[i % some]); });
    run.add(writer, ours, unit::nanoseconds, writes.longest_ns);
    settle();
    double longest_sync = 0;
    const auto bytes = static_cast<std::size_t>(store.database().stats().live_bytes);
    const beside bare_writes =
        measure_beside([&] { longest_sync = write_and_sync(folder.path() / "copy", bytes); },
                       [&](std::size_t) { bare.append(); });
    run.add(writer, "write(2)", unit::nanoseconds, bare_writes.longest_ns);
    run.add(writer, "one sync", unit::nanoseconds, longest_sync);
    if (!go) continue;
    settle();
    run.add(alone, go->name(), unit::nanoseconds, go->ask("shrink").at("wall_ns"));
    settle();
    run.add(reader, go->name(), unit::nanoseconds, go->ask("shrink_reader" + those).at("longest"));
    settle();
    run.add(writer, go->name(), unit::nanoseconds, go->ask("shrink_writer" + those).at("longest"));
  }
}

}  // namespace bench
