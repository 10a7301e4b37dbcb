#include "bench/bench_runs.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <buntdb/database.hpp>

namespace {

using std::chrono::nanoseconds;
using steady = std::chrono::steady_clock;

constexpr std::size_t measurements = 10;
/// How many operations go by between two looks at the clock.
constexpr std::uint64_t between_looks = 64;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The same numbers in every run, from a seed: xorshift64*, by G. Marsaglia and S. Vigna.
class random_numbers {
 public:
  std::uint64_t next() noexcept {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 0x2545F4914F6CDD1DU;
  }

 private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15U;
};

std::string session_key(random_numbers& random) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string key = "h:";
  for (int i = 0; i < 43; ++i)
    key += letters[random.next() >> 58U];
  return key;
}

/// What a session of a logged-in user takes with scs.
std::string session_payload(std::uint64_t number) {
  std::string text =
      R"({"data":{"cart":[17,4711,99],"csrf":"q7cT0xJvWn2mB8sYzK4dLg","locale":"de-CH",)"
      R"("message":"Welcome back!"},"deadline":1900000000000000000,"user":"user-)";
  text += std::to_string(10'000'000 + number % 1'000'000);
  text += R"(","created":1800000000000000000,"where":"192.0.2.1","seen":1800000000000000000})";
  return text;
}

/// A folder of our own, removed in the end.
class working_folder {
 public:
  explicit working_folder(const std::filesystem::path& parent) {
    std::string name = (parent / "buntdb-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("cannot make a folder in " + parent.string());
    path_ = name;
  }
  ~working_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  working_folder(const working_folder&) = delete;
  working_folder& operator=(const working_folder&) = delete;

  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class plain_file {
 public:
  explicit plain_file(const std::filesystem::path& path)
      : name_(path),
        number_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (number_ < 0) fail("cannot create " + name_);
  }
  ~plain_file() { ::close(number_); }
  plain_file(const plain_file&) = delete;
  plain_file& operator=(const plain_file&) = delete;

  void append(std::string_view bytes) const {
    const ssize_t written = ::write(number_, bytes.data(), bytes.size());
    if (written < 0) fail("writing " + name_);
    if (static_cast<std::size_t>(written) != bytes.size()) {
      errno = ENOSPC;
      fail("writing " + name_);
    }
  }
  void sync() const {
    if (::fdatasync(number_) != 0) fail("syncing " + name_);
  }

 private:
  std::string name_;
  int number_;
};

/// Bytes that malloc has given out; empty where it does not say (sanitizers).
std::optional<std::uint64_t> allocated() {
  const auto info = ::mallinfo2();
  const std::uint64_t bytes = info.uordblks + info.hblkhd;
  return bytes == 0 ? std::nullopt : std::optional<std::uint64_t>(bytes);
}

class bench {
 public:
  bench(const bench_settings& settings, const bench_watcher& watcher)
      : settings_(settings), watcher_(watcher), folder_(settings.folder) {
    random_numbers random;
    keys_.reserve(settings.sessions);
    for (std::uint64_t i = 0; i < settings.sessions; ++i) {
      keys_.push_back(session_key(random));
      if (i % (between_looks * between_looks) == 0) look(0);
    }
  }

  bench_report run() {
    report_.payload_bytes = session_payload(0).size();
    floors();
    map();
    database();
    durable();
    return std::move(report_);
  }

 private:
  enum class timing { together, each };

  /// Does it for the measurement's share of the time, and at most so often.
  template <class Operation>
  std::uint64_t measure(std::string name, std::string description, std::uint64_t at_most,
                        timing how, Operation operation) {
    const nanoseconds share = settings_.duration / measurements;
    bench_result result{std::move(name), std::move(description), 0, {}, {}, {}};
    std::vector<nanoseconds> times;
    const auto begin = steady::now();
    auto now = begin;
    while (result.operations < at_most) {
      const auto before = how == timing::each ? steady::now() : now;
      operation(result.operations);
      ++result.operations;
      if (how == timing::each) {
        now = steady::now();
        times.push_back(now - before);
      } else if (result.operations % between_looks != 0) {
        continue;
      } else {
        now = steady::now();
      }
      look(std::min(
          1.0, static_cast<double>((now - begin).count()) / static_cast<double>(share.count())));
      if (now - begin >= share) break;
    }
    result.elapsed = steady::now() - begin;
    if (!times.empty()) {
      std::sort(times.begin(), times.end());
      result.median = times[times.size() / 2];
      result.p99 = times[times.size() * 99 / 100];
    }
    ++done_;
    report_.results.push_back(std::move(result));
    return report_.results.back().operations;
  }

  void look(double part_of_this) {
    if (!watcher_((static_cast<double>(done_) + part_of_this) / measurements)) {
      throw bench_stopped();
    }
  }

  /// What a session takes in the file, about.
  std::string record() const { return std::string(63 + 40, 'x') + keys_[0] + session_payload(0); }

  void floors() {
    const std::string bytes = record();
    const plain_file file(folder_ / "write");
    measure("write", "write(2) of as many bytes", settings_.sessions, timing::together,
            [&](std::uint64_t) { file.append(bytes); });
    const plain_file synced(folder_ / "fdatasync");
    measure("write_and_fdatasync", "the same, and fdatasync(2)", settings_.sessions, timing::each,
            [&](std::uint64_t) {
              synced.append(bytes);
              synced.sync();
            });
  }

  void map() {
    const auto before = allocated();
    std::unordered_map<std::string, std::string> sessions;
    const std::uint64_t count =
        measure("map_save", "std::unordered_map: insert", settings_.sessions, timing::together,
                [&](std::uint64_t i) { sessions.emplace(keys_[i], session_payload(i)); });
    const auto after = allocated();
    if (before && after && *after > *before) {
      report_.map_memory_per_session =
          static_cast<double>(*after - *before) / static_cast<double>(count);
    }
    random_numbers random;
    measure("map_find", "std::unordered_map: find", no_limit, timing::together,
            [&](std::uint64_t) { found(sessions.contains(keys_[random.next() % count])); });
  }

  void database() {
    const std::filesystem::path path = folder_ / "sessions.db";
    buntdb::database db = buntdb::database::open(path.string());
    const std::uint64_t count =
        measure("save", "a new session, as one transaction", settings_.sessions, timing::together,
                [&](std::uint64_t i) { save(db, i); });
    report_.sessions = count;
    const buntdb::statistics figures = db.stats();
    report_.memory_per_session =
        static_cast<double>(figures.memory_bytes) / static_cast<double>(count);
    report_.file_bytes = figures.file_bytes;
    random_numbers random;
    measure("find", "find a session and copy it", no_limit, timing::together, [&](std::uint64_t) {
      const buntdb::snapshot view = db.begin_read();
      const auto value = view.get(keys_[random.next() % count]);
      found(value.has_value());
      copy_.assign(*value);
    });
    measure("overwrite", "save a session again", no_limit, timing::together,
            [&](std::uint64_t) { save(db, random.next() % count); });
    const buntdb::snapshot view = db.begin_read();
    auto range = view.ascend();
    auto at = range.begin();
    std::uint64_t bytes = 0;
    measure("ascend", "go from a session to the next one", no_limit, timing::together,
            [&](std::uint64_t) {
              if (at == range.end()) {
                range = view.ascend();
                at = range.begin();
              }
              bytes += (*at).value.size();
              ++at;
            });
    found(bytes > 0);
  }

  void durable() {
    buntdb::database db = buntdb::database::open((folder_ / "durable.db").string(),
                                                 {.sync = buntdb::sync_policy::always});
    measure("durable_save", "save, on disk when it returns (sync: always)", settings_.sessions,
            timing::each, [&](std::uint64_t i) { save(db, i); });
  }

  void save(buntdb::database& db, std::uint64_t i) {
    buntdb::transaction tx = db.begin();
    tx.set(keys_[i], session_payload(i), {.ttl = std::chrono::hours(24)});
    tx.commit();
  }

  static void found(bool is_there) {
    if (!is_there) throw std::runtime_error("a session that was stored is not there");
  }

  static constexpr std::uint64_t no_limit = ~std::uint64_t{0};

  const bench_settings& settings_;
  const bench_watcher& watcher_;
  working_folder folder_;
  std::vector<std::string> keys_;
  std::size_t done_ = 0;  ///< measurements
  std::string copy_;
  bench_report report_;
};

}  // namespace

double bench_result::per_second() const noexcept {
  const auto nanoseconds = static_cast<double>(elapsed.count());
  return nanoseconds > 0 ? static_cast<double>(operations) * 1e9 / nanoseconds : 0;
}

bench_report run_bench(const bench_settings& settings, const bench_watcher& watcher) {
  return bench(settings, watcher).run();
}
