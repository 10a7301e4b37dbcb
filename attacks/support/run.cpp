#include "support/run.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace buntdb::attacks {

namespace {

struct arguments {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> rounds;
  std::optional<std::uint64_t> seconds;
  std::optional<std::pair<std::string, std::uint64_t>> until;
  std::uint64_t jobs = 1;
};

[[noreturn]] void explain(const description& what, int status) {
  (status == 0 ? std::cout : std::cerr)
      << what.name << ": " << what.about
      << "\nOptions: [--seed S] [--rounds N] [--seconds N] [--until FIGURE=N] [--jobs N]\n"
         "Without a limit: "
      << what.default_rounds << " rounds.\n";
  std::exit(status);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

arguments parse(int count, char** words, const description& what) {
  arguments result;
  for (int i = 1; i < count; i += 2) {
    const std::string_view option = words[i];
    if (option == "--help") explain(what, 0);
    if (i + 1 == count) explain(what, 2);
    std::string_view value = words[i + 1];
    std::string figure;
    if (option == "--until") {
      const std::size_t equals = value.find('=');
      if (equals == std::string_view::npos) explain(what, 2);
      figure = value.substr(0, equals);
      value.remove_prefix(equals + 1);
    }
    const auto number = number_in(value);
    if (!number) explain(what, 2);
    if (option == "--seed") {
      result.seed = *number;
    } else if (option == "--rounds") {
      result.rounds = *number;
    } else if (option == "--seconds") {
      result.seconds = *number;
    } else if (option == "--until") {
      result.until.emplace(figure, *number);
    } else if (option == "--jobs") {
      result.jobs = std::max<std::uint64_t>(1, *number);
    } else {
      explain(what, 2);
    }
  }
  if (!result.rounds && !result.seconds && !result.until) result.rounds = what.default_rounds;
  if (!what.parallel) result.jobs = 1;
  return result;
}

/// What the threads that run rounds share.
class runner {
 public:
  runner(const description& what, const arguments& wanted, const round_function& round)
      : what_(what), wanted_(wanted), round_(round) {}

  int run() {
    std::vector<std::thread> helpers;
    for (std::uint64_t i = 1; i < wanted_.jobs; ++i)
      helpers.emplace_back([this] { work(); });
    work();
    for (std::thread& each : helpers)
      each.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    std::cout << what_.name << ": " << counts_.text() << "; " << done_ << " rounds from seed "
              << wanted_.seed << ", " << std::fixed << std::setprecision(1) << took.count()
              << " s\n";
    if (why_skipped_) {
      std::cout << what_.name << ": SKIPPED, which is no pass: " << *why_skipped_ << '\n';
      return exit_skipped;
    }
    return failed_ ? 1 : 0;
  }

 private:
  bool goes_on(std::uint64_t index) const {
    if (stopped_) return false;
    if (wanted_.rounds && index >= *wanted_.rounds) return false;
    if (wanted_.seconds &&
        std::chrono::steady_clock::now() - begin_ >= std::chrono::seconds(*wanted_.seconds)) {
      return false;
    }
    return !wanted_.until || counts_.get(wanted_.until->first) < wanted_.until->second;
  }

  void work() {
    for (;;) {
      const std::uint64_t index = next_++;
      if (!goes_on(index)) return;
      const std::uint64_t seed = wanted_.seed + index;
      try {
        round_(seed, counts_);
        ++done_;
      } catch (const skipped& why) {
        const std::lock_guard lock(mutex_);
        why_skipped_ = why.what();
        stopped_ = true;
      } catch (const std::exception& violation) {
        const std::lock_guard lock(mutex_);
        std::cout << what_.name << " --seed " << seed
                  << " --rounds 1: VIOLATION: " << violation.what() << std::endl;
        failed_ = true;
        stopped_ = true;
      }
    }
  }

  const description& what_;
  const arguments& wanted_;
  const round_function& round_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  figures counts_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::optional<std::string> why_skipped_;
};

}  // namespace

int run(int count, char** words, const description& what, const round_function& round) {
  const arguments wanted = parse(count, words, what);
  return runner(what, wanted, round).run();
}

}  // namespace buntdb::attacks
