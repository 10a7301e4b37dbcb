#include "stores/engines/redis_faults.hpp"

#include <sstream>
#include <string>
#include <utility>

namespace buntdb::attacks::stores {

namespace {

using servers_function = std::function<std::vector<test::redis_server*>()>;

/// Lets the servers refuse every write that needs memory.
void fill_memory(round_state& round, const std::vector<test::redis_server*>& servers) {
  for (test::redis_server* const each : servers)
    each->command({"CONFIG", "SET", "maxmemory", "1"});
  round.conditions.full_since = now().time_since_epoch().count();
  round.let_run(round.some(300, 1500));
  round.conditions.full_since = 0;
  for (test::redis_server* const each : servers)
    each->command({"CONFIG", "SET", "maxmemory", "0"});
}

/// Removes half of the users' index entries, as an eviction or a failover may do.
void lose_index_entries(round_state& round, const std::vector<test::redis_server*>& servers) {
  round.model().index_losses_begin();
  for (test::redis_server* const each : servers) {
    std::istringstream keys{each->command({"KEYS", "*u:user*"})};
    for (std::string key; keys >> key;) {
      if (round.random.one_in(2)) each->command({"DEL", key});
    }
  }
  round.model().index_losses_end();
  round.let_run(round.some(500, 1500));
}

}  // namespace

std::vector<fault> common_redis_faults(servers_function masters) {
  std::vector<fault> all;
  all.push_back({"clients disconnected", [masters](round_state& round) {
                   for (int i = 0; i < 5 && !round.is_over(); ++i) {
                     for (test::redis_server* const each : masters())
                       each->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
                     round.let_run(round.some(10, 100));
                   }
                 }});
  all.push_back({"scripts forgotten", [masters](round_state& round) {
                   for (int i = 0; i < 5 && !round.is_over(); ++i) {
                     for (test::redis_server* const each : masters())
                       each->command({"SCRIPT", "FLUSH"});
                     round.let_run(round.some(10, 100));
                   }
                 }});
  all.push_back({"full memory", [masters](round_state& round) { fill_memory(round, masters()); }});
  all.push_back({"index entries lost",
                 [masters](round_state& round) { lose_index_entries(round, masters()); }});
  all.push_back(slightly_wrong_clock());
  add_wrong_clocks(all);
  return all;
}

void heal_redis(test::redis_server& server) {
  server.thaw();
  server.command({"CONFIG", "SET", "maxmemory", "0"});
}

}  // namespace buntdb::attacks::stores
