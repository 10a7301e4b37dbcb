#include "raced_stores.hpp"

#include <memory>

#include <buntdb/database.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/near_cache.hpp>

#include "moving/two_stores.hpp"

namespace races {

namespace {

test::make_store_fixture memory() {
  return test::on_a_turned_clock(
      [](const scs::clock& clock) { return scs::stores::memory{{.clock = &clock}}; });
}

/// A store and its database, which has no file.
class bunt_in_memory {
 public:
  explicit bunt_in_memory(const scs::clock& clock)
      : db_(buntdb::database::in_memory({.clock = &clock})) {}
  operator scs::store&() noexcept { return store_; }

 private:
  buntdb::database db_;
  scs::stores::bunt store_{db_};
};

}  // namespace

const std::vector<std::pair<std::string, test::make_store_fixture>>& raced_stores() {
  static const std::vector<std::pair<std::string, test::make_store_fixture>> all{
      {"memory", memory()},
      {"bunt",
       test::on_a_turned_clock([](const scs::clock& clock) { return bunt_in_memory{clock}; })},
      {"near_cache", test::on_a_turned_clock([](const scs::clock& clock) {
         return scs::stores::near_cache{
             std::make_unique<scs::stores::memory>(scs::stores::memory_options{.clock = &clock}),
             {.clock = &clock}};
       })},
      {"moving", test::moving_between(memory(), memory())},
  };
  return all;
}

}  // namespace races
