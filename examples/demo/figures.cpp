#include "figures.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <utility>

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

std::chrono::nanoseconds average(std::chrono::nanoseconds time, std::uint64_t calls) {
  return calls == 0 ? 0ns : time / static_cast<std::int64_t>(calls);
}

}  // namespace

std::string to_json(const figures& second) {
  const auto member = [](const char* name, auto value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value);
  };
  return "{" + member("number", second.number) + "," +
         member("sessions", second.sessions) + "," + member("ended", second.ended) +
         "," + member("finds", second.finds) + "," + member("saves", second.saves) +
         "," + member("find_ns", second.find_time.count()) + "," +
         member("save_ns", second.save_time.count()) + "," +
         member("file_bytes", second.file_bytes) + "," +
         member("live_bytes", second.live_bytes) + "," +
         member("memory_bytes", second.memory_bytes) + "," +
         member("reserved_bytes", second.reserved_bytes) + "," +
         member("compactions", second.compactions) + "," +
         member("since_compaction_s", second.since_compaction.count()) + "}";
}

figure_recorder::figure_recorder(buntdb::database& database,
                                 std::vector<watched_manager> managers)
    : database_(database),
      managers_(std::move(managers)),
      changes_(database.watch({.values = false, .max_changes = 100'000})) {}

figure_recorder::~figure_recorder() = default;

void figure_recorder::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

std::vector<figures> figure_recorder::after(std::uint64_t number,
                                            std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] {
    return !seconds_.empty() && seconds_.back().number > number;
  });
  const auto newer =
      std::find_if(seconds_.begin(), seconds_.end(),
                   [&](const figures& second) { return second.number > number; });
  return {newer, seconds_.end()};
}

figures figure_recorder::latest() {
  const std::lock_guard lock(mutex_);
  return seconds_.empty() ? figures{} : seconds_.back();
}

void figure_recorder::run(const std::stop_token& stop) {
  for (auto next = steady::now(); !stop.stop_requested(); next += 1s) {
    try {
      figures second = take();
      const std::lock_guard lock(mutex_);
      second.number = seconds_.empty() ? 1 : seconds_.back().number + 1;
      seconds_.push_back(second);
      if (seconds_.size() > kept) seconds_.pop_front();
    } catch (const std::exception& problem) {
      std::cerr << "demo: no figures: " + std::string(problem.what()) + "\n";
    }
    changed_.notify_all();
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, next + 1s, [] { return false; });
  }
}

figures figure_recorder::take() {
  figures second;
  second.sessions = count_sessions();
  second.ended = count_ended();

  const totals finds = all_calls({scs::store_call::find});
  second.finds = finds.calls - finds_before_.calls;
  second.find_time = average(finds.time - finds_before_.time, second.finds);
  finds_before_ = finds;

  const totals saves = all_calls({scs::store_call::commit, scs::store_call::touch});
  second.saves = saves.calls - saves_before_.calls;
  second.save_time = average(saves.time - saves_before_.time, second.saves);
  saves_before_ = saves;

  const buntdb::statistics file = database_.stats();
  second.file_bytes = file.file_bytes;
  second.live_bytes = file.live_bytes;
  second.memory_bytes = file.memory_bytes;
  second.reserved_bytes = file.reserved_bytes;
  second.compactions = file.compactions;
  if (file.last_compaction) {
    second.since_compaction = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now() - *file.last_compaction);
  }
  return second;
}

std::uint64_t figure_recorder::count_sessions() const {
  std::uint64_t sum = 0;
  for (const watched_manager& manager : managers_)
    sum += manager.sessions->count().value_or(0);
  return sum;
}

// [count ended]
std::uint64_t figure_recorder::count_ended() {
  std::uint64_t ended = 0;
  while (const auto change = changes_.try_next()) {
    if (change->kind == buntdb::change_kind::erased ||
        change->kind == buntdb::change_kind::expired)
      ++ended;
  }
  return ended;
}
// [/count ended]

figure_recorder::totals figure_recorder::all_calls(
    std::initializer_list<scs::store_call> kinds) const {
  totals sum;
  for (const watched_manager& manager : managers_) {
    for (const scs::store_call kind : kinds) {
      const scs::metrics::durations calls = manager.counts->store_calls(kind);
      for (const std::uint64_t count : calls.counts)
        sum.calls += count;
      sum.time += calls.sum;
    }
  }
  return sum;
}
