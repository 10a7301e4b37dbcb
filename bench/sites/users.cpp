#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/database.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

#include "harness/timing.hpp"
#include "sites/sites.hpp"

namespace bench::sites {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t payload_size = 241;

/// A kind of user ids.
struct user_ids {
  const char* name;
  std::string (*make)(std::uint64_t number);
};

/// Cheap, because the time to make a name is part of what is measured.
std::string uuid(std::uint64_t number) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "00000000-0000-4000-a000-000000000000";
  for (char& c : text) {
    if (c != '0') continue;
    number = number * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    c = digits[number >> 60U];
  }
  return text;
}

constexpr std::array<user_ids, 4> kinds{{
    {"without a user", [](std::uint64_t) { return std::string(); }},
    {"1000001", [](std::uint64_t number) { return std::to_string(1'000'000 + number); }},
    {"user-1000001",
     [](std::uint64_t number) { return "user-" + std::to_string(1'000'000 + number); }},
    {"a UUID", uuid},
}};

/// Returns a payload as json_codec writes it. All have the same size: without a user, the data is
/// longer.
std::string payload_of(std::string_view user, std::uint64_t number) {
  const std::string text = user.empty() ? "" : R"(,"user":")" + std::string(user) + '"';
  std::string payload =
      R"({"data":{"count":)" + std::to_string(1'000'000 + number) + R"(,"text":")";
  payload.append(payload_size - payload.size() - text.size() - 3, 'x');
  return payload + "\"}" + text + '}';
}

struct figures {
  double memory = 0;
  std::vector<double> save;
  std::vector<double> change;
};

/// A database with a store of sessions whose users are of one kind.
class users_site {
 public:
  users_site(const options& options, const user_ids& kind, const std::string& file)
      : kind_(kind),
        sessions_(options.sessions),
        db_(buntdb::database::open(options.folder / file, {.sync = buntdb::sync_policy::never})),
        store_(db_) {
    // Makes the index of users. It costs nothing for sessions that it does not contain.
    store_.for_each_of_user("nobody", [](const auto&, const auto&) { return scs::visit::next; });
  }

  double save_all() {
    const std::uint64_t before = db_.stats().memory_bytes;
    const timing taken = time_of([&] {
      for (std::uint64_t i = 0; i < sessions_; ++i)
        save(i);
    });
    memory_ =
        static_cast<double>(db_.stats().memory_bytes - before) / static_cast<double>(sessions_);
    return taken.wall_ns / static_cast<double>(sessions_);
  }

  double memory() const noexcept { return memory_; }

  /// Saves new sessions.
  double save_more(std::size_t count) {
    const timing taken = time_of([&] {
      for (std::size_t i = 0; i < count; ++i)
        save(sessions_ + more_++);
    });
    return taken.wall_ns / static_cast<double>(count);
  }

  double change(std::size_t count, unsigned round) {
    std::mt19937_64 random(round);
    const timing taken = time_of([&] {
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t number = random() % sessions_;
        const auto id = scs::session_id::from_text(id_text(number));
        const auto found = store_.find(id);
        store_.commit(id, payload_of(kind_.make(number), round + i), expiry_, found->revision,
                      kind_.make(number));
      }
    });
    return taken.wall_ns / static_cast<double>(count);
  }

 private:
  void save(std::uint64_t number) {
    const std::string user = kind_.make(number);
    store_.commit(scs::session_id::from_text(id_text(number)), payload_of(user, number), expiry_,
                  std::nullopt, user);
  }

  const user_ids& kind_;
  std::size_t sessions_;
  std::uint64_t more_ = 0;
  buntdb::database db_;
  scs::stores::bunt store_;
  scs::time_point expiry_ = std::chrono::system_clock::now() + 24h;
  double memory_ = 0;
};

}  // namespace

void measure_users(const options& options) {
  // Beyond this, one database at a time: all four would take too much memory.
  constexpr std::size_t most_at_once = 2'000'000;
  std::array<figures, kinds.size()> all;
  std::array<std::unique_ptr<users_site>, kinds.size()> sites;
  const std::size_t count = options.amount(50'000);
  const auto measure = [&](std::size_t i, unsigned round) {
    all[i].save.push_back(sites[i]->save_more(count));
    all[i].change.push_back(sites[i]->change(count, round));
  };
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    sites[i] = std::make_unique<users_site>(options, kinds[i], "users" + std::to_string(i));
    sites[i]->save_all();
    all[i].memory = sites[i]->memory();
    if (options.sessions <= most_at_once) continue;
    for (unsigned round = 0; round < options.rounds; ++round)
      measure(i, round);
    sites[i].reset();
  }
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < kinds.size() && options.sessions <= most_at_once; ++i)
      measure(i, round);
  }
  std::printf("\n%zu sessions with a payload of %zu bytes, by what their users are called\n",
              options.sessions, payload_size);
  std::printf("%-16s %12s %14s %10s %10s\n", "users", "bytes each", "for the user", "save",
              "change");
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    std::printf("%-16s %12.1f %14.1f %7.2f us %7.2f us\n", kinds[i].name, all[i].memory,
                all[i].memory - all[0].memory, median(all[i].save) / 1000,
                median(all[i].change) / 1000);
  }
}

}  // namespace bench::sites
