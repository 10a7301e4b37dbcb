#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <scs/stores/moving.hpp>

#include "fixtures/store_fixture.hpp"
#include "store_front.hpp"

namespace test {

/// A server of a site that moves its sessions: `moving` over stores that others use, too.
inline std::unique_ptr<scs::stores::moving> server_between(scs::store& from, scs::store& to,
                                                           scs::stores::moving_stage stage,
                                                           const scs::clock& clock) {
  return std::make_unique<scs::stores::moving>(
      std::make_unique<store_front>(from), std::make_unique<store_front>(to),
      scs::stores::moving_options{.stage = stage, .clock = &clock});
}

/// Two servers in adjacent stages. One creates records in the old store, and the other one does
/// everything else, so that each record moves when it is changed.
class servers_of_two_stages final : public store_front {
 public:
  servers_of_two_stages(scs::store& from, scs::store& to, const scs::clock& clock)
      : servers_of_two_stages(server_between(from, to, scs::stores::moving_stage::prepare, clock),
                              server_between(from, to, scs::stores::moving_stage::move, clock)) {}

  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    scs::store& asked = expected_revision ? inner_ : *before_;
    return asked.commit(id, payload, expiry, expected_revision, user);
  }

 private:
  servers_of_two_stages(std::unique_ptr<scs::stores::moving> before,
                        std::unique_ptr<scs::stores::moving> after)
      : store_front(*after), before_(std::move(before)), after_(std::move(after)) {}

  const std::unique_ptr<scs::stores::moving> before_, after_;
};

/// A fixture over two stores, each made with the clock of the first.
class moving_fixture final : public store_fixture {
 public:
  moving_fixture(std::unique_ptr<store_fixture> from, std::unique_ptr<store_fixture> to)
      : from_(std::move(from)),
        to_(std::move(to)),
        servers_(from_->store(), to_->store(), clock()) {}

  scs::store& store() override { return servers_; }
  const scs::clock& clock() const override { return from_->clock(); }
  bool advance(std::chrono::nanoseconds duration) override {
    const bool both_can = from_->advance({}) && to_->advance({});
    if (!both_can) return false;
    from_->advance(duration);
    to_->advance(duration);
    return true;
  }

 private:
  const std::unique_ptr<store_fixture> from_, to_;
  servers_of_two_stages servers_;
};

inline make_store_fixture moving_between(make_store_fixture from, make_store_fixture to) {
  return [=] { return std::make_unique<moving_fixture>(from(), to()); };
}

}  // namespace test
