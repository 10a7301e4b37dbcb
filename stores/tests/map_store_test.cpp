// The store that the comment of scs/store.hpp shows.

#include "snippets/map_store.hpp"

#include "conformance.hpp"
#include "session_clock.hpp"

namespace test {

namespace {

class map_fixture final : public store_fixture {
 public:
  scs::store& store() override { return store_; }
  scs::time_point now() override { return clock_.now(); }
  void advance(seconds duration) override { clock_.advance(duration); }

 private:
  session_clock clock_;
  map_store store_{clock_};
};

INSTANTIATE_TEST_SUITE_P(map, store_conformance,
                         testing::Values([] { return std::make_unique<map_fixture>(); }),
                         [](const auto&) { return "map"; });

}  // namespace

}  // namespace test
