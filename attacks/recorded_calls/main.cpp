// Records the system calls of a real process with strace, and cuts the power at each of them: the
// calls are repeated on the simulated disk, and what it may then contain is opened and judged.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "model/mismatch.hpp"
#include "power_cut/fates.hpp"
#include "power_cut/judge.hpp"
#include "recorded_calls/recording.hpp"
#include "recorded_calls/workloads.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using model::require;
using testing::memory_file_system;
using kind = recorded_call::kind;

constexpr int states_per_call = 3;

/// The simulated disk on which the calls of a recording are repeated.
class replayed_disk {
 public:
  replayed_disk(std::string folder, const buntdb::clock& clock) : folder_(std::move(folder)) {
    disk_.set_clock(clock);
  }

  memory_file_system& disk() noexcept { return disk_; }

  std::string simulated(const std::string& path) const {
    return std::string("/data") + path.substr(folder_.size());
  }

  void apply(const recorded_call& call) {
    if (call.what == kind::said) return;
    const std::string path = simulated(call.path);
    switch (call.what) {
      case kind::create:
        file_of(path);
        break;
      case kind::write:
        require(file_of(path).write_at(call.offset, call.bytes) == call.bytes.size(),
                "the simulated disk takes less");
        break;
      case kind::truncate:
        file_of(path).truncate(call.offset);
        break;
      case kind::sync:
        file_of(path).sync();
        break;
      case kind::sync_folder:
        disk_.sync_folder_of(std::string(attacked_path));
        break;
      case kind::rename:
        disk_.rename(path, simulated(call.to));
        open_.erase(path);
        open_.erase(simulated(call.to));
        break;
      case kind::remove:
        disk_.remove(path);
        open_.erase(path);
        break;
      case kind::said:
        break;
    }
  }

 private:
  io::file& file_of(const std::string& path) {
    auto& file = open_[path];
    if (file == nullptr) file = disk_.open(path, io::open_mode::read_write);
    return *file;
  }

  std::string folder_;
  memory_file_system disk_;
  std::map<std::string, std::unique_ptr<io::file>> open_;
};

/// The states that may be there, according to the output of the process.
class said_so_far {
 public:
  said_so_far(model::state first, std::string policy, std::uint64_t history)
      : policy_(std::move(policy)), history_(history), states_{std::move(first)} {}

  void hear(const std::string& words) {
    std::istringstream in(words);
    std::string word;
    for (std::uint64_t number = 0; in >> word >> number;) {
      if (word == "try" && number == states_.size()) {
        states_.push_back(states_.back());
        apply_batch(make_batch(history_, number, recorded_shape), states_.back());
      }
      if (word == "durable" || (word == "ack" && policy_ == "always")) floor_ = number;
    }
  }

  allowed now() const { return {states_, floor_, states_.size() - 1}; }

 private:
  std::string policy_;
  std::uint64_t history_;
  std::vector<model::state> states_;
  std::size_t floor_ = 0;
};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void attack(const workload& what, const std::string& policy, std::uint64_t seed, figures& counts) {
  const buntstore::testing::temporary_folder temporary;
  const std::string folder = std::filesystem::canonical(temporary.path()).string();
  const std::string path = folder + "/app.db";
  const testing::fake_clock clock;
  replayed_disk replayed(folder, clock);
  said_so_far said(what.prepare(path, seed), policy, seed);
  if (std::filesystem::exists(path)) {
    replayed.disk().put(attacked_path, content_of(path), clock.now());
  }
  const auto calls = record(folder, {std::filesystem::read_symlink("/proc/self/exe").string(),
                                     "--workload", what.name, path, policy, std::to_string(seed)});
  model::random_source random(seed);
  for (const recorded_call& call : calls) {
    replayed.apply(call);
    if (call.what == kind::said) said.hear(call.bytes);
    counts.add("calls");
    for (int i = 0; i < states_per_call; ++i) {
      try {
        judge(*cut_power(replayed.disk(), random), clock, said.now(), random, counts);
      } catch (const std::exception& problem) {
        throw model::mismatch(std::string(what.name) + ", policy " + policy + ": " +
                              problem.what());
      }
    }
  }
  // Otherwise it would be a different disk.
  require(replayed.disk().content(attacked_path) == content_of(path),
          std::string(what.name) + ": the recorded calls do not make the file that is there");
  counts.add("recordings");
}

int work(char** words) {
  for (const workload& each : all_workloads()) {
    if (each.name != std::string_view(words[2])) continue;
    try {
      each.run(words[3], words[4], std::stoull(words[5]));
      return 0;
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s: %s\n", each.name, failure.what());
      return 1;
    }
  }
  return 2;
}

}  // namespace

int main(int count, char** words) {
  if (count == 6 && std::string_view(words[1]) == "--workload") return work(words);
  return run(count, words,
             {.name = "recorded_calls",
              .about = "a power cut at every system call that a real process was seen to make",
              .default_rounds = all_workloads().size(),
              .parallel = false},
             [](std::uint64_t seed, figures& counts) {
               const workload& what = all_workloads()[seed % all_workloads().size()];
               for (const char* policy : {"always", "every_second", "never"})
                 attack(what, policy, seed, counts);
             });
}
