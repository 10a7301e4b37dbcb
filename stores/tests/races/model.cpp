// The calls of the store.

#include "model.hpp"

#include <algorithm>
#include <charconv>

namespace races {

namespace {

using scs::commit_result;
using scs::session_id;
using scs::time_point;

constexpr std::chrono::seconds tombstone_lifetime{60};

/// Returns what follows `"name":` in a payload, without quotes. Empty if it is not there. Reads
/// what json_codec writes at the end of a payload, after the data.
std::string_view member_of(std::string_view payload, std::string_view name) {
  const std::string quoted = '"' + std::string{name} + "\":";
  const std::size_t found = payload.rfind(quoted);
  if (found == std::string_view::npos) return {};
  payload.remove_prefix(found + quoted.size());
  if (payload.starts_with('"')) payload.remove_prefix(1);
  return payload.substr(0, payload.find_first_of("\",}"));
}

time_point deadline_of(std::string_view payload) {
  const std::string_view digits = member_of(payload, "deadline");
  std::int64_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return time_point{std::chrono::nanoseconds{count}};
}

}  // namespace

void model::blame(const request* who, std::string_view what) {
  if (!violation_.empty()) return;
  if (who != nullptr) {
    violation_ =
        "request " + std::to_string(who->number) + ", " + std::string{name_of(who->doing)} + ": ";
  }
  violation_ += what;
}

model::kept_record* model::record_of(const session_id& id) {
  const auto found = records_.find(id);
  if (found == records_.end()) return nullptr;
  if (found->second.expiry > now()) return &found->second;
  records_.erase(found);
  return nullptr;
}

/// Returns what a request that reads the record now must conclude.
request::sighting model::look_at(const session_id& id) {
  request::sighting seen{id, request::knows::nothing, nullptr, {}, {}};
  const kept_record* const record = record_of(id);
  if (record == nullptr) return seen;
  if (record->is == kept_record::role::tombstone) {
    seen.kind = request::knows::gone;
    seen.session = record->session;
  } else if (opens(id)) {
    seen.kind = request::knows::live;
    seen.session = record->session;
    seen.data = record->session->data;
    seen.deadline = record->session->deadline;
    seen.tagged = record->session->tagged;
    seen.began = record->session->began;
    seen.writes = record->session->writes;
  }
  return seen;
}

void model::found(request& who, const session_id& id, bool there) {
  if (there != (record_of(id) != nullptr)) {
    blame(&who, there ? "the store gives a record that is gone" : "the store has lost a record");
  }
  who.awaited = look_at(id);
  // Others may remove its user until the request reads the watermark.
  const kept_record* const record = record_of(id);
  if (record != nullptr && record->session != nullptr && is_revoked(*record->session)) {
    who.met_watermark = true;
  }
}

void model::listed(request& who, const session_id& id) {
  who.listed.insert_or_assign(id, look_at(id));
}

void model::find_answered(request& who) {
  request::sighting seen = std::move(*who.awaited);
  who.awaited.reset();
  if (who.doing == step::load) {
    who.seen.push_back(std::move(seen));
  } else if (who.doing == step::merge) {
    who.other = std::move(seen);
  } else if ((who.doing == step::commit || who.doing == step::update) && seen.id == who.id &&
             seen.kind == request::knows::live) {
    who.base = std::move(seen.data);
    who.base_deadline = seen.deadline;
    who.base_tagged = seen.tagged;
    who.base_began = seen.began;
  }
}

void model::check_expiry(const request& who, time_point expiry, time_point before) {
  if (expiry <= before) return;
  if (options_.idle_timeout.count() != 0 && expiry > now() + options_.idle_timeout) {
    blame(&who, "the record outlives the idle timeout");
  }
}

void model::committed(request& who, const session_id& id, std::string_view payload,
                      time_point expiry, bool expects_a_revision, commit_result::outcome outcome) {
  if (outcome == commit_result::outcome::conflict) ++counted.conflicts;
  if (outcome != commit_result::outcome::committed) return;
  kept_record* const record = record_of(id);
  if (!expects_a_revision) {
    if (record != nullptr) blame(&who, "a record was created where one was");
    created(who, id, payload, expiry);
  } else if (record == nullptr) {
    blame(&who, "a record was replaced that is gone: it is revived");
  } else {
    replaced(who, id, *record, payload, expiry);
  }
}

/// Either a session begins, or a renewal.
void model::created(request& who, const session_id& id, std::string_view payload,
                    time_point expiry) {
  if (who.doing != step::commit) blame(&who, "a record was created outside of a commit");
  const time_point deadline = deadline_of(payload);
  const time_point earliest =
      (who.renews && who.kind == request::knows::live) ? who.began : who.loaded_at;
  if (!is_as_asked(who, deadline, earliest + options_.lifetime, now() + options_.lifetime))
    blame(&who, "a new record has a deadline that nobody asked for");
  check_expiry(who, expiry, std::min(deadline, now()));

  kept_record record{kept_record::role::unborn, nullptr, &who, expiry};
  if ((who.kind == request::knows::live && who.renews) ||
      (who.begins_anew() && who.puts_something() && !who.applied)) {
    who.successor = id;
    who.successor_deadline = deadline;
  } else if (who.kind == request::knows::nothing && who.puts_something() && !who.applied) {
    sessions_.push_back(std::make_unique<lineage>());
    lineage& born = *sessions_.back();
    record.is = kept_record::role::current;
    record.session = &born;
    born.current = id;
    born.deadline = deadline;
    born.last_used = who.began;
    apply(who, born);
    who.begins = true;
    who.kind = request::knows::live;
    who.session = &born;
    who.id = id;
    who.presented.push_back(id);
    who.base = born.data;
    who.base_deadline = deadline;
    histories_[id].session = &born;
  } else {
    blame(&who, "a record was created that nobody asked for");
  }
  if (expiry > now()) records_.emplace(id, record);
}

void model::replaced(request& who, const session_id& id, kept_record& record,
                     std::string_view payload, time_point expiry) {
  if (ends_sessions(who.doing) && expiry > now()) blame(&who, "a logout has written something");
  const bool came_too_late =
      payload.empty() && record.is == kept_record::role::current && is_revoked(*record.session);
  const bool ends_others =
      payload.empty() && (is_limited(who) || merged_by(who, record.session) != nullptr);
  if (ends_sessions(who.doing) || came_too_late || ends_others) return erased(who, id, true);
  if (record.is == kept_record::role::tombstone && who.begins_anew() && who.id == id) {
    begun_anew(who, record, payload, expiry);
    return;
  }
  if (record.is == kept_record::role::unborn && who.visits) {
    for (const auto& [key, value] : who.changes)
      record.visited[key] = value;
    who.applied = true;
    return;
  }
  if (record.is != kept_record::role::current) {
    blame(&who, record.is == kept_record::role::tombstone ? "written over a tombstone"
                                                          : "written over a renewal's new record");
    return;
  }
  lineage& session = *record.session;
  const bool was_unborn = who.visits && who.kind != request::knows::live;  // when it was visited
  if (!was_unborn && (who.kind != request::knows::live || who.id != id)) {
    blame(&who, "written to a session that this request does not have");
    return;
  }
  if (!member_of(payload, "moved_to").empty()) {
    moved(who, id, record, payload, expiry);
    return;
  }
  time_point deadline = session.deadline;
  if (who.doing == step::update) {
    updated(who, session);
  } else if (who.doing == step::commit && who.changed() && !who.renews && !who.applied) {
    const time_point written = deadline_of(payload);
    if (is_as_asked(who, written, deadline, deadline)) deadline = written;
    apply(who, session);
    ++counted.commits;
  } else {
    blame(&who, "something was stored that nobody asked for");
    return;
  }
  if (deadline_of(payload) != deadline) {
    blame(&who, "the deadline was changed without a call, or not by a call");
  }
  check_expiry(who, expiry, record.expiry);
  session.deadline = deadline;
  ++session.writes;
  record.expiry = expiry;
  if (who.doing == step::update) {
    who.update_base = session.data;
  } else {
    who.base = session.data;
    who.base_deadline = deadline;
  }
}

void model::updated(request& who, lineage& session) {
  const auto own = who.changes.find(who.update_key);
  std::optional<int> expected;
  if (own != who.changes.end()) {
    expected = own->second;
  } else if (const auto there = session.data.find(who.update_key);
             there != session.data.end() && !who.cleared) {
    expected = there->second;
  }
  if (expected != who.update_input) blame(&who, "an update has overwritten another: it is lost");
  session.data[who.update_key] = who.update_output;
  who.updated = true;
  ++counted.updates;
}

void model::moved(request& who, const session_id& id, kept_record& record, std::string_view payload,
                  time_point expiry) {
  const std::string_view moved_to = member_of(payload, "moved_to");
  lineage& session = *record.session;
  if (who.doing != step::commit || !who.renews || who.applied || !who.successor ||
      who.successor->text() != moved_to) {
    blame(&who, "a tombstone that no renewal asked for");
    return;
  }
  if (expiry > now() + tombstone_lifetime || expiry < who.began + tombstone_lifetime) {
    blame(&who, "a tombstone is not kept for 60 seconds");
  }
  const session_id next = *who.successor;
  histories_[id] = {&session, expiry, next};
  histories_[next].session = &session;
  record.is = kept_record::role::tombstone;
  record.expiry = expiry;
  record.moved_to = moved_to;
  record.tagged = !member_of(payload, "user").empty();
  if (kept_record* const successor = record_of(next)) {
    successor->is = kept_record::role::current;
    successor->session = &session;
  } else if (revoked_unborn_.contains(next)) {
    session.ended = true;
  } else if (who.successor_deadline > now() && options_.idle_timeout.count() == 0) {
    blame(&who, "a tombstone was written before the record that it leads to");
  }
  session.current = next;
  ++session.writes;
  session.deadline = who.successor_deadline;
  who.id = next;
  who.presented.push_back(next);
  apply(who, session);
  who.base = session.data;
  who.base_deadline = session.deadline;
  if (const kept_record* const successor = record_of(next)) change(session, successor->visited);
  ++counted.renewals;
}

/// Rule 3: a login whose visitor still had the old cookie.
void model::begun_anew(request& who, kept_record& tombstone, std::string_view payload,
                       time_point expiry) {
  if (who.doing != step::commit || who.applied || !who.successor) {
    blame(&who, "written over a tombstone without a session to begin");
    return;
  }
  // Some stores keep whole milliseconds.
  const bool same_expiry =
      std::chrono::abs(expiry - tombstone.expiry) < std::chrono::milliseconds(1);
  if (member_of(payload, "moved_to") != tombstone.moved_to || !same_expiry) {
    blame(&who, "a tombstone was changed");
  }
  sessions_.push_back(std::make_unique<lineage>());
  lineage& born = *sessions_.back();
  const session_id fresh = *who.successor;
  born.current = fresh;
  born.deadline = who.successor_deadline;
  born.last_used = who.began;
  apply(who, born);
  if (kept_record* const record = record_of(fresh)) {
    record->is = kept_record::role::current;
    record->session = &born;
  } else {  // revoked since it was written
    born.ended = true;
  }
  who.begins = true;
  who.kind = request::knows::live;
  who.loaded_tombstone = false;
  who.session = &born;
  who.id = fresh;
  who.presented.push_back(fresh);
  who.base = born.data;
  who.base_deadline = born.deadline;
  histories_[fresh].session = &born;
  if (const kept_record* const record = record_of(fresh)) change(born, record->visited);
  ++counted.begun_anew;
}

void model::change(lineage& session, const std::map<std::string, std::optional<int>>& changes) {
  for (const auto& [key, value] : changes) {
    if (value) {
      session.data[key] = *value;
    } else {
      session.data.erase(key);
    }
  }
}

void model::apply(request& who, lineage& session) {
  session.tagged = who.tags || (session.tagged && !who.cleared);
  if (who.tags) session.began = who.tag_began;
  session.began = std::max(session.began, who.spared);
  if (who.cleared) session.data.clear();
  change(session, who.changes);
  who.applied = true;
  who.applied_tagged = session.tagged;
  who.applied_began = session.began;
}

bool model::is_as_asked(const request& who, time_point deadline, time_point otherwise_from,
                        time_point otherwise_to) const {
  if (who.latest_deadline) {
    const time_point latest = *who.latest_deadline;
    return deadline >= std::min(latest, who.new_deadline.value_or(otherwise_from)) &&
           deadline <= std::min(latest, who.new_deadline.value_or(otherwise_to));
  }
  if (who.new_deadline) return deadline == *who.new_deadline;
  return deadline >= otherwise_from && deadline <= otherwise_to;
}

const request::sighting* model::merged_by(const request& who, const lineage* session) noexcept {
  // As it was last read.
  const auto found = std::find_if(who.merged.rbegin(), who.merged.rend(),
                                  [&](const auto& seen) { return seen.session == session; });
  return found == who.merged.rend() ? nullptr : &*found;
}

/// Rule 15: the values of the other session, and its user if this session has none.
void model::take_over(request& who, const request::sighting& other) {
  if (other.tagged && !who.is_tagged()) {
    who.tags = true;
    who.tag_began = other.began;
    who.latest_deadline = std::min(who.latest_deadline.value_or(other.deadline), other.deadline);
    // Otherwise a renewal would start the lifetime again.
    if (who.kind == request::knows::live) {
      who.latest_deadline = std::min(*who.latest_deadline, who.base_deadline);
    }
  }
  for (const auto& [key, value] : other.data)
    who.changes[key] = value;
}

/// A merged session that has changed since is destroyed: its new values are taken over, too.
void model::merge_again(request& who, const lineage& session) {
  const request::sighting* const before = merged_by(who, &session);
  if (before == nullptr || before->writes == session.writes) return;
  if (out_of_sight(before->id)) return;  // it was ended by the user's limit
  request::sighting now_seen = *before;
  now_seen.data = session.data;
  now_seen.deadline = session.deadline;
  now_seen.tagged = session.tagged;
  now_seen.began = session.began;
  note_cookie(who);
  std::vector<request::sighting> merged = std::move(who.merged);
  who.base_tagged = who.is_tagged();
  if (who.applied) who.base_began = who.applied_began;
  who.forget_changes();
  who.merged = std::move(merged);
  take_over(who, now_seen);
}

// Rule 15: the merged session is read after this one was stored.
void model::call_begins(request& who, const session_id& id) {
  if (scs::is_reserved(id)) who.raising = ++order_;
  if (who.doing != step::commit || !who.applied) return;
  if (std::any_of(who.merged.begin(), who.merged.end(),
                  [&](const auto& seen) { return seen.id == id; })) {
    note_cookie(who);
  }
}

/// A commit has succeeded, at least in part: decides whether its response tells the browser
/// something.
void model::note_cookie(request& who) const {
  const bool tells_its_end =
      !options_.transport && (who.new_deadline || who.latest_deadline || who.remembers);
  who.cookie_due = who.cookie_due || who.begins || (who.applied && (who.renews || tells_its_end));
}

void model::touched(request& who, const session_id& id, time_point expiry, bool there) {
  kept_record* const record = record_of(id);
  if (there != (record != nullptr)) {
    blame(&who, there ? "a touch has revived a record" : "a touch does not find a record");
  }
  if (record == nullptr) return;
  check_expiry(who, expiry, record->expiry);
  record->expiry = std::max(record->expiry, expiry);
}

void model::erased(request& who, const session_id& id, bool there) {
  const kept_record* const record = record_of(id);
  if (there != (record != nullptr)) {
    blame(&who, there ? "the store has erased what was gone" : "the store does not find a record");
  }
  if (record == nullptr) return;
  switch (record->is) {
    case kept_record::role::current:
      record->session->ended = true;
      if (who.doing == step::commit) merge_again(who, *record->session);
      // A renewal whose tombstone was stored, although the store reported a failure, cannot know
      // that.
      if (!who.store_failed && !may_end(who, *record->session)) {
        blame(&who, "a session was ended by who had not asked for it");
      }
      counted.over_limit += is_limited(who) ? 1 : 0;
      ++counted.logouts;
      break;
    case kept_record::role::unborn:
      if (ends_sessions(who.doing) || (is_limited(who) && record->made_by != &who)) {
        // If the renewal fails, nothing was lost.
        revoked_unborn_.insert(id);
      } else if (record->made_by != &who) {
        blame(&who, "another request's renewal was erased");
      }
      break;
    case kept_record::role::tombstone:
      if (!ends_sessions(who.doing) && !is_limited(who) && !merged_by(who, record->session)) {
        blame(&who, "a tombstone was erased");
      }
      break;
  }
  records_.erase(id);
}

}  // namespace races
