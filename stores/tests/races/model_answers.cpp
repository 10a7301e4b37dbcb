// The manager's answers, and the final state.

#include <algorithm>

#include "model.hpp"

namespace races {

namespace {

using scs::session_id;

constexpr int idle_parts = 20;

}  // namespace

void model::load_returned(request& who, const std::optional<scs::token>& token) {
  request::sighting told{{}, request::knows::nothing, nullptr, {}, {}};
  for (request::sighting& seen : who.seen) {
    if (told.kind == request::knows::live) break;
    if (seen.kind == request::knows::live || told.kind == request::knows::nothing) {
      told = std::move(seen);
    }
  }
  who.kind = told.kind;
  who.session = told.session;
  who.id = told.id;
  who.base = std::move(told.data);
  who.base_deadline = told.deadline;
  who.base_tagged = told.tagged;
  who.base_began = told.began;
  who.loaded_tombstone = told.kind == request::knows::gone;
  const bool live = told.kind == request::knows::live;
  if (token && !live) blame(&who, "a token that must open nothing has opened a session");
  if (token && live && token->id() != told.id) blame(&who, "another session was loaded");
  if (token || !live) {
    if (live) return;
    // There is no session: has one ended too early?
    for (const session_id& id : who.presented) {
      const lineage* const session = session_of(id);
      const auto idle = options_.idle_timeout;
      if (session == nullptr || session->ended || is_revoked(*session) || session->current != id ||
          session->deadline <= now() || counted.failures != 0 || who.met_watermark) {
        continue;
      }
      if (idle.count() == 0 || now() < session->last_used + idle - idle / idle_parts) {
        blame(&who, "a session has ended too early");
      }
    }
    return;
  }
  blame(&who, "a live session does not open");
}

void model::read_returned(const request& who, const values& read) {
  if (read != who.view()) blame(&who, "a request reads something else than what is stored");
}

void model::nothing_to_change(const request& who, bool was_nothing) {
  if (!was_nothing) blame(&who, "a removal of something that is there has changed nothing");
}

void model::update_returned(request& who, int value) {
  if (who.kind == request::knows::nothing || who.begins_anew()) {
    who.changes[who.update_key] = value;
  } else if (who.kind == request::knows::gone) {
    blame(&who, "an update of a session that is gone has succeeded");
  } else if (!who.updated) {
    blame(&who, "an update has succeeded and is not stored: it is lost");
  } else {
    who.base = std::move(who.update_base);
    if (who.cleared) {
      who.changes[who.update_key] = value;
    } else {
      who.changes.erase(who.update_key);
    }
  }
  if (value != who.update_output) blame(&who, "an update gives something else than it stored");
}

/// Rule 2: which browser gets which cookie.
void model::check_cookie(request& who, std::string_view set_cookie) {
  const bool with_token =
      who.cookie_due && who.kind == request::knows::live &&
      (who.base_deadline > now() || options_.transport);  // a header has no lifetime
  const bool clearing = !with_token && who.clearing_due;
  who.cookie_due = false;
  who.clearing_due = false;
  if (set_cookie.empty()) {
    if (with_token) blame(&who, "a cookie is missing");
    if (clearing) blame(&who, "a logout does not clear the cookie");
    return;
  }
  std::string_view value = set_cookie.substr(set_cookie.find('=') + 1);
  value = value.substr(0, value.find(';'));
  const std::optional<scs::token> token = scs::token::parse(value);
  if (!token) {
    if (!value.empty()) blame(&who, "a cookie that is no token");
    if (!clearing) blame(&who, "a cookie was cleared without a logout");
    if (set_cookie.find("Max-Age=0") == std::string_view::npos) {
      blame(&who, "a cookie without a value lives");
    }
    return;
  }
  if (!with_token) blame(&who, "a cookie was set that the rules do not name");
  if (token->id() != who.id) blame(&who, "a cookie with another session's token");
  if (who.session != nullptr) who.session->tokens.push_back(*token);
}

void model::commit_returned(request& who, std::string_view set_cookie) {
  const bool live = who.kind == request::knows::live;
  if (who.changed() && who.kind == request::knows::gone && !who.begins_anew()) {
    blame(&who, "a commit to a session that is gone has succeeded");
  }
  if (!who.applied && (live ? who.changed() : who.puts_something())) {
    blame(&who, "a commit has succeeded and is not stored: it is lost");
  }
  if (who.applied) {
    who.base_tagged = who.applied_tagged;
    who.base_began = who.applied_began;
  }
  note_cookie(who);
  check_cookie(who, set_cookie);
  if (live && !who.store_failed && opens(who.id)) {
    who.session->last_used = std::max(who.session->last_used, who.began);
  }
  who.forget_changes();
}

void model::abandon_returned(request& who, std::string_view set_cookie) {
  who.forget_changes();
  check_cookie(who, set_cookie);
}

bool model::is_over(const lineage& session) {
  return session.ended || is_revoked(session) || session.deadline <= now() ||
         record_of(session.current) == nullptr;
}

/// Whether a tombstone between this id and the live record has expired. Rule 3 (renewal) keeps
/// tombstones for 60 seconds.
bool model::out_of_sight(const session_id& id) {
  for (session_id at = id;;) {
    const auto found = histories_.find(at);
    if (found == histories_.end() || !found->second.tombstone_until) return false;
    if (*found->second.tombstone_until <= now()) return true;
    at = found->second.successor;
  }
}

void model::check_is_over(const request& who, const session_id& id) {
  const lineage* const session = session_of(id);
  if (session == nullptr || is_over(*session) || out_of_sight(id)) return;
  blame(&who, "the logout has returned and the session lives");
}

void model::destroy_returned(request& who) {
  for (const session_id& id : who.presented)
    check_is_over(who, id);
  who.forget_changes();
  who.kind = request::knows::nothing;
  who.loaded_tombstone = false;
  who.session = nullptr;
  who.id = {};
  who.base.clear();
  who.loaded_at = now();
  who.clearing_due = true;
  who.cookie_due = false;
}

void model::revoke_returned(request& who, const session_id& id) {
  check_is_over(who, id);
}

void model::load_begins(request& who) {
  who.load_order = ++order_;
}

void model::watermark_raised(request& who) {
  who.raised = who.raising;
  watermark_ = std::max(watermark_, who.raised);
  if (!ends_sessions(who.doing)) blame(&who, "a watermark that nobody asked for");
}

void model::watermark_read(request& who) {
  if (who.doing == step::merge && who.other && is_over_by_watermark(*who.other)) {
    who.other->kind = request::knows::nothing;
    return;
  }
  if (who.doing != step::load || who.seen.empty()) return;
  request::sighting& last = who.seen.back();
  if (!is_over_by_watermark(last)) return;
  last = {last.id, request::knows::nothing, nullptr, {}, {}};
  who.met_watermark = true;
  ++counted.revoked;
}

void model::others_revoked(request& who) {
  ++spared_;
  who.spared = who.raised;
}

void model::merge_returned(request& who, const session_id& id, bool merged) {
  const bool live = who.other && who.other->kind == request::knows::live;
  if (merged != live) {
    blame(&who, merged ? "something was merged that is no session" : "a session was not merged");
  }
  if (!merged || !live) return;
  if (who.other->id != id) blame(&who, "another session was merged");
  ++counted.merges;
  take_over(who, *who.other);
  who.merged.push_back(*who.other);
}

bool model::visited(request& each, const request& who, const session_id& id) {
  ++counted.visits;
  const auto listed = who.listed.find(id);
  const bool known = listed != who.listed.end() && listed->second.kind == request::knows::live;
  const request::sighting seen = known ? listed->second : look_at(id);
  // A record that was not a session yet when it was listed may have begun, and ended, since.
  if (listed != who.listed.end() && listed->second.kind == request::knows::gone) {
    blame(&who, "iterate() visits a tombstone");
  }
  each.visits = true;
  each.number = who.number;
  each.kind = seen.kind;
  each.session = seen.session;
  each.id = id;
  each.presented = {id};
  each.base = seen.data;
  each.base_deadline = seen.deadline;
  each.base_tagged = seen.tagged;
  each.base_began = seen.began;
  each.loaded_at = each.began = now();
  return known;
}

void model::visit_returned(const request& each) {
  if (each.changed() && !each.applied && !each.store_failed && opens(each.id)) {
    blame(&each, "what a visitor changed is lost");
  }
}

void model::iterate_returned(const request& who) {
  for (const auto& [id, seen] : who.listed) {
    // A session that was revoked or at its end when it was listed may have no user, or a later
    // deadline, by now.
    const bool stays = seen.kind == request::knows::live && !is_over_by_watermark(seen) &&
                       seen.deadline > now() && options_.idle_timeout.count() == 0;
    if (stays && opens(id)) blame(&who, "a session was passed over");
  }
}

void model::check_user_limit() {
  const auto count = std::count_if(sessions_.begin(), sessions_.end(), [this](const auto& session) {
    return session->tagged && opens(session->current);
  });
  std::size_t limit = options_.max_sessions_per_user;
  // Sessions that could not be counted may not have been erased, either.
  if (limit == 0 || counted.failures != 0) return;
  limit += spared_;  // rule 12: does not count during its request
  if (static_cast<std::size_t>(count) <= limit) return;
  blame(nullptr, "in the end: the user has more sessions than they may have");
}

void model::threw(request& who, const scs::error& failure) {
  if (failure.code() == scs::errc::too_many_sessions) {
    ++counted.over_limit;
    const bool refuses = options_.beyond_user_limit == scs::user_limit_policy::refuse_new;
    if (!is_limited(who) || !refuses) blame(&who, "a login was refused that no limit is for");
    return;
  }
  if (failure.code() == scs::errc::session_gone) {
    ++counted.gone;
    if (who.doing != step::commit && who.doing != step::update && who.doing != step::merge) {
      blame(&who, "only a commit, an update and a merge can find their session gone");
    }
    const bool lost_to_newer =
        is_limited(who) && options_.beyond_user_limit == scs::user_limit_policy::end_oldest;
    const bool late = came_too_late(who) || lost_to_newer;
    if (who.applied && !late) {
      blame(&who, "said to be gone, and stored all the same");
    }
    if (who.kind == request::knows::nothing ||
        (who.kind == request::knows::live && opens(who.id) && !late)) {
      blame(&who, "a session that is there is said to be gone");
    }
    if (who.begins_anew() && record_of(who.id) != nullptr) {
      blame(&who, "a tombstone that is there did not let a session begin");
    }
    who.kind = request::knows::gone;
    who.loaded_tombstone = false;
    who.base.clear();
    return;
  }
  if (failure.code() != scs::errc::store_failed || !who.store_failed) {
    blame(&who, std::string{"failed without a reason: "} + failure.what());
  }
  if (who.doing == step::destroy) {
    who.forget_changes();
    who.clearing_due = true;
    who.cookie_due = false;
  }
}

bool model::opens(const session_id& id) const {
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.is != kept_record::role::current) return false;
  const lineage& session = *found->second.session;
  return !session.ended && !is_revoked(session) && session.deadline > now() &&
         found->second.expiry > now();
}

const lineage* model::session_of(const session_id& id) const {
  const auto found = histories_.find(id);
  return found == histories_.end() ? nullptr : found->second.session;
}

void model::check_records(const std::set<session_id>& kept) {
  for (const session_id& id : kept) {
    const kept_record* const record = record_of(id);
    if (record == nullptr) {
      blame(nullptr, session_of(id) != nullptr ? "in the end: a session that ended has a record"
                                               : "in the end: a record that nobody asked for");
    } else if (record->is == kept_record::role::unborn && !record->made_by->store_failed) {
      blame(record->made_by, "in the end: a renewal has left a record that nobody knows");
    }
  }
  for (const auto& [id, record] : records_) {
    if (record.expiry > now() && !kept.contains(id)) {
      blame(nullptr, "in the end: the store has lost a record");
    }
  }
}

}  // namespace races
