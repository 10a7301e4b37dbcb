#include <algorithm>
#include <utility>

#include <buntdb/database.hpp>

#include "database_access.hpp"
#include "engine/core.hpp"
#include "io/file_system.hpp"

namespace buntdb {

database engine::database_access::make(std::unique_ptr<core> core) {
  return database(std::move(core));
}

database::database(std::unique_ptr<engine::core> core) noexcept : core_(std::move(core)) {}

database database::open(const std::filesystem::path& path, const options& options) {
  // The name is needed again and again, whatever the process makes its working folder meanwhile.
  std::error_code unknown;
  const std::filesystem::path absolute = std::filesystem::absolute(path, unknown);
  return database(
      engine::core::open(io::file_system::posix(), (unknown ? path : absolute).string(), options));
}

database database::in_memory(const options& options) {
  return database(engine::core::in_memory(options));
}

database::~database() {
  // A forked child's copy has no threads and shares the file: it is left as it is.
  if (core_->forked()) static_cast<void>(core_.release());
}

snapshot database::begin_read() const {
  // Time is read first: what expired by then has, whatever is committed meanwhile.
  const time_point now = core_->now();
  const engine::core::pinned pinned = core_->pin();
  return {pinned.version, pinned.slot, now};
}

transaction database::begin() {
  return transaction(core_->begin());
}

std::optional<transaction> database::try_begin_for(std::chrono::nanoseconds timeout) {
  constexpr std::chrono::nanoseconds longest = std::chrono::hours(24 * 365);
  engine::write_state* state =
      core_->try_begin_until(std::chrono::steady_clock::now() + std::min(timeout, longest));
  if (state == nullptr) return std::nullopt;
  return transaction(*state);
}

std::optional<transaction> database::try_begin() {
  engine::write_state* state = core_->try_begin();
  if (state == nullptr) return std::nullopt;
  return transaction(*state);
}

bool database::commit_waits_now() const noexcept {
  return core_->commit_waits_now();
}

std::optional<held_item> database::find(std::string_view key) const {
  const auto [item, slot] = core_->pin_item(key);
  if (item == nullptr) return std::nullopt;
  const time_point expires{std::chrono::nanoseconds(item->expires)};
  return held_item({item->value(), expires, item->revision()}, *slot);
}

std::optional<std::string> database::get(std::string_view key) const {
  const std::optional<held_item> found = find(key);
  if (!found) return std::nullopt;
  return std::string(found->value);
}

void database::set(std::string_view key, std::string_view value, const set_options& options) {
  transaction tx = begin();
  tx.set(key, value, options);
  tx.commit();
}

bool database::erase(std::string_view key) {
  transaction tx = begin();
  const bool existed = tx.erase(key).has_value();
  tx.commit();
  return existed;
}

void database::create_index(std::string_view name, const index_options& options) {
  core_->create_index(std::make_shared<engine::index_definition>(name, options),
                      engine::core::existing_index::refuse);
}

void database::create_spatial_index(std::string_view name, const spatial_index_options& options) {
  core_->create_index(std::make_shared<engine::index_definition>(name, options),
                      engine::core::existing_index::refuse);
}

void database::replace_index(std::string_view name, const index_options& options) {
  core_->create_index(std::make_shared<engine::index_definition>(name, options),
                      engine::core::existing_index::replace);
}

void database::replace_spatial_index(std::string_view name, const spatial_index_options& options) {
  core_->create_index(std::make_shared<engine::index_definition>(name, options),
                      engine::core::existing_index::replace);
}

bool database::drop_index(std::string_view name) {
  transaction tx = begin();
  const bool existed = tx.drop_index(name);
  tx.commit();
  return existed;
}

void database::sync() {
  core_->sync();
}

void database::shrink() {
  core_->compact();
}

void database::save(std::ostream& out) const {
  core_->save(out);
}

void database::save(const std::filesystem::path& path) const {
  core_->save(path.string());
}

void database::load(std::istream& in) {
  core_->load(in);
}

void database::load(const std::filesystem::path& path) {
  core_->load(path.string());
}

void database::change(const settings_change& change) {
  core_->change(change);
}

settings database::current_settings() const {
  return core_->current_settings();
}

statistics database::stats() const {
  return core_->stats();
}

void database::close() {
  core_->close();
}

}  // namespace buntdb
