#include "session/session_state.hpp"

#include <utility>

#include <scs/error.hpp>
#include <scs/store/request_time.hpp>

#include "manager/traced.hpp"

namespace scs::detail {

std::unique_ptr<session_state> session_state::of_record(manager_core& core, const session_id& id,
                                                        const record& found) {
  auto made = std::make_unique<session_state>(core, token_candidates{}, request_info{});
  made->data_.has_visitor = false;
  if (!std::get<stored_session>(made->storages_).adopt_record(id, found)) return nullptr;
  return made;
}

void session_state::load() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) open();
}

void session_state::load_fresh() {
  if (failure_) std::rethrow_exception(failure_);
  try {
    const request_time_scope timed{data_.store_time};
    traced(tracer(), traced_operation::load, [&] { storage_.open_fresh(); });
  } catch (const error& failure) {
    // session_gone is not kept as a failure: the commit finds out whether there is anything to
    // store.
    if (failure.code() != errc::session_gone) failure_ = std::current_exception();
    throw;
  }
  data_.response.depends_on_session();
}

void session_state::require_loaded() {
  if (failure_) std::rethrow_exception(failure_);
  if (loaded()) return;
  if (policy_ == load_policy::explicit_only) {
    throw error(errc::not_loaded, "call load() on the session before anything else");
  }
  open();
}

void session_state::use() {
  require_loaded();
  data_.response.depends_on_session();
}

// Rule 11: a failure is permanent.
void session_state::open() {
  try {
    const request_time_scope timed{data_.store_time};
    traced(tracer(), traced_operation::load, [&] { storage_.open(); });
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

std::optional<std::string_view> session_state::find_json(std::string_view key) {
  use();
  return data_.find(key);
}

std::vector<std::string> session_state::keys() {
  use();
  const payload contents = data_.merged();
  std::vector<std::string> found;
  found.reserve(contents.data.size());
  for (const payload::member& member : contents.data)
    found.emplace_back(member.key);
  return found;
}

std::string session_state::token_text() {
  use();
  return data_.loaded.live() ? std::string{storage_.token_text()} : std::string{};
}

session_id session_state::public_id() {
  use();
  return data_.loaded.live() ? data_.core.public_id(data_.loaded.id()) : session_id{};
}

session_id session_state::stored_id() {
  use();
  return data_.loaded.id();
}

std::string session_state::user() {
  use();
  return data_.user();
}

time_point session_state::deadline() {
  use();
  const auto& changed = data_.changes.deadline();
  return changed ? *changed : data_.loaded.deadline();
}

std::chrono::nanoseconds session_state::idle_timeout() {
  use();
  return data_.idle_timeout();
}

session_status session_state::status() const noexcept {
  if (has_changes() || updated_) {
    return session_status::modified;
  }
  return destroyed_ ? session_status::destroyed : session_status::unmodified;
}

std::vector<header> session_state::commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return {};
  commit_failed_ = true;  // cleared below on success
  {
    const request_time_scope timed{data_.store_time};
    traced(tracer(), traced_operation::commit, [&] {
      if (has_changes()) {
        const queue_place place{*this};
        if (!data_.changes.any()) storage_.extend();
        storage_.commit();
        has_begun_ = true;
      } else {
        extend_if_there_is_room();
      }
      sync_erasures();
    });
  }
  note_committed();
  return take_headers();
}

/// What follows a commit, in a session that is used for a long time, has the full time of a request
/// again.
void session_state::note_committed() noexcept {
  commit_failed_ = false;
  updated_ = false;
  data_.store_time = std::chrono::nanoseconds{0};
}

void session_state::announce_commit() {
  if (!failure_ && loaded() && has_changes()) enter_queue();
}

void session_state::enter_queue() {
  if (is_in_queue_ || data_.core.keeps_at_client()) return;
  commit_queue& queue = data_.core.waiting_commits();
  if (has_begun_ || destroyed_) {
    queue.enter_beyond_limit();
  } else {
    try {
      queue.enter();
    } catch (...) {
      data_.report(event_kind::store_busy, data_.loaded.id());
      throw;
    }
  }
  is_in_queue_ = true;
}

void session_state::leave_queue() noexcept {
  if (std::exchange(is_in_queue_, false)) data_.core.waiting_commits().leave();
}

/// Rule 8. A request that only reads does not wait in the queue of commits. The next request can
/// extend the idle time.
void session_state::extend_if_there_is_room() noexcept {
  commit_queue& queue = data_.core.waiting_commits();
  if (queue.is_full()) return;
  queue.enter_beyond_limit();
  storage_.extend();
  queue.leave();
}

std::optional<std::vector<header>> session_state::try_commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return std::vector<header>{};
  if (data_.owes_sync) return std::nullopt;
  commit_failed_ = true;  // cleared below unless it throws
  const bool skips_extension = !has_changes() && data_.core.waiting_commits().is_full();
  const bool done = skips_extension ||
                    traced(
                        tracer(), traced_operation::commit, [&] { return storage_.try_commit(); },
                        [](bool stored) { return !stored; });
  commit_failed_ = false;
  if (!done) return std::nullopt;
  note_committed();
  return take_headers();
}

void session_state::save() {
  require_loaded();
  commit_failed_ = true;
  if (has_changes()) {
    const request_time_scope timed{data_.store_time};
    const queue_place place{*this};
    traced(tracer(), traced_operation::commit, [&] { storage_.commit(); });
    has_begun_ = true;
  }
  note_committed();
}

void session_state::commit_changes_only() {
  if (failure_) std::rethrow_exception(failure_);
  const request_time_scope timed{data_.store_time};
  traced(tracer(), traced_operation::commit, [&] { storage_.commit(); });
}

/// Rule 4: a logout is answered when it is durable.
void session_state::sync_erasures() {
  if (!data_.owes_sync) return;
  data_.core.sync_erasures();
  data_.owes_sync = false;
}

// Rules 4 and 5.
std::vector<header> session_state::abandon() {
  leave_queue();
  data_.changes.forget();
  data_.changes.merged.clear();
  updated_ = false;
  const request_time_scope timed{data_.store_time};
  traced(tracer(), traced_operation::abandon, [&] {
    if (!failure_ && !commit_failed_) extend_if_there_is_room();
    try {
      sync_erasures();
    } catch (...) {
      data_.report(event_kind::logout_not_durable, {}, std::current_exception());
      data_.owes_sync = false;
    }
  });
  return take_headers();
}

std::optional<std::vector<header>> session_state::try_abandon() {
  const bool extends = !failure_ && !commit_failed_ && data_.extends_idle_time() &&
                       !data_.core.waiting_commits().is_full();
  if (data_.owes_sync || extends) return std::nullopt;
  return abandon();
}

std::vector<header> session_state::take_headers() {
  return data_.response.take_headers(data_.core, data_.loaded, storage_.token_text());
}

}  // namespace scs::detail
