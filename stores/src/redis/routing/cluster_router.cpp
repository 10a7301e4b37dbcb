#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <scs/error.hpp>

#include "redis/protocol/failure.hpp"
#include "redis/routing/router.hpp"
#include "redis/routing/slots.hpp"
#include "redis/routing/topology.hpp"

namespace scs::stores::redis_detail {

namespace {

using std::chrono::milliseconds;

/// Between two tries while a cluster is changing.
constexpr milliseconds first_pause{5};
constexpr milliseconds longest_pause{100};

/// How many redirections are followed without a pause: more than a stable cluster ever sends.
constexpr int max_redirections = 5;

/// Whether the cluster will soon be able to serve the request, at this node or at another one.
bool is_passing(const redisReply& answer) {
  return is_error(answer, "CLUSTERDOWN") || is_error(answer, "TRYAGAIN") ||
         is_error(answer, "LOADING") || is_error(answer, "MASTERDOWN") ||
         is_error(answer, "READONLY");
}

class cluster_router final : public router {
 public:
  explicit cluster_router(const settings& with) : settings_(with), topology_(with) {}

  reply call(const request& what, deadline until) override;
  std::shared_ptr<pool> server_of(std::string_view key, deadline until) override;
  layout current_layout(deadline until) override;

 private:
  class attempts;

  const settings& settings_;
  topology topology_;
};

/// The tries of one request.
class cluster_router::attempts {
 public:
  attempts(cluster_router& owner, const request& what, deadline until)
      : owner_(owner), what_(what), slot_(slot_of(what.key)), until_(until) {}

  reply run() {
    for (;;) {
      if (!server_ && !find_server()) {
        pause();
        continue;
      }
      try {
        if (reply answer = try_once()) return answer;
      } catch (const connection_failure& failure) {
        if (failure.done() == effect::unknown) next_ = freshness::fresh;
        if (failure.done() == effect::unknown && what_.again == repeatable::no) {
          give_up_server(failure.what());
          refresh(until_.at_most(longest_pause));  // for the next call
          throw_failed(failure);
        }
        give_up_server(failure.what());
        pause();
      }
    }
  }

 private:
  /// Finds the owner of the slot in the map, after a refresh if the last owner has failed or none
  /// is known.
  bool find_server() {
    topology::view known = owner_.topology_.current();
    const auto has_owner = [&] { return known.slots && known.slots->owner(slot_) != nullptr; };
    if (suspect_ || !has_owner()) {
      refresh(until_);
      known = owner_.topology_.current();
    }
    if (!has_owner()) {
      if (known.slots) reason_ = "redis: no node of the cluster has this session's slot";
      return false;
    }
    server_ = owner_.topology_.pool_of(*known.slots->owner(slot_));
    return true;
  }

  void refresh(deadline until) {
    const address* const suspect = suspect_ ? &suspect_->server() : nullptr;
    try {
      owner_.topology_.refresh(owner_.topology_.current(), suspect, until, next_);
    } catch (const connection_failure& failure) {
      if (reason_.empty()) reason_ = failure.what();
    }
  }

  /// Null: to be tried again, at whatever server_ is then.
  reply try_once() {
    // A node that does not answer leaves time to ask its replica, if asking twice is allowed.
    const deadline end = what_.again == repeatable::yes
                             ? until_.at_most(owner_.settings_.options.timeout / 2)
                             : until_;
    const asking first = std::exchange(asking_, asking::no);
    // After a connection that died without a sign, no other idle connection is tried.
    const freshness wanted = std::exchange(next_, freshness::any);
    reply answer = send(*server_, what_, first, owner_.settings_.options, end, wanted);
    if (!is_error(*answer)) return answer;
    const std::string_view text = text_of(*answer);
    if (const auto redirected = parse_redirection(text)) {
      reason_ = "redis " + server_->server().text() + " sends us elsewhere, again and again";
      follow(*redirected, is_error(*answer, "ASK"));
    } else if (is_passing(*answer)) {
      if (is_error(*answer, "CLUSTERDOWN")) down_ = describe_down(text);
      give_up_server("redis " + server_->server().text() + " answered " + without_arguments(text));
      pause();
    } else {
      throw_server_error(server_->server().text(), text);
    }
    return nullptr;
  }

  void follow(const redirection& sent, bool once) {
    if (++redirections_ > max_redirections) pause();
    const address asked = server_->server();
    if (once) {
      asking_ = asking::yes;
    } else {
      // Where one slot has moved, others have.
      refresh(until_);
    }
    const address target = owner_.topology_.target_of(sent, asked);
    if (!once) owner_.topology_.learn(sent.slot, target);
    server_ = owner_.topology_.pool_of(target);
  }

  void give_up_server(const std::string& reason) {
    reason_ = reason;
    suspect_ = std::move(server_);
    server_ = nullptr;
  }

  std::string describe_down(std::string_view answer) const {
    return "redis " + server_->server().text() + " answered " + without_arguments(answer) +
           ": a master is missing and no replica has taken its place; to keep the slots of the "
           "other masters in service, set cluster-require-full-coverage no";
  }

  void pause() {
    // CLUSTERDOWN says more than that the last try was not answered in time.
    if (until_.passed()) throw error(errc::store_failed, down_.empty() ? reason_ : down_);
    std::this_thread::sleep_for(std::min(pause_, until_.remaining()));
    pause_ = std::min(2 * pause_, longest_pause);
  }

  cluster_router& owner_;
  const request& what_;
  const std::uint16_t slot_;
  const deadline until_;
  std::shared_ptr<pool> server_;
  std::shared_ptr<pool> suspect_;  // the last one that failed
  asking asking_ = asking::no;
  int redirections_ = 0;
  milliseconds pause_ = first_pause;
  std::string reason_;
  std::string down_;  // if a node has answered CLUSTERDOWN
  freshness next_ = freshness::any;
};

reply cluster_router::call(const request& what, deadline until) {
  return attempts{*this, what, until}.run();
}

std::shared_ptr<pool> cluster_router::server_of(std::string_view key, deadline until) {
  topology::view known = topology_.current();
  if (!known.slots) {
    try {
      topology_.refresh(known, nullptr, until);
    } catch (const connection_failure& failure) {
      throw_failed(failure);
    }
    known = topology_.current();
  }
  const address* const master = known.slots->owner(slot_of(key));
  // Any node can say which one has it now.
  return topology_.pool_of(master != nullptr ? *master : known.slots->masters().front());
}

router::layout cluster_router::current_layout(deadline until) {
  try {
    topology_.refresh(topology_.current(), nullptr, until);
  } catch (const connection_failure& failure) {
    throw_failed(failure);
  }
  const topology::view known = topology_.current();
  layout result{.masters = {}, .version = known.version};
  for (std::size_t slot = 0; slot < slot_count; ++slot) {
    if (known.slots->owner(static_cast<std::uint16_t>(slot)) == nullptr) {
      throw error(errc::store_failed,
                  "redis: the cluster is incomplete: no node has the slot " + std::to_string(slot));
    }
  }
  for (const address& master : known.slots->masters())
    result.masters.push_back(topology_.pool_of(master));
  return result;
}

}  // namespace

std::unique_ptr<router> make_cluster_router(const settings& with) {
  return std::make_unique<cluster_router>(with);
}

}  // namespace scs::stores::redis_detail
