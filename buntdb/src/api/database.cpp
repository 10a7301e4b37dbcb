#include <algorithm>
#include <utility>

#include <buntdb/database.hpp>
#include <buntdb/error.hpp>

#include "api/database_access.hpp"
#include "commit/default_events.hpp"
#include "engine/copies.hpp"
#include "engine/index_creation.hpp"
#include "engine/instance.hpp"
#include "io/file_system.hpp"

namespace buntdb {

namespace engine {

namespace {

bool call_expiry_hook(const expiry_hooks& hooks, core& core, write_state& writing,
                      const expired_item& expired) {
  transaction tx = database_access::transaction_of(core, writing);
  hooks.on_expired_sync({expired.key, expired.value}, tx);
  return database_access::let_go(tx);
}

}  // namespace

database database_access::open(io::file_system& files, const std::string& path,
                               const options& options, bool with_threads) {
  return database(instance::open(
      files, path, options, {.call_expiry_hook = &call_expiry_hook, .with_threads = with_threads}));
}

database database_access::in_memory(const options& options, bool with_threads) {
  return database(instance::in_memory(
      options, {.call_expiry_hook = &call_expiry_hook, .with_threads = with_threads}));
}

}  // namespace engine

namespace {

options with_default_events(options chosen) {
  if (!chosen.on_event) chosen.on_event = engine::warnings_on_standard_error();
  return chosen;
}

}  // namespace

database::database(std::unique_ptr<engine::instance> instance) noexcept
    : instance_(std::move(instance)) {}

database database::open(const std::filesystem::path& path, const options& options) {
  if (path == ":memory:") {
    throw error(errc::invalid_argument,
                "\":memory:\" would be a file of this name: database::in_memory() makes a database "
                "without a file (and \"./:memory:\" opens such a file)");
  }
  // The absolute path: the file is opened by name again later, when the process may have another
  // working directory.
  std::error_code unknown;
  const std::filesystem::path absolute = std::filesystem::absolute(path, unknown);
  return engine::database_access::open(io::file_system::native(options.locking),
                                       (unknown ? path : absolute).string(),
                                       with_default_events(options));
}

std::optional<long> database::lock_holder(const std::filesystem::path& path) {
  return io::file_system::native().open(path.string(), io::open_mode::read_only)->lock_holder();
}

database database::in_memory(const options& options) {
  return engine::database_access::in_memory(with_default_events(options));
}

database::~database() {
  if (instance_->core().forked()) {
    // The copy in a child process has no threads and shares the file with its parent, so it is not
    // closed.
    static_cast<void>(instance_.release());
  } else if (instance_->is_own_thread()) {
    // A function called by one of the database's threads destroyed the database. That thread cannot
    // wait for itself.
    engine::instance::end_elsewhere(std::move(instance_));
  }
}

snapshot database::begin_read() const {
  // The time is read first: an item that has expired by then counts as expired, whatever is
  // committed before pin().
  engine::core& core = instance_->core();
  const time_point now = core.now();
  engine::pinned_version pinned = core.pin();
  return {*pinned.version, std::move(pinned.pin), now};
}

transaction database::begin() {
  engine::core& core = instance_->core();
  return {core, core.begin()};
}

std::optional<transaction> database::begun(engine::core& core, engine::write_state* writing) {
  if (writing == nullptr) return std::nullopt;
  std::optional<transaction> begun = transaction(core, *writing);
  core.writer().used_by_this_thread();  // it was moved, but not to another thread
  return begun;
}

std::optional<transaction> database::try_begin_for(std::chrono::nanoseconds timeout) {
  constexpr std::chrono::nanoseconds longest = std::chrono::hours(24 * 365);
  engine::core& core = instance_->core();
  engine::write_state* writing =
      core.try_begin_until(std::chrono::steady_clock::now() + std::min(timeout, longest));
  return begun(core, writing);
}

std::optional<transaction> database::try_begin() {
  engine::core& core = instance_->core();
  return begun(core, core.try_begin());
}

std::optional<held_item> database::find(std::string_view key) const {
  engine::pinned_item found = instance_->core().pin_item(key);
  if (found.item == nullptr) return std::nullopt;
  const time_point expires{std::chrono::nanoseconds(found.item->expires)};
  return held_item({found.item->value(), expires, found.item->revision()}, std::move(found.pin));
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

subscription database::watch(const watch_options& options) {
  auto queue = std::make_shared<engine::change_queue>(options);
  instance_->core().watch(queue);
  return subscription(std::move(queue));
}

void database::create_index(std::string_view name, const index_options& options) {
  engine::create_index(instance_->core(), std::make_shared<engine::index_definition>(name, options),
                       options.if_exists);
}

void database::create_spatial_index(std::string_view name, const spatial_index_options& options) {
  engine::create_index(instance_->core(), std::make_shared<engine::index_definition>(name, options),
                       options.if_exists);
}

bool database::drop_index(std::string_view name) {
  transaction tx = begin();
  const bool existed = tx.drop_index(name);
  tx.commit();
  return existed;
}

void database::sync() {
  instance_->core().sync();
}

void database::compact() {
  instance_->compactor().compact();
}

std::vector<std::string> database::purge() {
  return instance_->purge();
}

void database::save(std::ostream& out) const {
  engine::save(instance_->core(), out);
}

void database::save(const std::filesystem::path& path) const {
  engine::save(instance_->core(), instance_->files(), path.string());
}

void database::load(std::istream& in) {
  engine::load(instance_->core(), in);
}

void database::load(const std::filesystem::path& path) {
  engine::load(instance_->core(), instance_->files(), path.string());
}

void database::change(const std::function<void(settings&)>& edit) {
  instance_->change(edit);
}

settings database::current_settings() const {
  return instance_->current_settings();
}

statistics database::stats() const {
  return instance_->stats();
}

void database::close(const close_options& how) {
  instance_->close(how);
}

}  // namespace buntdb
