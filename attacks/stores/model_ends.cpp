// Renewals, logouts, logins, revocations and listings of the model.

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "stores/model.hpp"

namespace buntdb::attacks::stores {

namespace {

/// A tombstone leads to its successor for 60 seconds.
constexpr std::chrono::seconds tombstone_is_sure_for{45};

}  // namespace

// --- renewals ---

void session_model::renewal_begins(token_state& token) {
  const std::lock_guard lock(mutex_);
  token.may_end = true;
  ++user_states_[static_cast<std::size_t>(token.user)].renewals_under_way;
}

void session_model::renewal_ends(const token_state& token, const call& asked, bool acknowledged) {
  const std::lock_guard lock(mutex_);
  user_state& user = user_states_[static_cast<std::size_t>(token.user)];
  --user.renewals_under_way;
  if (!acknowledged) user.unknown_logins.push_back(asked.begun);
}

/// Records that `after` replaces `before`.
void session_model::succeed(token_state& before, token_state& after, moment begun) {
  before.next = &after;
  before.renewal_begun = begun;
  before.renewed = now();
  before.ends.push_back({ending::kind::renewal, now(), now()});
  after.logout_begun = before.logout_begun;
  after.may_end = before.logout_begun;
  for (const ending& each : before.ends) {
    if (each.by == ending::kind::logout && certain(each)) {
      after.ends.push_back({ending::kind::logout, now(), each.acknowledged});
    }
  }
  renewed_[static_cast<std::size_t>(before.values->browser)] = &before;
}

/// Applies the user's revocations to a session whose login was loaded before they began.
void session_model::inherit_ends(token_state& token, moment loaded) {
  const user_state& user = user_states_[static_cast<std::size_t>(token.user)];
  for (const auto& each : user.revocations) {
    if (loaded < each.begun) {
      token.ends.push_back({ending::kind::revocation, now(), each.acknowledged});
    }
  }
}

token_state& session_model::renewal_acknowledged(token_state& token, const call& asked,
                                                 moment commit_begun, std::string cookie,
                                                 const scs::session_id& id, begin_mark mark) {
  const std::lock_guard lock(mutex_);
  check_write(token, commit_begun, "a renewal");
  token_state& after = add(token.values->browser, asked, std::move(cookie), id, token.values);
  after.login_tried = token.login_tried;
  after.login_begun = token.login_begun;
  after.login_acknowledged = token.login_acknowledged;
  // The revocation may still be under way. It spares a session that has begun again, and those that
  // renew it.
  const bool begins_anew = mark == begin_mark::set_anew;
  after.login_loaded = begins_anew || token.logins_under_way > 0 ? now() : token.login_loaded;
  user_state& user = user_states_[static_cast<std::size_t>(token.user)];
  succeed(token, after, asked.begun);
  if (after.login_tried) {
    user.tokens.push_back(&after);
    after.may_end |= user.may_lose_sessions() || user.last_ender_end > asked.begun;
  }
  if (after.login_acknowledged && !begins_anew) inherit_ends(after, after.login_loaded);
  note(token, asked, "renewed to " + std::string(id.text().substr(0, 8)));
  counts_.add("renewals");
  return after;
}

// --- logouts ---

void session_model::logout_begins(token_state& token) {
  const std::lock_guard lock(mutex_);
  for (token_state* each = &token; each != nullptr; each = each->next)
    each->may_end = each->logout_begun = true;
}

void session_model::logout_acknowledged(token_state& token, const call& asked) {
  const std::lock_guard lock(mutex_);
  note(token, asked, "logged out");
  counts_.add("logouts");
  end_with_successors(token, asked, now());
}

void session_model::revoked_one(token_state& token, const call& asked) {
  const std::lock_guard lock(mutex_);
  note(token, asked, "revoked by its id");
  counts_.add("revocations of one");
  if (!token.login_acknowledged || *token.login_acknowledged >= asked.begun) return;
  end_with_successors(token, asked, *token.login_acknowledged);
}

void session_model::end_with_successors(token_state& token, const call& asked, moment rests_on) {
  token.ends.push_back({ending::kind::logout, now(), rests_on});
  const token_state* before = &token;
  for (token_state* each = token.next; each != nullptr; each = each->next) {
    if (clock_was_wrong(asked) || !certain(before->renewed) || !certain(rests_on)) break;
    if (now() > before->renewal_begun + tombstone_is_sure_for) break;
    each->ends.push_back({ending::kind::logout, now(), before->renewed});
    before = each;
  }
}

void session_model::logout_failed(token_state& token, const call& asked, const std::string& why) {
  const std::lock_guard lock(mutex_);
  note(token, asked, "a logout failed: " + why);
  if (std::find(failed_logouts_.begin(), failed_logouts_.end(), &token) == failed_logouts_.end()) {
    failed_logouts_.push_back(&token);
  }
}

token_state* session_model::failed_logout() {
  const std::lock_guard lock(mutex_);
  if (failed_logouts_.empty()) return nullptr;
  token_state* const first = failed_logouts_.front();
  failed_logouts_.pop_front();
  return first;
}

void session_model::end_refused(const token_state* token) const {
  const std::lock_guard lock(mutex_);
  violate(token, "a full store has refused a logout or a revocation");
}

// --- logins ---

std::size_t session_model::possible_sessions(const user_state& user,
                                             const token_state* without) const {
  std::size_t count =
      user.unknown_logins.size() + static_cast<std::size_t>(user.renewals_under_way);
  for (const token_state* each : user.tokens) {
    if (each != without && ended_before(*each, now()) == nullptr) ++count;
  }
  return count;
}

session_model::login session_model::login_begins(int browser, const call& asked,
                                                 token_state* before, bool keeps_token) {
  const std::lock_guard lock(mutex_);
  login begun{
      .user = user_of(browser), .asked = asked, .before = before, .keeps_token = keeps_token};
  user_state& user = user_states_[static_cast<std::size_t>(begun.user)];
  begun.number = ++user.logins_begun;
  user.logins_under_way.insert(begun.number);
  if (before != nullptr && keeps_token) {
    if (!before->login_tried) user.tokens.push_back(before);
    before->login_tried = true;
    ++before->logins_under_way;
    before->may_end |= user.may_lose_sessions() || user.last_ender_end > asked.begun;
  } else if (before != nullptr) {
    before->may_end = true;
  }
  const std::size_t limit = options_.max_sessions_per_user;
  if (limit != 0 && possible_sessions(user, before) + user.logins_under_way.size() > limit) {
    user.last_ending_login = begun.number;
    for (token_state* each : user.tokens)
      each->may_end = true;
  }
  return begun;
}

token_state& session_model::login_acknowledged(const login& done, int browser, std::string cookie,
                                               const scs::session_id& id, std::uint64_t pair) {
  const std::lock_guard lock(mutex_);
  counts_.add("logins");
  user_state& user = user_states_[static_cast<std::size_t>(done.user)];
  token_state* token = done.before;
  if (token != nullptr) check_write(*token, done.commit_begun, "a login");
  if (token == nullptr || !done.keeps_token) {
    std::shared_ptr<session_values> values;
    if (token != nullptr) {
      values = token->values;
    } else {
      values = std::make_shared<session_values>();
      values->browser = browser;
      values->puts.push_back(
          {.value = pair, .begun = done.asked.begun, .done = now(), .acknowledged = true});
    }
    token_state& fresh = add(browser, done.asked, std::move(cookie), id, std::move(values));
    if (token != nullptr) succeed(*token, fresh, done.asked.begun);
    fresh.login_tried = true;
    fresh.login_loaded = done.loaded;
    user.tokens.push_back(&fresh);
    fresh.may_end |= user.may_lose_sessions() || user.last_ender_end > done.asked.begun;
    inherit_ends(fresh, done.loaded);
    token = &fresh;
  } else {
    --token->logins_under_way;
    token->login_loaded = now();
  }
  token->login_begun = done.asked.begun;
  token->login_acknowledged = now();
  note(*token, done.asked, done.keeps_token ? "logged in again" : "logged in");
  note_user(done.user, done.asked, "login " + std::string(token->id.text().substr(0, 8)));
  user.logins_under_way.erase(done.number);
  if (done.number <= user.last_ending_login) user.last_ender_end = now();
  return *token;
}

void session_model::login_failed(const login& failed) {
  const std::lock_guard lock(mutex_);
  user_state& user = user_states_[static_cast<std::size_t>(failed.user)];
  user.logins_under_way.erase(failed.number);
  note_user(failed.user, failed.asked, "a login failed");
  if (failed.keeps_token && failed.before != nullptr) {
    --failed.before->logins_under_way;
    failed.before->login_loaded = now();
  } else {
    user.unknown_logins.push_back(failed.loaded);
  }
  if (failed.number <= user.last_ending_login) user.last_ender_end = now();
}

// --- revocations ---

void session_model::revocation_begins(int user, const token_state* spared) {
  const std::lock_guard lock(mutex_);
  user_state& state = user_states_[static_cast<std::size_t>(user)];
  ++state.enders_under_way;
  for (token_state* each : state.tokens) {
    if (each != spared) each->may_end = true;
  }
}

void session_model::revocation_ends(int user, const call& asked, bool acknowledged,
                                    token_state* spared) {
  const std::lock_guard lock(mutex_);
  user_state& state = user_states_[static_cast<std::size_t>(user)];
  --state.enders_under_way;
  const bool alone = !state.may_lose_sessions() && state.last_ender_end < asked.begun;
  state.last_ender_end = now();
  note_user(user, asked, acknowledged ? "revoked all" : "a revocation failed");
  if (!acknowledged) return;
  counts_.add("revocations");
  if (spared != nullptr) {  // it has begun again, as after a later login
    spared->login_loaded = now();
    if (alone) spared->may_end = spared->logout_begun;
  }
  for (token_state* each : state.tokens) {
    if (each == spared || !each->login_acknowledged || each->logins_under_way > 0) continue;
    if (each->login_loaded >= asked.begun) continue;
    each->ends.push_back({ending::kind::revocation, now(), *each->login_acknowledged});
  }
  std::erase_if(state.unknown_logins, [&](moment loaded) { return loaded < asked.begun; });
  state.revocations.push_back({asked.begun, now()});
}

// --- listings ---

void session_model::listed(int user, const call& asked, const std::vector<scs::session_id>& ids) {
  const std::lock_guard lock(mutex_);
  counts_.add("listings");
  std::unordered_set<const token_state*> shown;
  for (const scs::session_id& id : ids) {
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) continue;  // of a call that failed
    token_state& token = *known->second;
    shown.insert(&token);
    if (token.user != user)
      violate(&token, "a listing of " + name_of(user) + " has another's session");
    if (ended_before(token, asked.begun) != nullptr) {
      note(token, asked, "listed");
      violate(&token, "a listing has a session that an acknowledged call has ended");
    }
  }
  user_state& state = user_states_[static_cast<std::size_t>(user)];
  constexpr std::chrono::seconds kept_for{10};
  std::erase_if(state.tokens, [&](const token_state* each) {
    return each->logins_under_way == 0 && ended_before(*each, now() - kept_for) != nullptr;
  });
  if (clock_was_wrong(asked)) return;
  for (token_state* each : state.tokens) {
    if (!each->login_acknowledged || *each->login_acknowledged >= asked.begun) continue;
    if (each->stored >= asked.begun) continue;
    if (each->may_end || !each->ends.empty() || now() >= each->lives_until) continue;
    if (!certain(*each->login_acknowledged) || !certain(each->stored) || shown.contains(each))
      continue;
    if (std::any_of(index_losses_.begin(), index_losses_.end(),
                    [&](const window& lost) { return lost.until > *each->login_begun; })) {
      continue;
    }
    note(*each, asked, "not listed");
    violate(each, "a listing leaves out a session that nobody has ended");
  }
}

}  // namespace buntdb::attacks::stores
