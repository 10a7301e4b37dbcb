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

std::string uuid(std::uint64_t number) {
  std::mt19937_64 random(number);
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-a%03x-%012llx",
                static_cast<unsigned>(random() >> 32U), static_cast<unsigned>(random() & 0xffffU),
                static_cast<unsigned>(random() & 0xfffU), static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned long long>(random() >> 16U));
  return text.data();
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
  std::array<figures, kinds.size()> all;
  std::vector<std::unique_ptr<users_site>> sites;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    sites.push_back(std::make_unique<users_site>(options, kinds[i], "users" + std::to_string(i)));
    sites.back()->save_all();
    all[i].memory = sites.back()->memory();
  }
  const std::size_t count = options.amount(50'000);
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      all[i].save.push_back(sites[i]->save_more(count));
      all[i].change.push_back(sites[i]->change(count, round));
    }
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
