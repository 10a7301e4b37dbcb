// scs_races: random interleavings of requests on one visitor's sessions. Exit status: 0, no rule
// was broken; 1, a rule was broken, and the steps were printed; 2, a wrong option.

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "broken_stores.hpp"
#include "raced_stores.hpp"
#include "races.hpp"

namespace {

struct arguments {
  std::uint64_t interleavings = 1000;
  std::uint64_t seed = 1;
  std::string store{};   // empty: all
  std::string broken{};  // empty: none
};

[[noreturn]] void explain() {
  std::fputs("usage: scs_races [--interleavings N] [--seed S] [--store NAME] [--broken NAME]\n",
             stderr);
  std::fputs("  --store NAME   only this one of:", stderr);
  for (const auto& [name, factory] : races::raced_stores())
    std::fprintf(stderr, " %s", name.c_str());
  std::fputs("\n  --broken NAME  on a store with a fault, to see that it is noticed, one of:\n",
             stderr);
  for (const std::string& name : races::broken_names())
    std::fprintf(stderr, "                 %s\n", name.c_str());
  std::exit(2);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) explain();
  return value;
}

arguments parse(int count, char** words) {
  arguments wanted;
  for (int i = 1; i < count; i += 2) {
    if (i + 1 == count) explain();
    const std::string_view option = words[i];
    const std::string_view value = words[i + 1];
    if (option == "--interleavings") {
      wanted.interleavings = number(value);
    } else if (option == "--seed") {
      wanted.seed = number(value);
    } else if (option == "--store") {
      wanted.store = value;
    } else if (option == "--broken") {
      wanted.broken = value;
      bool known = false;
      for (const std::string& name : races::broken_names())
        known = known || name == value;
      if (!known) explain();
    } else {
      explain();
    }
  }
  return wanted;
}

/// Returns whether no rule was broken.
bool race(const std::string& name, const test::make_store_fixture& factory,
          const arguments& wanted) {
  const auto begun = std::chrono::steady_clock::now();
  const races::outcome all = races::race(factory, wanted.seed, wanted.interleavings, wanted.broken);
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::printf(
      "%s: seeds %llu to %llu, %zu switches, %zu commits, %zu conflicts, %zu updates, %zu "
      "renewals, %zu sessions begun on tombstones, %zu logouts, %zu found gone, %zu failures of "
      "the store, %zu visits by iterate(), %zu merges, %zu logins over the limit, %zu loads that "
      "met a "
      "watermark; %.1f s\n",
      name.c_str(), static_cast<unsigned long long>(wanted.seed),
      static_cast<unsigned long long>(wanted.seed + all.interleavings - 1), all.pauses,
      all.counted.commits, all.counted.conflicts, all.counted.updates, all.counted.renewals,
      all.counted.begun_anew, all.counted.logouts, all.counted.gone, all.counted.failures,
      all.counted.visits, all.counted.merges, all.counted.over_limit, all.counted.revoked, took);
  if (!all.failed_seed) return true;
  std::printf("%s: seed %llu breaks the rules: %s\n%s", name.c_str(),
              static_cast<unsigned long long>(*all.failed_seed), all.violation.c_str(),
              all.trace.c_str());
  std::printf("again: scs_races --store %s --interleavings 1 --seed %llu%s%s\n", name.c_str(),
              static_cast<unsigned long long>(*all.failed_seed),
              wanted.broken.empty() ? "" : " --broken ", wanted.broken.c_str());
  return false;
}

}  // namespace

int main(int count, char** words) {
  try {
    const arguments wanted = parse(count, words);
    bool known = false;
    bool well = true;
    for (const auto& [name, factory] : races::raced_stores()) {
      if (!wanted.store.empty() && wanted.store != name) continue;
      known = true;
      well = race(name, factory, wanted) && well;
    }
    if (!known) explain();
    return well ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "scs_races: %s\n", failure.what());
    return 2;
  }
}
