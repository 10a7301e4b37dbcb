#include "stores/engines/engine.hpp"
#include "stores/engines/proxy.hpp"

namespace buntdb::attacks::stores {

void add_network_faults(std::vector<fault>& all, proxy& network) {
  all.push_back({"connections cut", [&network](round_state& round) {
                   for (int i = 0; i < 10 && !round.is_over(); ++i) {
                     network.cut();
                     round.let_run(round.some(5, 50));
                   }
                 }});
  all.push_back({"answers cut", [&network](round_state& round) {
                   for (int i = 0; i < 10 && !round.is_over(); ++i) {
                     network.cut_answers();
                     round.let_run(round.some(5, 50));
                   }
                 }});
  all.push_back({"network delayed", [&network](round_state& round) {
                   network.delay(round.some(20, 700));
                   round.let_run(round.some(300, 2000));
                   network.delay({});
                 }});
  all.push_back({"network held up", [&network](round_state& round) {
                   network.hold(true);
                   round.let_run(round.some(200, 2000));
                   network.hold(false);
                 }});
  all.push_back({"connections dead without a sign", [&network](round_state& round) {
                   network.drop(true);
                   round.let_run(round.some(200, 1500));
                   network.drop(false);
                 }});
}

void heal_network(proxy& network) {
  network.delay({});
  network.hold(false);
  network.drop(false);
  network.cut();
}

}  // namespace buntdb::attacks::stores
