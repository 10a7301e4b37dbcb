#include "redis/routing/topology.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include <scs/error.hpp>

#include "redis/connection/address_map.hpp"
#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

/// The least time that one node has to answer; one that does not must leave time for the others.
constexpr std::chrono::milliseconds least_for_one_node{250};

bool contains(const std::vector<address>& list, const address& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

topology::view topology::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

std::shared_ptr<pool> topology::pool_of(const address& node) {
  require_allowed(node, settings_.options);
  const bool announced = !contains(settings_.servers, node);
  const std::lock_guard lock{mutex_};
  std::shared_ptr<pool>& found = pools_[node.text()];
  if (!found) {
    found = std::make_shared<pool>(
        node, settings_,
        announced ? "; the cluster announces this address: if it is not reachable from here, set "
                    "redis_options::address_map, or cluster-announce-ip or -hostname at the node"
                  : "");
  }
  return found;
}

address topology::target_of(const redirection& sent, const address& asked) const {
  if (!sent.to.host.empty()) return reachable(sent.to, settings_.options);
  // If exactly one known node has this port, it is that node. Otherwise the port is reached at the
  // host that was asked, as with an address translator.
  const view now = current();
  std::vector<address> found;
  if (now.slots) {
    for (const auto* const nodes : {&now.slots->masters(), &now.slots->replicas()}) {
      std::copy_if(nodes->begin(), nodes->end(), std::back_inserter(found),
                   [&](const address& node) { return node.port == sent.to.port; });
    }
  }
  return found.size() == 1 ? found.front() : address{asked.host, sent.to.port};
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

/// One thread at a time asks the nodes; the others wait for what it learns. Not a std::timed_mutex:
/// gcc 12's ThreadSanitizer does not see try_lock_until().
class topology::turn {
 public:
  turn(topology& owner, deadline until) : owner_(owner) {
    std::unique_lock lock{owner_.mutex_};
    if (!owner_.refreshed_.wait_until(lock, until.moment(),
                                      [this] { return !owner_.refreshing_; })) {
      throw connection_failure{
          effect::none,
          "redis: the cluster's nodes do not say in time which of them has which slot"};
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
  std::string reason = "redis: no node of the cluster says where the slots are";
  const std::vector<address> nodes = candidates(suspect);
  auto left = static_cast<std::chrono::milliseconds::rep>(nodes.size());
  for (const address& node : nodes) {
    const auto time = std::max(least_for_one_node, until.remaining() / (2 * left--));
    reply answer;
    try {
      pool_of(node)->exchange(commands, std::span{&answer, 1}, until.at_most(time), wanted);
    } catch (const connection_failure& failure) {
      reason = failure.what();
      continue;
    }
    if (is_error(*answer)) {
      reason = "redis " + node.text() + " answered " + without_arguments(text_of(*answer));
      continue;
    }
    slot_map fresh = slot_map::parse(*answer, node, settings_.options);
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

void topology::learn(std::uint16_t slot, const address& owner) {
  const std::lock_guard lock{mutex_};
  if (!current_.slots) return;
  const address* const known = current_.slots->owner(slot);
  if (known != nullptr && *known == owner) return;
  auto changed = std::make_shared<slot_map>(*current_.slots);
  changed->set_owner(slot, owner);
  current_.slots = std::move(changed);
  ++current_.version;
}

}  // namespace scs::stores::redis_detail
