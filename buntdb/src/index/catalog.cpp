#include "index/catalog.hpp"

#include <algorithm>
#include <utility>

namespace buntdb::engine {

index_catalog::index_catalog(std::vector<shared_definition> definitions,
                             std::vector<set_aside_definition> set_aside)
    : set_aside_(std::move(set_aside)) {
  std::sort(definitions.begin(), definitions.end(),
            [](const auto& a, const auto& b) { return a->info.name < b->info.name; });
  all_.reserve(definitions.size());
  for (shared_definition& definition : definitions) {
    const unsigned first = root_count_;
    root_count_ += definition->root_count();
    has_unique_ = has_unique_ || definition->info.unique;
    // Empty: the pattern is compared with every key.
    const std::string_view prefix = definition->key_beginning();
    auto same = std::find_if(groups_.begin(), groups_.end(),
                             [&](const auto& one) { return one.length == prefix.size(); });
    if (same == groups_.end()) same = groups_.insert(same, {prefix.size(), {}});
    same->by_prefix[std::string(prefix)].push_back(static_cast<unsigned>(all_.size()));
    all_.push_back({std::move(definition), first});
  }
}

const index_catalog::placed* index_catalog::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(all_.begin(), all_.end(), name,
                                      [](const placed& one, std::string_view wanted) {
                                        return one.definition->info.name < wanted;
                                      });
  return found != all_.end() && found->definition->info.name == name ? &*found : nullptr;
}

}  // namespace buntdb::engine
