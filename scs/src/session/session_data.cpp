#include "session/session_data.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <scs/error.hpp>

#include "basics/times.hpp"
#include "payload/hidden_tokens.hpp"

namespace scs::detail {

namespace {

/// Rule 8: the fraction of the idle timeout that must have passed before it is extended.
constexpr int idle_parts = 20;

std::optional<std::string_view> find_in(const std::vector<payload::member>& data,
                                        std::string_view key) {
  const auto found = std::lower_bound(
      data.begin(), data.end(), key,
      [](const payload::member& member, std::string_view k) { return member.key < k; });
  if (found == data.end() || found->key != key) return std::nullopt;
  return found->json;
}

/// Both are ordered by key.
std::vector<payload::member> merged_members(const std::vector<payload::member>& old,
                                            const request_changes::key_changes& changes) {
  std::vector<payload::member> members;
  members.reserve(old.size() + changes.size());
  auto unchanged = old.begin();
  for (const auto& [key, json] : changes) {
    for (; unchanged != old.end() && unchanged->key < key; ++unchanged)
      members.push_back(*unchanged);
    if (unchanged != old.end() && unchanged->key == key) ++unchanged;
    if (json) members.push_back({key, *json});
  }
  members.insert(members.end(), unchanged, old.end());
  return members;
}

}  // namespace

std::optional<std::string_view> session_data::find(std::string_view key) {
  if (const std::optional<std::string>* const change = changes.find(key)) return *change;
  return find_stored(key);
}

/// Finds nothing if the request has cleared the session.
std::optional<std::string_view> session_data::find_stored(std::string_view key) {
  if (!loaded.live() || changes.cleared()) return std::nullopt;
  return find_in(loaded.contents().data, key);
}

void session_data::put(std::string_view key, std::string json) {
  core.check_payload_size(changes.size_with(key, json.size()));
  changes.set(key, std::move(json));
}

bool session_data::is_empty() {
  return with(changes).data.empty() && user().empty();
}

std::chrono::nanoseconds session_data::idle_timeout() {
  return idle_timeout_of(with(changes));
}

std::string session_data::user() {
  if (changes.user()) return changes.user()->user;
  return loaded.live() && !changes.cleared() ? std::string{loaded.contents().user} : std::string{};
}

payload session_data::with(const request_changes& applied) {
  const payload* const old = loaded.live() ? &loaded.contents() : nullptr;
  const bool keeps_old = old != nullptr && !applied.cleared();
  static const std::vector<payload::member> no_members;
  payload contents;
  contents.data = merged_members(keeps_old ? old->data : no_members, applied.keys());
  contents.deadline = applied.deadline().value_or(loaded.deadline());
  contents.remember_me = applied.remember_me();
  if (const auto* timeout = applied.idle_timeout()) contents.idle_timeout = *timeout;
  if (old != nullptr) {
    if (!contents.remember_me) contents.remember_me = old->remember_me;
    if (!applied.idle_timeout()) contents.idle_timeout = old->idle_timeout;
    contents.others = old->others;
  }
  if (keeps_old) copy_user(contents, *old);
  if (const auto* user = applied.user()) {
    contents.user = user->user;
    contents.where = user->where;
    contents.created.reset();
    contents.seen.reset();
    contents.begun.reset();
    if (!contents.user.empty()) {
      contents.created = contents.seen = user->created;
      contents.begun = user->begun;
    }
  }
  const auto* spared = applied.spared();
  if (spared && spared->user == contents.user) contents.begun = spared->begun;
  return contents;
}

/// Copies the members that a session with a user has.
void session_data::copy_user(payload& to, const payload& from) const {
  if (from.user.empty()) return;
  to.user = from.user;
  to.created = from.created;
  to.begun = from.begun;
  to.where = from.where;
  to.seen = is_visited() ? core.now() : from.seen;
}

std::chrono::nanoseconds session_data::idle_timeout_of(const payload& contents) const noexcept {
  if (contents.idle_timeout) return *contents.idle_timeout;
  const session_options& options = core.options();
  const std::chrono::nanoseconds short_one = options.anonymous_idle_timeout;
  if (!contents.user.empty() || short_one.count() == 0) return options.idle_timeout;
  return options.idle_timeout.count() == 0 ? short_one : std::min(options.idle_timeout, short_one);
}

time_point session_data::expiry_of_new(const payload& contents) const noexcept {
  const std::chrono::nanoseconds idle = idle_timeout_of(contents);
  return idle.count() == 0 ? contents.deadline
                           : std::min(contents.deadline, later(core.now(), idle));
}

time_point session_data::expiry_of_renewed(const payload& contents) {
  return is_active ? expiry_of_new(contents) : expiry_without_activity(contents);
}

/// Returns where the idle time ends that began with the last request that counted as activity. The
/// timeout may have changed since.
time_point session_data::expiry_without_activity(const payload& contents) {
  const std::chrono::nanoseconds idle = idle_timeout_of(contents);
  if (idle.count() == 0) return contents.deadline;
  const time_point before = loaded.stored().expiry;
  if (contents.idle_timeout == loaded.contents().idle_timeout) {
    return std::min(contents.deadline, before);
  }
  // Without a timeout, the time of that request was not stored. The present time is used instead.
  const std::chrono::nanoseconds idle_before = idle_timeout_of(loaded.contents());
  if (idle_before.count() == 0) return expiry_of_new(contents);
  return std::min(contents.deadline, later(earlier(before, idle_before), idle));
}

// Rule 7: only a deadline that this request lowered, or another idle timeout, can lower the expiry.
time_point session_data::expiry_of_replaced(const payload& contents) {
  const bool idles = idle_timeout_of(contents).count() != 0;
  const time_point before = loaded.stored().expiry;
  if (contents.idle_timeout != loaded.contents().idle_timeout) {
    return is_visited() ? expiry_of_new(contents) : expiry_without_activity(contents);
  }
  const time_point expiry =
      idles && !is_visited() ? before : std::max(expiry_of_new(contents), before);
  const time_point deadline = contents.deadline;
  return deadline < loaded.contents().deadline ? std::min(expiry, deadline) : expiry;
}

bool session_data::extends_idle_time() {
  return is_active && loaded.live() && idle_timeout_of(loaded.contents()).count() != 0;
}

bool session_data::extension_is_due(time_point expiry) {
  const std::chrono::nanoseconds idle = idle_timeout_of(loaded.contents());
  return idle.count() != 0 && time_between(loaded.stored().expiry, expiry) >= idle / idle_parts;
}

/// Copies what events contain about the request.
void session_data::describe(const request_info& request) {
  request_ = std::make_unique<request_line>(loggable_request(request.method, request.path));
}

void session_data::report(event_kind kind, const session_id& id,
                          std::exception_ptr cause) noexcept {
  event_source known = source();
  try {
    if (core.tells_events() && loaded.has_record()) known.user = loaded.contents().user;
  } catch (...) {  // NOLINT(bugprone-empty-catch): the user cannot be read
  }
  core.report(kind, id, std::move(cause), known);
}

void session_data::throw_gone() {
  // After a conflict the record may be the tombstone. Nothing may be written at its revision.
  loaded.adopt_gone();
  report(event_kind::gone, loaded.id());
  throw error(
      errc::session_gone,
      "the session was destroyed, revoked, renewed or has expired while this request was changing "
      "it; none of the request's changes were stored");
}

}  // namespace scs::detail
