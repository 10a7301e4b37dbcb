#include <memory>
#include <string>
#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/limits.hpp>
#include <buntdb/transaction.hpp>

#include "engine/core.hpp"
#include "log/marker.hpp"

namespace buntdb {

namespace {

/// Returns when an item with these options expires, in nanoseconds since 1970.
std::int64_t expiry(const set_options& options, time_point now) {
  if (options.ttl && options.expires_at) {
    throw error(errc::invalid_argument, "set: name a ttl or a time of expiry, not both");
  }
  if (options.expires_at) return options.expires_at->moment().time_since_epoch().count();
  if (!options.ttl || options.ttl->nanoseconds() == forever) return engine::item::no_expiry;
  const std::int64_t ttl = options.ttl->nanoseconds().count();
  std::int64_t expires = 0;
  if (__builtin_add_overflow(now.time_since_epoch().count(), ttl, &expires)) {
    return ttl > 0 ? engine::item::no_expiry : -1;
  }
  return expires;
}

void check_key(std::string_view key) {
  if (key.size() > max_key_size) {
    throw error(errc::too_large, "a key of " + std::to_string(key.size()) + " bytes: at most " +
                                     std::to_string(max_key_size));
  }
  if (log::is_reserved_key(key)) {
    throw error(errc::reserved_key,
                "keys that begin with NUL \"bunt:\" are reserved for the file format");
  }
}

void check_value(std::string_view value) {
  if (value.size() > max_value_size) {
    throw error(errc::too_large, "a value of " + std::to_string(value.size()) + " bytes: at most " +
                                     std::to_string(max_value_size));
  }
}

/// The memory that an item takes in addition to its key and value: its header and its entry in the
/// keys tree, in bytes.
constexpr std::size_t item_overhead = 64;

void check_room(engine::core& core, std::size_t bytes, const set_options& options) {
  if (options.beyond_limit || core.has_room(bytes + item_overhead)) return;
  throw error(errc::full,
              "the database has reached its limit of memory, " +
                  std::to_string(core.settings().max_memory()) +
                  " bytes (max_memory_bytes): erase items, end snapshots, or raise the limit");
}

[[noreturn]] void throw_ended() {
  throw error(errc::transaction_ended, "the transaction has been committed or rolled back");
}

}  // namespace

transaction::transaction(engine::core& core, engine::write_state& writing) noexcept
    : reader(writing.draft(), &writing, writing.now()), core_(&core) {}

transaction::transaction(transaction&& other) noexcept
    : reader(std::move(other)), core_(other.core_) {
  if (writing_ != nullptr) core_->writer().forget_thread();
}

transaction& transaction::operator=(transaction&& other) noexcept {
  if (this != &other) {
    rollback();
    core_ = other.core_;
    reader::operator=(std::move(other));
    if (writing_ != nullptr) core_->writer().forget_thread();
  }
  return *this;
}

transaction::~transaction() {
  rollback();
}

engine::write_state& transaction::writing() const {
  if (writing_ == nullptr) throw_ended();
  if (writing_->doomed()) {
    throw error(errc::transaction_ended,
                "an exception inside an earlier change left the transaction unusable");
  }
  core_->writer().used_by_this_thread();
  return *writing_;
}

/// Ends this transaction and returns its draft, which the engine commits or rolls back.
engine::write_state& transaction::end() {
  if (writing_ == nullptr) throw_ended();
  version_ = nullptr;
  return *std::exchange(writing_, nullptr);
}

bool transaction::let_go() noexcept {
  version_ = nullptr;
  return std::exchange(writing_, nullptr) != nullptr;
}

std::optional<std::string_view> transaction::set(std::string_view key, std::string_view value,
                                                 const set_options& options) & {
  engine::write_state& draft = writing();
  check_key(key);
  check_value(value);
  const std::int64_t expires = expiry(options, now());
  check_room(*core_, key.size() + value.size(), options);
  draft.check_unique(key, value);
  return draft.set(key, value, expires);
}

bool transaction::set_expiry(std::string_view key, const set_options& options) {
  engine::write_state& draft = writing();
  const std::int64_t expires = expiry(options, now());
  if (!options.beyond_limit && core_->settings().max_memory() != 0) {
    const auto found = find(key);
    if (found) check_room(*core_, key.size() + found->value.size(), options);
  }
  // If the clock was set back, an expired item may come back to life after another item has taken
  // its unique key.
  if (draft.has_unique()) {
    if (const auto found = find(key)) draft.check_unique(key, found->value);
  }
  return draft.set_expiry(key, expires);
}

std::optional<std::string_view> transaction::erase(std::string_view key) & {
  return writing().erase(key);
}

std::uint64_t transaction::revision() const {
  return writing().draft()->number;
}

void transaction::clear() {
  writing().clear();
}

void transaction::add_index(const std::shared_ptr<const engine::index_definition>& definition,
                            existing_index existing) {
  engine::write_state& draft = writing();
  const bool there = draft.find_index(definition->info.name) != nullptr;
  if (there && existing == existing_index::keep) return;
  if (there && existing == existing_index::refuse) {
    engine::throw_index_exists(definition->info.name);
  }
  draft.check_unique(definition);
  if (there) draft.drop_index(definition->info.name);
  draft.create_index(definition);
}

void transaction::create_index(std::string_view name, const index_options& options) {
  add_index(std::make_shared<engine::index_definition>(name, options), options.if_exists);
}

void transaction::create_spatial_index(std::string_view name,
                                       const spatial_index_options& options) {
  add_index(std::make_shared<engine::index_definition>(name, options), options.if_exists);
}

bool transaction::drop_index(std::string_view name) {
  if (name.empty()) {
    throw error(errc::invalid_argument,
                "drop_index: the empty name stands for the keys themselves");
  }
  return writing().drop_index(name);
}

void transaction::commit() {
  core_->commit(end());
}

bool transaction::try_commit() {
  engine::write_state& writing = end();
  if (core_->try_commit(writing)) return true;  // if it throws, the transaction has ended
  writing_ = &writing;
  version_ = writing.draft();
  return false;
}

void transaction::commit_then(std::function<void(std::exception_ptr)> done) {
  core_->commit_then(end(), std::move(done));
}

std::future<void> transaction::commit_async() {
  // Shared, because a std::function must be copyable.
  const auto promise = std::make_shared<std::promise<void>>();
  std::future<void> result = promise->get_future();
  commit_then([promise](std::exception_ptr failure) {
    if (failure) {
      promise->set_exception(std::move(failure));
    } else {
      promise->set_value();
    }
  });
  return result;
}

void transaction::rollback() noexcept {
  if (writing_ == nullptr) return;
  engine::write_state& writing = end();
  if (!core_->forked()) core_->rollback(writing);
}

}  // namespace buntdb
