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

/// What is known of a cluster: who has which slot, and the connections to its nodes. Any number of
/// threads.
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

  /// As it was learned last. Without slots before the first refresh.
  view current() const;

  std::shared_ptr<pool> pool_of(const address& node);

  /// Asks the nodes, one after the other, until one tells who has which slot; `suspect`, if not
  /// null, last. Does nothing if another thread has refreshed since `seen`. Throws
  /// connection_failure if no node tells. `wanted` is fresh after a sign that connections have
  /// died without a word.
  void refresh(const view& seen, const address* suspect, deadline until,
               freshness wanted = freshness::any);

  /// What a redirection said.
  void learn(const redirection& moved);

 private:
  class turn;

  void ask_nodes(const address* suspect, deadline until, freshness wanted);
  std::vector<address> candidates(const address* suspect) const;
  void install(slot_map fresh);

  const settings& settings_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable refreshed_;
  bool refreshing_ = false;  // somebody asks the nodes
  view current_;
  std::map<std::string, std::shared_ptr<pool>> pools_;
};

}  // namespace scs::stores::redis_detail
