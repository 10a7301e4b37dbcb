// 1. A copy is kept only if no change of that record by this object was running from before the
//    read until after it.
// 2. A change removes the copy before it begins, and nothing is kept until it has ended. So every
//    copy that a find returns was read after the last change by this object.

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <scs/error.hpp>
#include <scs/stores/near_cache.hpp>

namespace scs::stores {

namespace {

using std::chrono::steady_clock;

/// The memory of an entry in addition to its payload: nodes of list and map, id, revision.
constexpr std::size_t entry_overhead_bytes = 320;

/// The entry for a watermark that does not exist. Revisions of stores are never empty.
record absence() {
  return {.payload = {}, .expiry = time_point::max(), .revision = {}};
}

bool is_absence(const record& kept) noexcept {
  return kept.revision.empty();
}

near_cache_options checked(near_cache_options options) {
  if (options.max_age <= std::chrono::milliseconds{0}) {
    throw error(errc::invalid_options, "near_cache: max_age: it must be more than zero");
  }
  if (options.max_bytes == 0) {
    throw error(errc::invalid_options, "near_cache: max_bytes: it must be more than zero");
  }
  if (options.clock == nullptr) options.clock = &scs::clock::system();
  return options;
}

}  // namespace

class near_cache::copies {
 public:
  explicit copies(near_cache_options options)
      : options_(checked(options)),
        bytes_max_per_shard_(options_.max_bytes / shard_count),
        entry_bytes_max_(options_.max_bytes / 100) {}

  /// A live copy; or none, and what keep() needs to know.
  struct looked_up {
    std::optional<record> copy{};
    std::uint64_t changes = 0;
    bool changing = false;
  };

  /// How many changes of watermarks have begun and ended. Before a find it is not known whose
  /// watermark it returns.
  struct watermark_changes {
    std::uint64_t begun = 0;
    bool changing = false;
  };
  watermark_changes changes_of_watermarks() const noexcept {
    const std::uint64_t ended = watermark_changes_ended_.load();
    const std::uint64_t begun = watermark_changes_begun_.load();
    return {.begun = begun, .changing = begun != ended};
  }

  looked_up find(const session_id& id) {
    const time_point now = options_.clock->now();
    const auto steady_now = steady_clock::now();
    const place at{id};
    shard& in = shards_[at.shard];
    const std::lock_guard lock{in.mutex};
    const auto found = in.by_id.find(id);
    if (found != in.by_id.end()) {
      if (fresh(*found->second, now, steady_now)) {
        hits_.fetch_add(1, std::memory_order_relaxed);
        return {.copy = found->second->contents};
      }
      in.remove(found->second);
    }
    misses_.fetch_add(1, std::memory_order_relaxed);
    const change_count& count = in.changes[at.stripe];
    return {.copy = {}, .changes = count.begun, .changing = count.begun != count.ended};
  }

  /// Keeps what was read after `before` was looked up, unless a change came in between.
  void keep(const session_id& id, const record& contents, const looked_up& before,
            time_point read_at, steady_clock::time_point steady_read_at) {
    const std::size_t bytes = contents.payload.size() + entry_overhead_bytes;
    if (before.changing || bytes > entry_bytes_max_) return;
    const place at{id};
    shard& in = shards_[at.shard];
    const std::lock_guard lock{in.mutex};
    if (in.changes[at.stripe].begun != before.changes) return;
    put(in, id, contents, bytes, read_at, steady_read_at);
  }

  /// The same for a watermark that was found with a session.
  void keep_watermark(const session_id& id, const record& contents, const watermark_changes& before,
                      time_point read_at, steady_clock::time_point steady_read_at) {
    if (before.changing) return;
    shard& in = shards_[place{id}.shard];
    const std::lock_guard lock{in.mutex};
    // A change that begins after this check removes the copy that is put now, because it takes the
    // lock.
    if (watermark_changes_begun_.load() != before.begun) return;
    put(in, id, contents, contents.payload.size() + entry_overhead_bytes, read_at, steady_read_at);
  }

  void begin_change(const session_id& id) {
    if (is_reserved(id)) ++watermark_changes_begun_;
    const place at{id};
    shard& in = shards_[at.shard];
    const std::lock_guard lock{in.mutex};
    ++in.changes[at.stripe].begun;
    if (const auto old = in.by_id.find(id); old != in.by_id.end()) in.remove(old->second);
  }

  void end_change(const session_id& id) {
    const place at{id};
    shard& in = shards_[at.shard];
    const std::lock_guard lock{in.mutex};
    ++in.changes[at.stripe].ended;
    if (is_reserved(id)) ++watermark_changes_ended_;
  }

  time_point now() const noexcept { return options_.clock->now(); }

  counts statistics() const noexcept {
    return {.hits = hits_.load(std::memory_order_relaxed),
            .misses = misses_.load(std::memory_order_relaxed)};
  }

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const shard& in : shards_) {
      const std::lock_guard lock{in.mutex};
      sum += in.bytes;
    }
    return sum;
  }

 private:
  static constexpr std::size_t shard_count = 16;
  /// Ids with the same stripe share one count of changes.
  static constexpr std::size_t stripes_per_shard = 256;

  struct entry {
    session_id id;
    record contents;
    time_point read_at;
    steady_clock::time_point steady_read_at;
    std::size_t bytes;
  };

  struct change_count {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
  };

  struct shard {
    mutable std::mutex mutex;  // guards the other members
    std::list<entry> by_age;   // the oldest first
    std::unordered_map<session_id, std::list<entry>::iterator> by_id;
    std::array<change_count, stripes_per_shard> changes{};
    std::size_t bytes = 0;

    void remove(std::list<entry>::iterator which) noexcept {
      bytes -= which->bytes;
      by_id.erase(which->id);
      by_age.erase(which);
    }
  };

  struct place {
    explicit place(const session_id& id) noexcept {
      const std::size_t hash = std::hash<session_id>{}(id);
      shard = (hash >> 40) % shard_count;
      stripe = (hash >> 48) % stripes_per_shard;
    }
    std::size_t shard;
    std::size_t stripe;
  };

  /// Checks both clocks: one may be set back, and the other does not run while the machine is
  /// suspended.
  bool fresh(const entry& copy, time_point now,
             steady_clock::time_point steady_now) const noexcept {
    return copy.contents.expiry > now && now >= copy.read_at &&
           now - copy.read_at < options_.max_age &&
           steady_now - copy.steady_read_at < options_.max_age;
  }

  /// Requires the shard's lock.
  void put(shard& in, const session_id& id, const record& contents, std::size_t bytes,
           time_point read_at, steady_clock::time_point steady_read_at) {
    if (const auto old = in.by_id.find(id); old != in.by_id.end()) in.remove(old->second);
    while (!in.by_age.empty() && (in.bytes + bytes > bytes_max_per_shard_ ||
                                  !fresh(in.by_age.front(), read_at, steady_read_at))) {
      in.remove(in.by_age.begin());
    }
    if (in.bytes + bytes > bytes_max_per_shard_) return;
    in.by_age.push_back({id, contents, read_at, steady_read_at, bytes});
    in.bytes += bytes;
    try {
      in.by_id.emplace(id, std::prev(in.by_age.end()));
    } catch (...) {
      in.bytes -= bytes;
      in.by_age.pop_back();
      throw;
    }
  }

  const near_cache_options options_;
  const std::size_t bytes_max_per_shard_;
  const std::size_t entry_bytes_max_;
  std::array<shard, shard_count> shards_{};
  std::atomic<std::uint64_t> hits_{0};
  std::atomic<std::uint64_t> misses_{0};
  std::atomic<std::uint64_t> watermark_changes_begun_{0};
  std::atomic<std::uint64_t> watermark_changes_ended_{0};
};

/// A change that is running, until it ends in any way.
class near_cache::change {
 public:
  change(copies& of, const session_id& id) : copies_(of), id_(id) { copies_.begin_change(id_); }
  ~change() { copies_.end_change(id_); }
  change(const change&) = delete;
  change& operator=(const change&) = delete;

 private:
  copies& copies_;
  const session_id& id_;
};

near_cache::near_cache(std::unique_ptr<scs::store> behind, near_cache_options options)
    : behind_(std::move(behind)), copies_(std::make_unique<copies>(options)) {
  if (!behind_) throw error(errc::invalid_options, "near_cache: there is no inner store");
}

near_cache::~near_cache() = default;

std::optional<record> near_cache::find(const session_id& id) {
  // The age counts from before the read.
  const time_point read_at = copies_->now();
  const auto steady_read_at = steady_clock::now();
  copies::looked_up known = copies_->find(id);
  if (known.copy) {
    if (is_absence(*known.copy)) return std::nullopt;
    return std::move(known.copy);
  }
  std::optional<record> found = behind_->find(id);
  if (found) {
    copies_->keep(id, *found, known, read_at, steady_read_at);
  } else if (is_reserved(id)) {
    copies_->keep(id, absence(), known, read_at, steady_read_at);
  }
  return found;
}

session_with_watermark near_cache::find_with_watermark(const session_id& id) {
  auto* const finder = dynamic_cast<watermark_finder*>(behind_.get());
  if (finder == nullptr) return {.session = find(id)};
  const time_point read_at = copies_->now();
  const auto steady_read_at = steady_clock::now();
  copies::looked_up known = copies_->find(id);
  if (known.copy) return {.session = std::move(known.copy)};
  const copies::watermark_changes watermarks = copies_->changes_of_watermarks();
  session_with_watermark found = finder->find_with_watermark(id);
  if (found.session) copies_->keep(id, *found.session, known, read_at, steady_read_at);
  if (!found.user.empty()) {
    copies_->keep_watermark(watermark_id(found.user), found.watermark.value_or(absence()),
                            watermarks, read_at, steady_read_at);
  }
  return found;
}

void near_cache::forget(const session_id& id) {
  const change as_if{*copies_, id};
}

commit_result near_cache::commit(const session_id& id, std::string_view payload, time_point expiry,
                                 const std::optional<std::string>& expected_revision,
                                 std::string_view user) {
  const change under_way{*copies_, id};
  return behind_->commit(id, payload, expiry, expected_revision, user);
}

bool near_cache::touch(const session_id& id, time_point expiry) {
  const change under_way{*copies_, id};
  return behind_->touch(id, expiry);
}

std::optional<record> near_cache::erase(const session_id& id) {
  const change under_way{*copies_, id};
  return behind_->erase(id);
}

time_point near_cache::engine_time(const session_id& id) {
  auto* const clock = dynamic_cast<store_clock*>(behind_.get());
  return clock != nullptr ? clock->engine_time(id) : copies_->now();
}

void near_cache::sync_erasures() {
  if (auto* const erased = dynamic_cast<durable_erasures*>(behind_.get())) erased->sync_erasures();
}

void near_cache::write_index_entry(const session_id& id, std::string_view user, time_point expiry) {
  auto* const index = dynamic_cast<user_index*>(behind_.get());
  if (index != nullptr) index->write_index_entry(id, user, expiry);
}

void near_cache::on_warning(listener call, std::chrono::nanoseconds idle_timeout) {
  auto* const reports = dynamic_cast<store_reports*>(behind_.get());
  if (reports != nullptr) reports->on_warning(std::move(call), idle_timeout);
}

void near_cache::for_each(const visitor& visit_record) {
  behind_->for_each(visit_record);
}

void near_cache::for_each_of_user(std::string_view user, const visitor& visit_record) {
  behind_->for_each_of_user(user, visit_record);
}

std::optional<std::uint64_t> near_cache::count() {
  auto* const counting = dynamic_cast<counting_store*>(behind_.get());
  return counting == nullptr ? std::nullopt : counting->count();
}

near_cache::counts near_cache::statistics() const noexcept {
  return copies_->statistics();
}

std::size_t near_cache::bytes() const {
  return copies_->bytes();
}

}  // namespace scs::stores
