#include "storage/loader.hpp"

#include <memory>
#include <optional>
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
  // One that has expired is loaded too: the sweep then removes it from the file as well, or a clock
  // that goes back before the next open would revive it.
  keys_.set(key, value, expiry_of(unix_seconds));
}

void loader::erase(std::string_view key) {
  if (log::is_reserved_key(key)) {
    take_kept(key);
    return;
  }
  keys_.erase(key);
}

/// A definition that this version does not understand must not keep the data from being read.
void loader::take_kept(std::string_view reserved_key) {
  try {
    const std::optional<kept_record> record = read_kept(reserved_key);
    if (record) kept_[record->name] = record->definition;
  } catch (const error& failure) {
    problems_.emplace_back(failure.what());
  }
}

void loader::restore_indexes() {
  std::vector<shared_definition> definitions;
  for (const auto& [name, definition] : kept_) {
    if (definition != nullptr) definitions.push_back(definition);
  }
  if (definitions.empty()) return;
  auto catalog = std::make_shared<const index_catalog>(std::move(definitions));
  version_.indexes = index_roots::create(memory_, version_.number, catalog);
  for (const index_catalog::placed& index : catalog->all()) {
    index_builder builder(memory_, version_.number, index.definition,
                          version_.indexes->roots_of(index));
    builder.collect(version_);
    builder.insert_all();
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

void loader::finish() {
  keys_.finish();
  restore_indexes();
}

}  // namespace buntdb::engine
