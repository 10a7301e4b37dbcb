#include "conformance/conformance.hpp"

#include <string>

#include <buntdb/database.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>

#include "moving/two_stores.hpp"

namespace test {

namespace {

class bunt_without_a_file {
 public:
  explicit bunt_without_a_file(const scs::clock& clock)
      : db_(buntdb::database::in_memory({.clock = &clock})) {}
  operator scs::store&() noexcept { return store_; }

 private:
  buntdb::database db_;
  scs::stores::bunt store_{db_};
};

make_store_fixture memory() {
  return on_a_turned_clock(
      [](const scs::clock& clock) { return scs::stores::memory{{.clock = &clock}}; });
}

make_store_fixture bunt() {
  return on_a_turned_clock([](const scs::clock& clock) { return bunt_without_a_file{clock}; });
}

INSTANTIATE_TEST_SUITE_P(moving, store_conformance,
                         testing::Values(moving_between(memory(), bunt()),
                                         moving_between(bunt(), memory())),
                         [](const auto& which) {
                           return std::string{which.index == 0 ? "memory_to_bunt"
                                                               : "bunt_to_memory"};
                         });

}  // namespace

}  // namespace test
