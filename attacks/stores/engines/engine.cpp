#include "stores/engines/engine.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "support/command.hpp"
#include "support/run.hpp"

namespace buntdb::attacks::stores {

void round_state::let_run(std::chrono::milliseconds time) const {
  std::this_thread::sleep_until(std::min(until, now() + time));
}

void require_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (std::filesystem::exists(name)) return;
  } else if (run_command({"sh", "-c", "command -v " + name}).status == 0) {
    return;
  }
  throw skipped("there is no " + name + " here");
}

fault slightly_wrong_clock() {
  return {"clock a little wrong", [](round_state& round) {
            machine_clock& clock = *round.conditions.servers.back().clock;
            clock.set_ahead(round.random.one_in(2) ? std::chrono::seconds{3}
                                                   : std::chrono::seconds{-3});
            round.let_run(round.some(300, 2000));
            clock.set_ahead({});
          }};
}

void add_wrong_clocks(std::vector<fault>& all) {
  using namespace std::chrono_literals;
  const auto add = [&](const char* name, std::chrono::seconds ahead) {
    all.push_back({name, [ahead](round_state& round) {
                     const std::size_t server = round.conditions.servers.size() - 1;
                     machine_clock& clock = *round.conditions.servers[server].clock;
                     round.model().clock_is_wrong(server);
                     clock.set_ahead(ahead);
                     round.let_run(round.some(500, 2000));
                     clock.set_ahead({});
                     round.model().clock_is_right(server);
                   }});
  };
  add("clock a minute ahead", 50s);
  add("clock a day ahead", 25h);
}

}  // namespace buntdb::attacks::stores
