// Measures how long no process can write while one process takes over a database from another one:
//
//     bench_takeover [ITEMS] [ROUNDS] [FOLDER]
//
// A child has the database and sets an item each millisecond. It is asked to end, and closes the
// database; this process waits for the lock meanwhile. The measured time is from the last commit of
// the child to the first one of this process.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <buntdb/database.hpp>

namespace {

using namespace std::chrono_literals;
using moment = std::chrono::steady_clock::time_point;

volatile std::sig_atomic_t asked_to_end = 0;

/// Sets a session as the store keeps it: under `h:` and 43 random characters.
void set_session(buntdb::transaction& tx, std::mt19937_64& random) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr int token_size = 43;
  constexpr std::size_t payload_size = 200;
  std::string key = "h:";
  for (int i = 0; i < token_size; ++i)
    key += digits[random() % 64];
  tx.set(key, std::string(payload_size, 'v'), {.expires_at = tx.now() + 24h});
}

void fill(const std::string& path, int items) {
  constexpr int batch = 1000;
  std::mt19937_64 random(1);
  buntdb::database db = buntdb::database::open(path, {.sync = buntdb::sync_policy::never});
  for (int done = 0; done < items; done += batch) {
    db.update([&](buntdb::transaction& tx) {
      for (int i = 0; i < std::min(batch, items - done); ++i)
        set_session(tx, random);
    });
  }
}

/// Has the database and writes until it is asked to end; then reports when it last committed.
int write_until_asked(const std::string& path, int result) {
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  std::mt19937_64 random(static_cast<std::uint64_t>(::getpid()));
  buntdb::database db = buntdb::database::open(path);
  moment last{};
  const auto tell = [&] { return ::write(result, &last, sizeof last) == sizeof last; };
  if (!tell()) return 1;
  while (asked_to_end == 0) {
    db.update([&](buntdb::transaction& tx) { set_session(tx, random); });
    last = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(1ms);
  }
  db.close({.may_compact = false});
  return tell() ? 0 : 1;
}

moment read_moment(int from) {
  moment told{};
  if (::read(from, &told, sizeof told) != sizeof told)
    throw std::runtime_error("the child has failed");
  return told;
}

std::chrono::duration<double, std::milli> take_over(const std::string& path) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(write_until_asked(path, ends[1]));
  ::close(ends[1]);
  read_moment(ends[0]);  // it has the database
  std::thread asks([child] {
    std::this_thread::sleep_for(3s);  // so that the file is loaded by then
    ::kill(child, SIGTERM);
  });
  buntdb::database db = buntdb::database::open(path, {.lock_timeout = 60s});
  db.set("first", "commit");
  const moment first = std::chrono::steady_clock::now();
  asks.join();
  const moment last = read_moment(ends[0]);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  db.close({.may_compact = false});
  return first - last;
}

void run(int items, int rounds, const std::filesystem::path& folder) {
  const std::string path = folder / ("takeover-" + std::to_string(::getpid()) + ".db");
  fill(path, items);
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round)
    times.push_back(take_over(path).count());
  std::filesystem::remove(path);
  std::sort(times.begin(), times.end());
  std::printf("%d items, %d rounds: without a writer for %.1f ms (median), %.1f to %.1f ms\n",
              items, rounds, times[times.size() / 2], times.front(), times.back());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int items = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 9;
    if (items < 1 || rounds < 1) throw std::invalid_argument("two numbers from 1 on are needed");
    run(items, rounds, argc > 3 ? argv[3] : std::filesystem::temp_directory_path());
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "bench_takeover: %s\n", problem.what());
    return 1;
  }
  return 0;
}
