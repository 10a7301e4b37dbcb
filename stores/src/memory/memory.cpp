#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/stores/memory.hpp>

#include "memory/expired_sessions.hpp"
#include "memory/user_index.hpp"

namespace scs::stores {

namespace {

/// How many other sessions the commit of a new session checks. It is more than one, so that
/// removing keeps up with adding.
constexpr std::size_t looked_at_per_commit = 4;

/// How many are checked before a new session is refused. It is bounded, so that refusing stays
/// cheap.
constexpr std::size_t looked_at_when_full = 1024;

/// A decimal number. It fits into std::string's own buffer for the first 10^15 commits.
std::string revision_text(std::uint64_t revision) {
  return std::to_string(revision);
}

}  // namespace

memory::memory(memory_options options)
    : options_(options),
      clock_(options.clock == nullptr ? scs::clock::system() : *options.clock),
      users_(std::make_unique<user_index>()),
      expired_(std::make_unique<expired_sessions>()) {}
memory::~memory() = default;

memory::partition& memory::shard_of(const session_id& id) noexcept {
  // The map uses the hash's low bits.
  constexpr int unused_bits = 40;
  return shards_[(std::hash<session_id>{}(id) >> unused_bits) % shard_count];
}

/// Removes the entry if it has expired.
memory::map::iterator memory::live_entry(partition& shard, const session_id& id, time_point now) {
  const auto found = shard.entries.find(id);
  if (found == shard.entries.end() || found->second.expiry > now) return found;
  remove_as_expired(shard, found);
  return shard.entries.end();
}

void memory::remove_as_expired(partition& shard, map::iterator position) noexcept {
  const session_id id = position->first;
  std::string payload = std::move(position->second.payload);
  remove(shard, position);
  expired_->add(id, std::move(payload));
}

/// Whether it counts as a session without a user. A watermark is not a session.
bool memory::is_anonymous(const map::value_type& entry) noexcept {
  return entry.second.user == nullptr && !is_reserved(entry.first);
}

void memory::remove(partition& shard, map::iterator position) noexcept {
  if (is_anonymous(*position)) anonymous_.fetch_sub(1, std::memory_order_relaxed);
  if (is_reserved(position->first)) reserved_.fetch_sub(1, std::memory_order_relaxed);
  users_->remove(position->second.user, position->first);
  shard.entries.erase(position);
  size_.fetch_sub(1, std::memory_order_relaxed);
}

std::optional<record> memory::find(const session_id& id) {
  const told_at_end tells{*expired_};
  const time_point now = clock_.now();
  partition& shard = shard_of(id);
  const std::lock_guard lock{shard.mutex};
  const auto found = live_entry(shard, id, now);
  if (found == shard.entries.end()) return std::nullopt;
  const kept_session& entry = found->second;
  return record{entry.payload, entry.expiry, revision_text(entry.revision)};
}

/// Counts one more session while it is being added. The destructor reverts that unless the session
/// was added.
class memory::reserved_place {
 public:
  /// The limit that applies: that of sessions without a user, or that of all. A watermark has no
  /// limit, because a revocation must not be refused.
  enum class kind { of_any, anonymous };

  reserved_place(memory& owner, const session_id& id, kind which)
      : count_(which == kind::anonymous ? owner.anonymous_ : owner.size_),
        limit_(is_reserved(id)            ? 0
               : which == kind::anonymous ? owner.options_.max_anonymous_sessions
                                          : owner.options_.max_sessions) {
    if (taken()) return;
    owner.remove_expired(looked_at_when_full);
    if (taken()) return;
    const bool is_anonymous = which == kind::anonymous;
    throw error(errc::store_full,
                "the memory store holds " + std::to_string(limit_) +
                    (is_anonymous ? " sessions without a user, as many as max_anonymous_sessions"
                                  : " sessions, as many as max_sessions") +
                    " allows");
  }
  ~reserved_place() {
    if (!kept_) count_.fetch_sub(1, std::memory_order_relaxed);
  }
  reserved_place(const reserved_place&) = delete;
  reserved_place& operator=(const reserved_place&) = delete;

  void keep() noexcept { kept_ = true; }

 private:
  bool taken() noexcept {
    std::size_t count = count_.load(std::memory_order_relaxed);
    do {
      if (limit_ != 0 && count >= limit_) return false;
    } while (!count_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
    return true;
  }

  std::atomic<std::size_t>& count_;
  const std::size_t limit_;
  bool kept_ = false;
};

commit_result memory::commit(const session_id& id, std::string_view payload, time_point expiry,
                             const std::optional<std::string>& expected_revision,
                             std::string_view user) {
  const told_at_end tells{*expired_};
  kept_session fresh{std::string{payload}, expiry,
                     last_revision_.fetch_add(1, std::memory_order_relaxed) + 1};
  std::string revision = revision_text(fresh.revision);
  const auto outcome = expected_revision ? replace(id, std::move(fresh), *expected_revision, user)
                                         : create(id, std::move(fresh), user);
  if (outcome != commit_result::outcome::committed) return {outcome, {}};
  return {outcome, std::move(revision)};
}

commit_result::outcome memory::create(const session_id& id, kept_session&& fresh,
                                      std::string_view user) {
  const time_point now = clock_.now();
  {
    // The shards take turns, so that a shard without commits is swept, too.
    partition& swept = shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % shard_count];
    const std::lock_guard lock{swept.mutex};
    remove_expired(swept, looked_at_per_commit, now);
  }
  reserved_place place{*this, id, reserved_place::kind::of_any};
  std::optional<reserved_place> anonymous_place;
  if (user.empty() && !is_reserved(id)) {
    anonymous_place.emplace(*this, id, reserved_place::kind::anonymous);
  }
  partition& shard = shard_of(id);
  const std::lock_guard lock{shard.mutex};
  if (live_entry(shard, id, now) != shard.entries.end()) return commit_result::outcome::conflict;
  if (fresh.expiry > now) {
    const auto position = shard.entries.try_emplace(id, std::move(fresh)).first;
    try {
      position->second.user = users_->add(user, id);
    } catch (...) {
      shard.entries.erase(position);
      throw;
    }
    place.keep();
    if (is_reserved(id)) reserved_.fetch_add(1, std::memory_order_relaxed);
    if (anonymous_place) anonymous_place->keep();
  }
  return commit_result::outcome::committed;
}

commit_result::outcome memory::replace(const session_id& id, kept_session&& fresh,
                                       const std::string& expected_revision,
                                       std::string_view user) {
  const time_point now = clock_.now();
  partition& shard = shard_of(id);
  const std::lock_guard lock{shard.mutex};
  const auto found = live_entry(shard, id, now);
  if (found == shard.entries.end()) return commit_result::outcome::gone;
  if (revision_text(found->second.revision) != expected_revision) {
    return commit_result::outcome::conflict;
  }
  if (fresh.expiry > now) {
    const std::string* before = found->second.user;
    if (user == (before == nullptr ? std::string_view{} : std::string_view{*before})) {
      fresh.user = before;
    } else {
      fresh.user = users_->add(user, id);
      users_->remove(before, id);
    }
    const bool was_anonymous = is_anonymous(*found);
    found->second = std::move(fresh);
    const bool is_now = is_anonymous(*found);
    if (was_anonymous && !is_now) anonymous_.fetch_sub(1, std::memory_order_relaxed);
    if (!was_anonymous && is_now) anonymous_.fetch_add(1, std::memory_order_relaxed);
  } else {
    remove(shard, found);
  }
  return commit_result::outcome::committed;
}

bool memory::touch(const session_id& id, time_point expiry) {
  const told_at_end tells{*expired_};
  const time_point now = clock_.now();
  partition& shard = shard_of(id);
  const std::lock_guard lock{shard.mutex};
  const auto found = live_entry(shard, id, now);
  if (found == shard.entries.end()) return false;
  found->second.expiry = std::max(found->second.expiry, expiry);
  return true;
}

std::optional<record> memory::erase(const session_id& id) {
  const told_at_end tells{*expired_};
  const time_point now = clock_.now();
  partition& shard = shard_of(id);
  const std::lock_guard lock{shard.mutex};
  const auto found = live_entry(shard, id, now);
  if (found == shard.entries.end()) return std::nullopt;
  record erased{std::move(found->second.payload), found->second.expiry,
                revision_text(found->second.revision)};
  remove(shard, found);
  return erased;
}

// The visitor may call this store, so it is called without a lock, on a copy of one shard at a
// time.
void memory::for_each(const visitor& visit_record) {
  std::vector<std::pair<session_id, record>> copies;
  for (partition& shard : shards_) {
    copies.clear();
    {
      const time_point now = clock_.now();
      const std::lock_guard lock{shard.mutex};
      copies.reserve(shard.entries.size());
      for (const auto& [id, entry] : shard.entries) {
        if (entry.expiry <= now) continue;
        copies.emplace_back(id, record{entry.payload, entry.expiry, revision_text(entry.revision),
                                       entry.user == nullptr ? std::string{} : *entry.user});
      }
    }
    for (const auto& [id, record] : copies) {
      if (visit_record(id, record) == visit::stop) return;
    }
  }
}

void memory::for_each_of_user(std::string_view user, const visitor& visit_record) {
  const told_at_end tells{*expired_};
  const auto read = [&](const session_id& id) -> std::optional<record> {
    const time_point now = clock_.now();
    partition& shard = shard_of(id);
    const std::lock_guard lock{shard.mutex};
    const auto found = live_entry(shard, id, now);
    if (found == shard.entries.end()) return std::nullopt;
    const kept_session& entry = found->second;
    if (entry.user == nullptr || *entry.user != user) return std::nullopt;
    return record{entry.payload, entry.expiry, revision_text(entry.revision), *entry.user};
  };
  for (const session_id& id : users_->sessions_of(user)) {
    const std::optional<record> found = read(id);
    if (found && visit_record(id, *found) == visit::stop) return;
  }
}

std::optional<std::uint64_t> memory::count() {
  remove_expired(looked_at_when_full);
  const std::size_t all = size();
  return all - std::min(all, reserved_.load(std::memory_order_relaxed));
}

void memory::on_expired(listener call) {
  expired_->set(std::move(call));
}

std::size_t memory::remove_expired(std::size_t max_sessions) {
  const told_at_end tells{*expired_};
  const time_point now = clock_.now();
  std::size_t removed = 0;
  for (partition& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    removed += remove_expired(shard, max_sessions / shard_count + 1, now);
  }
  return removed;
}

/// Continues at the bucket where the previous call stopped. The shard must be locked.
std::size_t memory::remove_expired(partition& shard, std::size_t max_sessions,
                                   time_point now) noexcept {
  map& entries = shard.entries;
  const std::size_t buckets = entries.bucket_count();
  std::size_t removed = 0;
  std::size_t looked_at = 0;
  // At most twice as many buckets as sessions, so that a sparse table does not slow down a commit.
  for (std::size_t i = 0; i < std::min(2 * max_sessions, buckets) && looked_at < max_sessions;
       ++i) {
    const std::size_t bucket = shard.next_bucket++ % buckets;
    bool again = true;
    while (again) {  // an erasure invalidates the walk along a bucket
      again = false;
      for (auto it = entries.begin(bucket); it != entries.end(bucket); ++it) {
        if (it->second.expiry > now) continue;
        const session_id expired = it->first;
        remove_as_expired(shard, entries.find(expired));
        ++removed;
        again = true;
        break;
      }
    }
    looked_at += entries.bucket_size(bucket);
  }
  return removed;
}

}  // namespace scs::stores
