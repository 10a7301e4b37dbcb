#include "storage/loader.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <buntdb/error.hpp>

#include "index/builder.hpp"
#include "index/roots.hpp"
#include "log/marker.hpp"
#include "version/item_commands.hpp"

namespace buntdb::engine {

void loader::set(std::string_view key, std::string_view value) {
  keys_.set(key, value, item::no_expiry);
}

std::int64_t loader::expiry_of(std::int64_t unix_seconds) noexcept {
  constexpr std::int64_t last_second = item::no_expiry / nanoseconds_per_second;
  return unix_seconds >= last_second ? last_second * nanoseconds_per_second
         : unix_seconds < 0          ? -1
                                     : unix_seconds * nanoseconds_per_second;
}

void loader::set_expiring(std::string_view key, std::string_view value, std::int64_t unix_seconds) {
  // Expired items are loaded, too. The sweep then removes them from the file as well; otherwise
  // they would come back to life if the clock were set back before the next open.
  keys_.set(key, value, expiry_of(unix_seconds));
}

void loader::erase(std::string_view key) {
  if (log::is_reserved_key(key)) {
    take_kept(key);
    return;
  }
  keys_.erase(key);
}

void loader::take_kept(std::string_view reserved_key) {
  std::optional<kept_record> kept = read_kept(reserved_key);
  if (!kept) return;
  std::string name = kept->name.empty() ? std::string(reserved_key) : kept->name;
  kept_[std::move(name)] = {*std::move(kept), std::string(reserved_key)};
}

/// Collects the items of a unique index, ready to be placed. Returns null if two of them are equal,
/// which happens if another program has written to the file, or if an expired item came back to
/// life when the clock was set back.
std::unique_ptr<index_builder> loader::collect_unique(const shared_definition& definition,
                                                      time_point now) {
  try {
    auto builder = std::make_unique<index_builder>(memory_, version_.number, definition,
                                                   std::span<retirable*>());
    builder->collect(version_);
    builder->check_unique(now);
    return builder;
  } catch (const error& failure) {
    problems_.push_back("index '" + definition->info.name + "' is left out: " + failure.what());
    return nullptr;
  }
}

void loader::restore_indexes(time_point now) {
  std::vector<shared_definition> definitions;
  std::vector<set_aside_definition> set_aside;
  std::map<shared_definition, std::unique_ptr<index_builder>> collected;
  for (auto& [name, last] : kept_) {
    const shared_definition& definition = last.says.definition;
    // A definition that this version does not understand must not prevent the data from being read.
    bool can_be_built = last.says.problem.empty();
    if (!can_be_built) problems_.push_back(std::move(last.says.problem));
    if (can_be_built && definition == nullptr) continue;  // dropped
    if (can_be_built && definition->info.unique) {
      std::unique_ptr<index_builder> builder = collect_unique(definition, now);
      can_be_built = builder != nullptr;
      if (can_be_built) collected.emplace(definition, std::move(builder));
    }
    if (can_be_built) {
      definitions.push_back(definition);
    } else {
      set_aside.push_back({std::move(last.says.name), std::move(last.record)});
    }
  }
  if (definitions.empty() && set_aside.empty()) return;
  auto catalog =
      std::make_shared<const index_catalog>(std::move(definitions), std::move(set_aside));
  version_.indexes = index_roots::create(memory_, version_.number, catalog);
  for (const index_catalog::placed& index : catalog->all()) {
    const std::span<retirable*> roots = version_.indexes->roots_of(index);
    if (const auto builder = collected.extract(index.definition)) {
      builder.mapped()->place_in(roots);
      builder.mapped()->insert_all();
    } else {
      index_builder fresh(memory_, version_.number, index.definition, roots);
      fresh.collect(version_);
      fresh.insert_all();
    }
  }
}

void loader::clear() {
  keys_.clear();
}

void loader::forget() noexcept {
  keys_.clear();
  kept_.clear();
  problems_.clear();
}

void loader::finish(time_point now) {
  keys_.finish();
  restore_indexes(now);
}

}  // namespace buntdb::engine
