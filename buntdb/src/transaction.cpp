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

/// When an item with these options expires, in nanoseconds since 1970.
std::int64_t expiry(const set_options& options, time_point now) {
  if (options.ttl && options.expires_at) {
    throw error(errc::invalid_argument, "set: name a ttl or a time of expiry, not both");
  }
  if (options.expires_at) return options.expires_at->time_since_epoch().count();
  if (!options.ttl || *options.ttl == forever) return engine::item::no_expiry;
  std::int64_t expires = 0;
  if (__builtin_add_overflow(now.time_since_epoch().count(), options.ttl->count(), &expires)) {
    return options.ttl->count() > 0 ? engine::item::no_expiry : -1;
  }
  return expires;
}

void check_key(std::string_view key) {
  if (key.size() > max_key_size) {
    throw error(errc::too_large, "a key of " + std::to_string(key.size()) + " bytes: at most " +
                                     std::to_string(max_key_size));
  }
  if (log::is_reserved_key(key)) {
    throw error(errc::reserved_key, "keys that begin with NUL \"bunt:\" belong to the file format");
  }
}

void check_value(std::string_view value) {
  if (value.size() > max_value_size) {
    throw error(errc::too_large, "a value of " + std::to_string(value.size()) + " bytes: at most " +
                                     std::to_string(max_value_size));
  }
}

}  // namespace

transaction::transaction(engine::write_state& state) noexcept
    : reader(state.draft(), &state, state.now()), state_(&state) {}

transaction::transaction(transaction&& other) noexcept
    : reader(std::move(other)), state_(std::exchange(other.state_, nullptr)) {}

transaction& transaction::operator=(transaction&& other) noexcept {
  if (this != &other) {
    rollback();
    state_ = std::exchange(other.state_, nullptr);
    reader::operator=(std::move(other));
  }
  return *this;
}

transaction::~transaction() {
  rollback();
}

engine::write_state& transaction::state() const {
  if (state_ == nullptr) {
    throw error(errc::transaction_ended, "the transaction has been committed or rolled back");
  }
  if (state_->doomed()) {
    throw error(errc::transaction_ended,
                "an exception inside an earlier change left the transaction unusable");
  }
  return *state_;
}

std::optional<std::string_view> transaction::set(std::string_view key, std::string_view value,
                                                 const set_options& options) {
  engine::write_state& writing = state();
  check_key(key);
  check_value(value);
  return writing.set(key, value, expiry(options, now()));
}

bool transaction::set_expiry(std::string_view key, const set_options& options) {
  return state().set_expiry(key, expiry(options, now()));
}

std::optional<std::string_view> transaction::erase(std::string_view key) {
  return state().erase(key);
}

std::uint64_t transaction::revision() const {
  return state().draft()->number;
}

void transaction::clear() {
  state().clear();
}

void transaction::add_index(const std::shared_ptr<const engine::index_definition>& definition) {
  if (state().find_index(definition->info.name) != nullptr) {
    throw error(errc::index_exists,
                "there is an index '" + definition->info.name + "' already: replace or drop it");
  }
  state().create_index(definition);
}

void transaction::put_index(const std::shared_ptr<const engine::index_definition>& definition) {
  state().drop_index(definition->info.name);
  state().create_index(definition);
}

void transaction::create_index(std::string_view name, const index_options& options) {
  add_index(std::make_shared<engine::index_definition>(name, options));
}

void transaction::create_spatial_index(std::string_view name,
                                       const spatial_index_options& options) {
  add_index(std::make_shared<engine::index_definition>(name, options));
}

void transaction::replace_index(std::string_view name, const index_options& options) {
  put_index(std::make_shared<engine::index_definition>(name, options));
}

void transaction::replace_spatial_index(std::string_view name,
                                        const spatial_index_options& options) {
  put_index(std::make_shared<engine::index_definition>(name, options));
}

bool transaction::drop_index(std::string_view name) {
  if (name.empty()) {
    throw error(errc::invalid_argument,
                "drop_index: the empty name stands for the keys themselves");
  }
  return state().drop_index(name);
}

void transaction::commit() {
  if (state_ == nullptr) {
    throw error(errc::transaction_ended, "the transaction has been committed or rolled back");
  }
  version_ = nullptr;
  engine::write_state& writing = *std::exchange(state_, nullptr);
  writing.owner().commit(writing);
}

bool transaction::try_commit() {
  if (state_ == nullptr) {
    throw error(errc::transaction_ended, "the transaction has been committed or rolled back");
  }
  try {
    if (!state_->owner().try_commit(*state_)) return false;
  } catch (...) {  // which has ended it
    version_ = nullptr;
    state_ = nullptr;
    throw;
  }
  version_ = nullptr;
  state_ = nullptr;
  return true;
}

void transaction::commit_then(std::function<void(std::exception_ptr)> done) {
  if (state_ == nullptr) {
    throw error(errc::transaction_ended, "the transaction has been committed or rolled back");
  }
  version_ = nullptr;
  engine::write_state& writing = *std::exchange(state_, nullptr);
  writing.owner().commit_then(writing, std::move(done));
}

std::future<void> transaction::commit_async() {
  // Shared, because std::function must be copyable.
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
  if (state_ == nullptr) return;
  version_ = nullptr;
  engine::write_state& writing = *std::exchange(state_, nullptr);
  if (!writing.owner().forked()) writing.owner().rollback(writing);
}

}  // namespace buntdb
