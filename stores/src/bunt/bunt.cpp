#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <unordered_set>
#include <utility>

#include <buntdb/database.hpp>
#include <scs/error.hpp>
#include <scs/store/watermark.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/value.hpp>

#include "bunt/anonymous_sessions.hpp"
#include "bunt/expiry_listener.hpp"
#include "bunt/item_value.hpp"
#include "bunt/user_hash.hpp"

namespace scs::stores {

namespace {

constexpr std::size_t max_prefix_size = 64;
constexpr std::size_t token_size = 43;

record record_of(const buntdb::found_item& found) {
  return {std::string{item_value::payload_of(found.value)}, found.expires_at,
          std::to_string(found.revision)};
}

/// Whether it has the form of an id: `h:` and a hash or, under id_mode::raw, a token.
bool looks_like_id(std::string_view text) {
  if (text.starts_with("h:")) text.remove_prefix(2);
  return text.size() == token_size && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '-' || c == '_';
         });
}

/// Whether it has the form of a watermark's id (watermark_id()): with the user's name, or with a
/// hash of it.
bool looks_like_watermark_id(std::string_view text) {
  constexpr std::string_view hashed_prefix = "w:#";
  if (text.size() > session_id::max_size) return false;
  if (text.starts_with(plain_watermark_prefix)) return text.size() > plain_watermark_prefix.size();
  return text.starts_with(hashed_prefix) && text.size() == hashed_prefix.size() + token_size;
}

/// Returns an order by a hash of the user. It needs little memory, and one comparison distinguishes
/// two users. Two users may have the same hash.
buntdb::ordering by_hash_of_user() {
  const auto append_hash = [](std::string_view user, std::string& out) {
    const std::uint64_t hash = user_hash(user);
    out.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  };
  return buntdb::by_json("user", buntdb::by_sort_key(append_hash));
}

/// Returns the pattern that matches everything with this prefix.
std::string pattern_of(std::string_view prefix) {
  std::string pattern;
  for (const char c : prefix) {
    if (c == '*' || c == '?' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '*';
}

/// Whether a value may be stored although the database has reached its memory limit. That holds for
/// a manager's own records, without which a revocation would fail. It also holds for a value that
/// replaces a session and is not larger, or is a tombstone.
bool may_pass_limit(std::string_view id, const std::optional<std::size_t>& size_before,
                    std::size_t size, std::string_view user) {
  constexpr std::size_t tombstone_size = 512;  // excluding the user
  if (id.starts_with(reserved_id_prefix)) return true;
  return size_before && size <= std::max(*size_before, tombstone_size + user.size());
}

/// Calls the function. A database that has reached its limit is reported as a full store.
template <class Function>
auto full_is_store_full(Function function) {
  try {
    return function();
  } catch (const buntdb::error& failure) {
    if (failure.code() == buntdb::errc::full) throw error(errc::store_full, failure.what());
    throw;
  }
}

commit_result replace(buntdb::transaction& tx, std::string_view key, const session_id& id,
                      std::string_view payload, time_point expiry,
                      const std::optional<std::string>& expected_revision, std::string_view user) {
  const auto found = tx.find(key);
  if (expected_revision && !found) return {commit_result::outcome::gone, {}};
  if (expected_revision ? std::to_string(found->revision) != *expected_revision
                        : found.has_value()) {
    return {commit_result::outcome::conflict, {}};
  }
  commit_result done{commit_result::outcome::committed, {}};
  if (expiry > tx.now()) {
    const std::optional<std::size_t> before =
        found ? std::optional(found->value.size()) : std::nullopt;
    const auto set = [&](std::string_view value) {
      tx.set(key, value,
             {.expires_at = expiry,
              .beyond_limit = may_pass_limit(id.text(), before, value.size(), user)});
    };
    if (item_value::is_payload(payload, user)) {
      set(payload);
    } else {
      set(item_value::with_user(payload, user));
    }
    done.revision = std::to_string(tx.revision());
  } else {
    tx.erase(key);
  }
  return done;
}

/// Extends an item's expiry. Returns whether the item exists.
bool extend(buntdb::transaction& tx, std::string_view key, time_point expiry) {
  const auto found = tx.find(key);
  if (found && found->expires_at < expiry) {
    // It takes no additional memory.
    tx.set_expiry(key, {.expires_at = expiry, .beyond_limit = true});
  }
  return found.has_value();
}

}  // namespace

/// The database's key for an id, made without an allocation.
class bunt::item_key {
 public:
  item_key(std::string_view prefix, const session_id& id) noexcept
      : size_(prefix.size() + id.text().size()) {
    std::memcpy(bytes_.data(), prefix.data(), prefix.size());
    std::memcpy(bytes_.data() + prefix.size(), id.text().data(), id.text().size());
  }
  operator std::string_view() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, max_prefix_size + session_id::max_size> bytes_;
  std::size_t size_;
};

/// One commit of this store. It maintains the number of sessions without a user, and the number of
/// erasures.
class bunt::change {
 public:
  /// Reserves the place of a new session without a user. Throws scs::error (store_full).
  change(bunt& owner, const session_id& id, time_point expiry, bool is_new, bool has_user,
         time_point now)
      : owner_(owner),
        id_(id),
        expiry_(expiry),
        has_user_(has_user),
        erases_(expiry <= now),
        counts_(owner.anonymous_->is_limited() && !is_reserved(id)) {
    if (!counts_ || !is_new || has_user || erases_) return;
    took_place_ = owner_.anonymous_->take_place(id_, expiry_, now);
  }
  ~change() {
    if (took_place_) owner_.anonymous_->remove(id_);
  }
  change(const change&) = delete;
  change& operator=(const change&) = delete;

  /// Call it when the transaction was committed, with the result.
  void done(commit_result::outcome result) {
    if (result != commit_result::outcome::committed) return;
    took_place_ = false;
    if (erases_ || is_reserved(id_)) owner_.erasures_.fetch_add(1);
    if (!counts_) return;
    if (erases_) return owner_.anonymous_->remove(id_);
    try {
      owner_.anonymous_->keep(id_, expiry_, has_user_);
    } catch (
        const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): it is stored, and not counted
    }
  }

 private:
  bunt& owner_;
  const session_id& id_;
  const time_point expiry_;
  const bool has_user_;
  const bool erases_;
  const bool counts_;
  bool took_place_ = false;
};

bunt::bunt(buntdb::database& db, bunt_options options)
    : db_(db),
      options_(std::move(options)),
      user_index_("scs:users:" + options_.prefix),
      anonymous_(std::make_unique<anonymous_sessions>(options_.max_anonymous_sessions)),
      expiry_listener_(std::make_shared<expiry_listener>(options_.prefix)) {
  if (options_.prefix.size() > max_prefix_size) {
    throw error(errc::invalid_options, "buntstore: a prefix of " +
                                           std::to_string(options_.prefix.size()) +
                                           " bytes: at most " + std::to_string(max_prefix_size));
  }
  if (anonymous_->is_limited()) count_anonymous_sessions();
}

bunt::~bunt() {
  expiry_listener_->set({});
}

void bunt::count_anonymous_sessions() {
  const buntdb::snapshot view = view_with_user_index();
  std::unordered_set<std::string> of_users;
  for (const auto [key, payload] : view.ascend(user_index_))
    of_users.emplace(key);
  for (const auto [key, payload] : view.ascend({.at_least = options_.prefix})) {
    if (!key.starts_with(options_.prefix)) break;
    const std::string_view text = key.substr(options_.prefix.size());
    if (!looks_like_id(text) || of_users.contains(std::string{key})) continue;
    anonymous_->keep(session_id::from_text(text), view.find(key)->expires_at, false);
  }
}

std::optional<record> bunt::find(const session_id& id) {
  const item_key key{options_.prefix, id};
  const auto found = db_.find(key);
  if (!found) return std::nullopt;
  return record_of(*found);
}

// Each of these functions commits even if it has changed nothing. Its result may depend on a
// transaction that is neither on disk nor visible yet, and committing waits for that transaction.

commit_result bunt::commit(const session_id& id, std::string_view payload, time_point expiry,
                           const std::optional<std::string>& expected_revision,
                           std::string_view user) {
  if (!user.empty()) require_user_index();  // which finds the user in the value
  buntdb::transaction tx = db_.begin();
  change under_way{*this, id, expiry, !expected_revision, !user.empty(), tx.now()};
  commit_result done = full_is_store_full([&] {
    return replace(tx, item_key{options_.prefix, id}, id, payload, expiry, expected_revision, user);
  });
  tx.commit();
  under_way.done(done.result);
  return done;
}

bool bunt::touch(const session_id& id, time_point expiry) {
  buntdb::transaction tx = db_.begin();
  const bool there = extend(tx, item_key{options_.prefix, id}, expiry);
  tx.commit();
  if (there && anonymous_->is_limited()) anonymous_->extend(id, expiry);
  return there;
}

std::optional<commit_result> bunt::try_commit(const session_id& id, std::string_view payload,
                                              time_point expiry,
                                              const std::optional<std::string>& expected_revision,
                                              std::string_view user) {
  // Making the index would block.
  if (!user.empty() && !has_user_index_.load(std::memory_order_acquire)) return std::nullopt;
  std::optional<buntdb::transaction> tx = db_.try_begin();
  if (!tx) return std::nullopt;
  change under_way{*this, id, expiry, !expected_revision, !user.empty(), tx->now()};
  commit_result done = full_is_store_full([&] {
    return replace(*tx, item_key{options_.prefix, id}, id, payload, expiry, expected_revision,
                   user);
  });
  if (!tx->try_commit()) return std::nullopt;
  under_way.done(done.result);
  return done;
}

std::optional<bool> bunt::try_touch(const session_id& id, time_point expiry) {
  std::optional<buntdb::transaction> tx = db_.try_begin();
  if (!tx) return std::nullopt;
  const bool there = extend(*tx, item_key{options_.prefix, id}, expiry);
  if (!tx->try_commit()) return std::nullopt;
  if (there && anonymous_->is_limited()) anonymous_->extend(id, expiry);
  return there;
}

std::optional<record> bunt::erase(const session_id& id) {
  const item_key key{options_.prefix, id};
  buntdb::transaction tx = db_.begin();
  std::optional<record> erased;
  if (const auto found = tx.find(key)) erased = record_of(*found);
  tx.erase(key);
  // Counted before the commit for callers that find the record absent from then on, and after it
  // for callers that sync from then on. If the record was absent before, nothing is counted, so
  // that a forged token does not make anybody wait.
  if (erased) erasures_.fetch_add(1);
  tx.commit();
  if (erased) erasures_.fetch_add(1);
  if (anonymous_->is_limited()) anonymous_->remove(id);
  return erased;
}

void bunt::sync_erasures() {
  const std::uint64_t wanted = erasures_.load();
  std::uint64_t synced = synced_erasures_.load();
  if (synced >= wanted) return;
  if (db_.current_settings().sync != buntdb::sync_policy::never) db_.sync();
  while (synced < wanted && !synced_erasures_.compare_exchange_weak(synced, wanted)) {
  }
}

void bunt::expiry_listener::tell(std::span<const buntdb::expired_item> items) {
  const std::lock_guard lock{mutex_};
  if (!call_) return;
  for (const buntdb::expired_item& item : items) {
    std::string_view text = item.key;
    if (!text.starts_with(prefix_)) continue;
    text.remove_prefix(prefix_.size());
    if (!looks_like_id(text)) continue;
    try {
      call_(session_id::from_text(text), item_value::payload_of(item.value));
    } catch (...) {  // NOLINT(bugprone-empty-catch): as the interface says
    }
  }
}

void bunt::on_expired(listener call) {
  const bool listens = call != nullptr;
  expiry_listener_->set(std::move(call));
  if (!listens || listens_.exchange(true)) return;
  db_.change([this](buntdb::settings& to) {
    to.expiry.on_expired = [told = expiry_listener_, other = to.expiry.on_expired](
                               std::span<const buntdb::expired_item> items) {
      told->tell(items);
      if (other) other(items);
    };
  });
}

void bunt::for_each(const visitor& visit_record) {
  const buntdb::snapshot view = db_.begin_read();
  for (const auto [key, payload] : view.ascend({.at_least = options_.prefix})) {
    if (!key.starts_with(options_.prefix)) break;
    const std::string_view text = key.substr(options_.prefix.size());
    if (!looks_like_id(text) && !looks_like_watermark_id(text)) continue;
    record found = record_of(*view.find(key));
    found.user = item_value::user_of(payload);
    if (visit_record(session_id::from_text(text), found) == visit::stop) return;
  }
}

std::optional<std::uint64_t> bunt::count() {
  return db_.begin_read().count({.prefix = options_.prefix + "h:"});
}

/// Makes the index of sessions by user when it is first needed, so that programs without users do
/// not pay for it.
void bunt::require_user_index() {
  if (has_user_index_.load(std::memory_order_acquire)) return;
  try {
    db_.create_index(user_index_, {.pattern = pattern_of(options_.prefix),
                                   .order = {by_hash_of_user()},
                                   .sparse = true,
                                   .keep_sort_keys = false});
  } catch (const buntdb::error& failure) {
    if (failure.code() != buntdb::errc::index_exists) throw;  // another store or thread was faster
  }
  has_user_index_.store(true, std::memory_order_release);
}

/// The application may have dropped the index, or loaded other data into the file.
buntdb::snapshot bunt::view_with_user_index() {
  require_user_index();
  buntdb::snapshot view = db_.begin_read();
  if (!view.index(user_index_)) {
    has_user_index_.store(false, std::memory_order_release);
    require_user_index();
    view = db_.begin_read();
  }
  return view;
}

void bunt::for_each_of_user(std::string_view user, const visitor& visit_record) {
  if (user.empty()) return;
  const buntdb::snapshot view = view_with_user_index();
  const std::string wanted = R"({"user":)" + value_traits<std::string>::to_json(user) + '}';
  const buntdb::ordering by_user = buntdb::by_json_case_sensitive("user");
  for (const auto [key, payload] : view.equal(user_index_, wanted)) {
    const std::string_view text = key.substr(options_.prefix.size());
    if (!looks_like_id(text)) continue;
    if (less(by_user, payload, wanted) || less(by_user, wanted, payload)) continue;  // same hash
    record found = record_of(*view.find(key));
    found.user = user;
    if (visit_record(session_id::from_text(text), found) == visit::stop) return;
  }
}

}  // namespace scs::stores
