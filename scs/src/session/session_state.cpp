#include "session/session_state.hpp"

#include <utility>

#include <scs/error.hpp>

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
    storage_.open_fresh();
  } catch (const error& failure) {
    // A session that is gone is no failure: the commit finds out whether there is anything to
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

// Rule 11: a failure sticks.
void session_state::open() {
  try {
    storage_.open();
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

session_status session_state::status() const noexcept {
  if (data_.changes.any() || !data_.changes.merged.empty() || updated_) {
    return session_status::modified;
  }
  return destroyed_ ? session_status::destroyed : session_status::unmodified;
}

std::vector<header> session_state::commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return {};
  commit_failed_ = true;  // cleared below on success
  if (!data_.changes.any()) storage_.extend();
  storage_.commit();
  sync_erasures();
  commit_failed_ = false;
  updated_ = false;
  return take_headers();
}

std::optional<std::vector<header>> session_state::try_commit() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) return std::vector<header>{};
  if (data_.owes_sync) return std::nullopt;
  commit_failed_ = true;  // cleared below unless it throws
  const bool done = storage_.try_commit();
  commit_failed_ = false;
  if (!done) return std::nullopt;
  updated_ = false;
  return take_headers();
}

void session_state::save() {
  require_loaded();
  commit_failed_ = true;
  storage_.commit();
  commit_failed_ = false;
  updated_ = false;
}

void session_state::commit_changes_only() {
  if (failure_) std::rethrow_exception(failure_);
  storage_.commit();
}

/// Rule 4: a logout is answered when it is durable.
void session_state::sync_erasures() {
  if (!data_.owes_sync) return;
  data_.core.sync_erasures();
  data_.owes_sync = false;
}

// Rules 4 and 5.
std::vector<header> session_state::abandon() {
  data_.changes.forget();
  data_.changes.merged.clear();
  updated_ = false;
  if (!failure_ && !commit_failed_) storage_.extend();
  try {
    sync_erasures();
  } catch (...) {
    data_.report(event_kind::logout_not_durable, {}, std::current_exception());
    data_.owes_sync = false;
  }
  return take_headers();
}

std::optional<std::vector<header>> session_state::try_abandon() {
  const bool extends = !failure_ && !commit_failed_ && data_.extends_idle_time();
  if (data_.owes_sync || extends) return std::nullopt;
  return abandon();
}

std::vector<header> session_state::take_headers() {
  return data_.response.take_headers(data_.core, data_.loaded, storage_.token_text());
}

}  // namespace scs::detail
