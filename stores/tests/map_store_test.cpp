// The store that the comment of scs/store.hpp shows.

#include "snippets/map_store.hpp"

#include "conformance/conformance.hpp"

namespace test {

namespace {

/// A map_store cannot be moved, so its fixture makes it in place.
class map_fixture final : public store_fixture {
 public:
  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return clock_; }
  bool advance(std::chrono::nanoseconds duration) override {
    clock_.advance(duration);
    return true;
  }

 private:
  session_clock clock_;
  map_store store_{clock_};
};

INSTANTIATE_TEST_SUITE_P(map, store_conformance,
                         testing::Values([] { return std::make_unique<map_fixture>(); }),
                         [](const auto&) { return "map"; });

}  // namespace

}  // namespace test
