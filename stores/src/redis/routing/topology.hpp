#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redis/connection/pool.hpp"
#include "redis/connection/settings.hpp"
#include "redis/routing/slots.hpp"

namespace scs::stores::redis_detail {

/// The known state of a cluster: which node has which slot, and the connections to the nodes. Any
/// number of threads may use it.
class topology {
 public:
  /// The settings must outlive it.
  explicit topology(const settings& with) : settings_(with) {}

  struct view {
    std::shared_ptr<const slot_map> slots;
    /// Grows whenever a slot is found to have another owner.
    std::uint64_t version = 0;
    /// Grows with every refresh.
    std::uint64_t refreshes = 0;
  };

  /// Returns the newest known state. It has no slots before the first refresh.
  view current() const;

  /// The connections to a node, by the address at which it is reached. Throws scs::error if it may
  /// not be used (redis_options::plaintext).
  std::shared_ptr<pool> pool_of(const address& node);

  /// Asks the nodes one after the other, until one returns the slots. `suspect`, if not null, is
  /// asked last. Does nothing if another thread has refreshed since `seen`. Throws
  /// connection_failure if no node returns them. `wanted` is `fresh` after a sign that idle
  /// connections may be dead.
  void refresh(const view& seen, const address* suspect, deadline until,
               freshness wanted = freshness::any);

  /// Returns the address at which to reach the node to which `asked` has redirected a request.
  address target_of(const redirection& sent, const address& asked) const;

  /// Notes that this node has the slot, as -MOVED reports.
  void learn(std::uint16_t slot, const address& owner);

 private:
  class turn;

  void ask_nodes(const address* suspect, deadline until, freshness wanted);
  std::vector<address> candidates(const address* suspect) const;
  void install(slot_map fresh);

  const settings& settings_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable refreshed_;
  bool refreshing_ = false;  // a thread asks the nodes
  view current_;
  std::map<std::string, std::shared_ptr<pool>> pools_;
};

}  // namespace scs::stores::redis_detail
