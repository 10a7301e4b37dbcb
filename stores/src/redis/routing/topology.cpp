#include "redis/routing/topology.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <scs/error.hpp>

#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

/// One node that stands still must not use up the time for asking the others.
constexpr std::chrono::milliseconds max_one_node{250};

bool contains(const std::vector<address>& list, const address& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

topology::view topology::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

std::shared_ptr<pool> topology::pool_of(const address& node) {
  if (!may_be_reached(node, settings_.options)) {
    throw error(errc::store_failed, "redis: the cluster names the node " + node.text() +
                                        ", which is not on this machine, and the store has no "
                                        "TLS: see redis_options::plaintext");
  }
  const std::lock_guard lock{mutex_};
  std::shared_ptr<pool>& found = pools_[node.text()];
  if (!found) found = std::make_shared<pool>(node, settings_.options, settings_.watch);
  return found;
}

std::vector<address> topology::candidates(const address* suspect) const {
  std::vector<address> result;
  const view now = current();
  const auto add = [&](const std::vector<address>& nodes) {
    for (const address& node : nodes) {
      if (!contains(result, node)) result.push_back(node);
    }
  };
  if (now.slots) {
    add(now.slots->masters());
    add(now.slots->replicas());
  }
  add(settings_.servers);
  if (suspect != nullptr) {
    std::stable_partition(result.begin(), result.end(),
                          [&](const address& node) { return !(node == *suspect); });
  }
  return result;
}

/// One thread at a time asks the nodes; the others wait for what it learns. Not a std::timed_mutex,
/// whose lock until a moment gcc 12's ThreadSanitizer does not see.
class topology::turn {
 public:
  turn(topology& owner, deadline until) : owner_(owner) {
    std::unique_lock lock{owner_.mutex_};
    if (!owner_.refreshed_.wait_until(lock, until.moment(),
                                      [this] { return !owner_.refreshing_; })) {
      throw connection_failure{effect::none,
                               "redis: the cluster's nodes do not say in time who has which slot"};
    }
    owner_.refreshing_ = true;
  }
  ~turn() {
    {
      const std::lock_guard lock{owner_.mutex_};
      owner_.refreshing_ = false;
    }
    owner_.refreshed_.notify_all();
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

 private:
  topology& owner_;
};

void topology::refresh(const view& seen, const address* suspect, deadline until, freshness wanted) {
  const turn mine{*this, until};
  if (current().refreshes != seen.refreshes) return;
  ask_nodes(suspect, until, wanted);
}

void topology::ask_nodes(const address* suspect, deadline until, freshness wanted) {
  std::string commands;
  append_command(commands, {"CLUSTER", "SLOTS"});
  std::string reason = "redis: no node of the cluster says who has which slot";
  for (const address& node : candidates(suspect)) {
    reply answer;
    try {
      pool_of(node)->exchange(commands, std::span{&answer, 1}, until.at_most(max_one_node), wanted);
    } catch (const connection_failure& failure) {
      reason = failure.what();
      continue;
    }
    if (is_error(*answer)) {
      reason = "redis " + node.text() + " answered " + without_arguments(text_of(*answer));
      continue;
    }
    slot_map fresh = slot_map::parse(*answer, node);
    if (fresh.masters().empty()) {
      reason = "redis " + node.text() + " knows no node that has a slot";
      continue;
    }
    install(std::move(fresh));
    return;
  }
  throw connection_failure{effect::none, reason};
}

void topology::install(slot_map fresh) {
  std::map<std::string, std::shared_ptr<pool>> gone;  // closed after the lock is released
  const std::lock_guard lock{mutex_};
  ++current_.refreshes;
  if (!current_.slots || *current_.slots != fresh) {
    ++current_.version;
    current_.slots = std::make_shared<const slot_map>(std::move(fresh));
  }
  for (auto it = pools_.begin(); it != pools_.end();) {
    const address& node = it->second->server();
    const bool known = contains(current_.slots->masters(), node) ||
                       contains(current_.slots->replicas(), node) ||
                       contains(settings_.servers, node);
    const auto next = std::next(it);
    if (!known) gone.insert(pools_.extract(it));
    it = next;
  }
}

void topology::learn(const redirection& moved) {
  const std::lock_guard lock{mutex_};
  if (!current_.slots) return;
  const address* const known = current_.slots->owner(moved.slot);
  if (known != nullptr && *known == moved.to) return;
  auto changed = std::make_shared<slot_map>(*current_.slots);
  changed->set_owner(moved.slot, moved.to);
  current_.slots = std::move(changed);
  ++current_.version;
}

}  // namespace scs::stores::redis_detail
