// Sessions in real servers that fail: threads make the requests of browsers through two web
// servers, faults are injected meanwhile, and every answer is compared with what was acknowledged
// before its request. model.hpp lists what must hold.

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stores/engines/engine.hpp"
#include "stores/round.hpp"
#include "stores/service/bunt_service.hpp"
#include "support/run.hpp"

namespace {

using namespace buntdb::attacks;
using namespace buntdb::attacks::stores;

struct known_store {
  std::string_view name;
  std::unique_ptr<engine> (*make)();
};

constexpr known_store known_stores[] = {
    {"redis", make_redis},
    {"redis_cluster", make_redis_cluster},
    {"postgres", make_postgres},
    {"near_cache", make_near_cache},
    {"bunt", make_bunt},
    {"redis_tls", make_redis_tls},
    {"redis_sentinel", make_redis_sentinel},
    {"redis_postgres_move", make_redis_postgres_move},
    {"bunt_redis_move", make_bunt_redis_move},
    {"memory_redis_move", make_memory_redis_move},
};

/// Options that not every attack has.
struct choice {
  std::string store{};
  round_options round{};
  std::vector<char*> rest{};
};

[[noreturn]] void refuse(const std::string& what) {
  std::cerr << "stores: " << what
            << "\nOptions of its own: [--store redis|redis_cluster|postgres|near_cache|bunt|"
               "redis_tls|redis_sentinel|redis_postgres_move|bunt_redis_move|memory_redis_move] "
               "[--fault NAME] "
               "[--round-seconds N] [--threads N] [--max-sessions N]\n";
  std::exit(2);
}

int number_in(const std::string& option, const std::string& value) {
  try {
    return std::stoi(value);
  } catch (const std::exception&) {
    refuse(option + " needs a number");
  }
}

choice parse(int count, char** words) {
  choice chosen{.rest = {words[0]}};
  for (int i = 1; i < count; ++i) {
    const std::string option = words[i];
    const bool ours = option == "--store" || option == "--fault" || option == "--round-seconds" ||
                      option == "--threads" || option == "--max-sessions";
    if (!ours) {
      chosen.rest.push_back(words[i]);
      continue;
    }
    if (++i == count) refuse(option + " needs a value");
    const std::string value = words[i];
    if (option == "--store") {
      chosen.store = value;
    } else if (option == "--fault") {
      chosen.round.only_fault = value;
    } else if (option == "--threads") {
      chosen.round.threads = number_in(option, value);
    } else if (option == "--max-sessions") {
      chosen.round.max_sessions = number_in(option, value);
    } else {
      chosen.round.length = std::chrono::seconds{number_in(option, value)};
    }
  }
  return chosen;
}

std::vector<known_store> stores_of(const choice& chosen) {
  std::vector<known_store> found;
  for (const known_store& each : known_stores) {
    if (chosen.store.empty() || chosen.store == each.name) found.push_back(each);
  }
  if (found.empty()) refuse("no store '" + chosen.store + "'");
  return found;
}

}  // namespace

int main(int count, char** words) {
  if (is_bunt_service(count, words)) return serve_bunt(words);
  // A kill loses nothing that a real disk would have kept, and this folder is faster.
  if (std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  choice chosen = parse(count, words);
  const std::vector<known_store> among = stores_of(chosen);
  std::map<std::string_view, std::unique_ptr<engine>> engines;
  return run(static_cast<int>(chosen.rest.size()), chosen.rest.data(),
             {.name = "stores",
              .about = "sessions in real servers that fail: nothing acknowledged is lost, nothing "
                       "that ended is alive",
              .default_rounds = among.size(),
              .parallel = false},
             [&](std::uint64_t seed, figures& counts) {
               const known_store& at = among[(seed - 1) % among.size()];
               std::unique_ptr<engine>& servers = engines[at.name];
               if (!servers) servers = at.make();
               run_round(*servers, std::string(at.name), seed, chosen.round, counts);
             });
}
