#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <scs/error.hpp>

#include "redis/protocol/failure.hpp"
#include "redis/routing/router.hpp"
#include "redis/routing/sentinels.hpp"

namespace scs::stores::redis_detail {

namespace {

using std::chrono::milliseconds;

/// Between two tries during a failover.
constexpr milliseconds first_failover_pause{5};
constexpr milliseconds longest_failover_pause{100};

class sentinel_router final : public router {
 public:
  explicit sentinel_router(const settings& with) : settings_(with), sentinels_(with) {}

  reply call(const request& what, deadline until) override;
  std::shared_ptr<pool> server_of(std::string_view, deadline until) override {
    return confirmed(until).master();
  }
  layout current_layout(deadline until) override {
    const sentinels::view now = confirmed(until);
    return {.masters = {now.master()}, .version = now.version()};
  }

 private:
  class attempts;

  sentinels::view confirmed(deadline until) {
    try {
      return sentinels_.confirmed(until);
    } catch (const connection_failure& failure) {
      throw_failed(failure);
    }
  }

  const settings& settings_;
  sentinels sentinels_;
};

/// The tries of one request.
class sentinel_router::attempts {
 public:
  attempts(sentinel_router& owner, const request& what, deadline until)
      : owner_(owner), what_(what), until_(until) {}

  reply run() {
    for (;;) {
      try {
        const sentinels::view now =
            owner_.sentinels_.confirmed(until_, doubted_.master() ? &doubted_ : nullptr);
        if (reply answer = try_once(now)) return answer;
      } catch (const connection_failure& failure) {
        if (failure.done() == effect::unknown && what_.again == repeatable::no) {
          throw_failed(failure);
        }
        // An earlier reason says more than a last try that had too little time.
        if (reason_.empty() || !until_.passed()) reason_ = failure.what();
      }
      pause();
    }
  }

 private:
  /// Null: to be tried again.
  reply try_once(const sentinels::view& now) {
    doubted_ = now;  // unless it answers as a master does
    const redis_options& options = owner_.settings_.options;
    // A master that does not answer leaves time for its successor, if asking twice is allowed.
    const deadline end =
        what_.again == repeatable::yes ? until_.at_most(options.timeout / 2) : until_;
    const freshness wanted = std::exchange(next_, freshness::fresh);
    reply answer = send(*now.master(), what_, asking::no, options, end, wanted);
    next_ = freshness::any;
    const std::string name = now.master()->server().text();
    if (may_have_changed(*answer)) {
      now.master()->distrust();
      reason_ = "redis " + name + " answered " + without_arguments(text_of(*answer));
      return nullptr;
    }
    if (is_error(*answer)) throw_server_error(name, text_of(*answer));
    if (!is_still_master(now)) return nullptr;
    return answer;
  }

  /// Whether the master that has answered is the one that the sentinels name now.
  bool is_still_master(const sentinels::view& asked) {
    if (asked.is_unchallenged()) return true;
    const std::string name = asked.master()->server().text();
    try {
      if (owner_.sentinels_.confirmed(until_).version() == asked.version()) return true;
      reason_ = "redis " + name + " answered, but is not the master any more";
    } catch (const connection_failure& failure) {
      reason_ =
          "redis " + name +
          " answered, but too few sentinels say whether it is still the master: " + failure.what();
    }
    if (what_.again == repeatable::no) {
      throw error(errc::store_failed, reason_ + "; a failover may undo what was asked of it");
    }
    return false;
  }

  void pause() {
    if (until_.passed()) throw error(errc::store_failed, reason_);
    std::this_thread::sleep_for(std::min(pause_, until_.remaining()));
    pause_ = std::min(2 * pause_, longest_failover_pause);
  }

  sentinel_router& owner_;
  const request& what_;
  const deadline until_;
  sentinels::view doubted_;  // what was believed when the last try failed
  milliseconds pause_ = first_failover_pause;
  std::string reason_;
  freshness next_ = freshness::any;
};

reply sentinel_router::call(const request& what, deadline until) {
  return attempts{*this, what, until}.run();
}

}  // namespace

std::unique_ptr<router> make_sentinel_router(const settings& with) {
  return std::make_unique<sentinel_router>(with);
}

}  // namespace scs::stores::redis_detail
