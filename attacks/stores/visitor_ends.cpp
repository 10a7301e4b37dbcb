// Logouts, revocations and listings, and the checks after the load has ended.

#include <string>

#include <scs/user_session.hpp>

#include "model/mismatch.hpp"
#include "stores/visitor.hpp"

namespace buntdb::attacks::stores {

/// Logs out. A logout that fails is tried again, immediately or later, as a browser's user does.
void visitor::log_out(token_state& token) {
  round_.model.logout_begins(token);
  result ended = result::failed;
  do {
    const call asked = ask();
    const auto full_since = round_.full_since.load();
    ended = request(&token, asked, [&](scs::session& session) {
      session.destroy();
      commit(session, asked);
      round_.model.logout_acknowledged(token, asked);
    });
    if (ended == result::done) break;
    round_.model.logout_failed(token, asked, failure_text_);
    require_room_for_ends(&token, asked, full_since);
  } while (random_.one_in(2));
  round_.model.forget(token.values->browser, &token);
}

/// Called after an end has failed: a full store refuses no end. `full_since` was read before the
/// call.
void visitor::require_room_for_ends(const token_state* token, const call& asked,
                                    std::int64_t full_since) {
  if (failure_ != scs::errc::store_full || full_since == 0) return;
  if (full_since != round_.full_since.load()) return;
  if (full_since < asked.begun.time_since_epoch().count()) round_.model.end_refused(token);
}

void visitor::list(int user) {
  const call asked = ask();
  guarded(nullptr, asked, [&] {
    std::vector<scs::session_id> ids;
    for (const scs::user_session& each : sessions(asked).sessions_of(session_model::name_of(user)))
      ids.push_back(each.id);
    round_.model.listed(user, asked, ids);
  });
}

void visitor::revoke_one(int user) {
  const call listing = ask();
  std::vector<scs::user_session> all;
  const std::string name = session_model::name_of(user);
  if (guarded(nullptr, listing, [&] { all = sessions(listing).sessions_of(name); }) ==
          result::failed ||
      all.empty()) {
    return;
  }
  const scs::session_id id = random_.pick(all).id;
  token_state* const token = round_.model.with_id(id);
  if (token == nullptr) return;
  revoke_one_of(user, *token);
}

void visitor::revoke_one_of(int user, token_state& token) {
  round_.model.logout_begins(token);
  const call asked = ask();
  const auto full_since = round_.full_since.load();
  const result ended = guarded(nullptr, asked, [&] {
    sessions(asked).revoke(session_model::name_of(user), token.id);
    round_.model.revoked_one(token, asked);
  });
  if (ended == result::failed) {
    round_.model.logout_failed(token, asked, failure_text_);
    require_room_for_ends(&token, asked, full_since);
  }
  round_.model.forget(token.values->browser, &token);
}

/// Retries a logout or a revocation that has failed before, if there is one.
void visitor::try_again() {
  token_state* const token = round_.model.failed_logout();
  if (token == nullptr) return;
  if (random_.one_in(3)) {
    revoke_one_of(token->user, *token);
  } else {
    log_out(*token);
  }
}

void visitor::revoke_all(int user) {
  constexpr int tries = 3;
  for (int i = 0; i < tries; ++i) {
    const call asked = ask();
    const auto full_since = round_.full_since.load();
    round_.model.revocation_begins(user, nullptr);
    const result ended =
        guarded(nullptr, asked, [&] { sessions(asked).revoke_all(session_model::name_of(user)); });
    round_.model.revocation_ends(user, asked, ended == result::done, nullptr);
    if (ended == result::done) return;
    require_room_for_ends(nullptr, asked, full_since);
  }
}

void visitor::revoke_others(token_state& token) {
  call asked = ask();
  bool begun = false;
  token_state* after = nullptr;
  const result ended = request(&token, asked, [&](scs::session& session) {
    const answer seen = look(session, &token, asked);
    if (!seen.live || seen.user.empty()) return;
    round_.model.renewal_begins(token);
    round_.model.revocation_begins(token.user, &token);
    begun = true;
    sessions(asked).revoke_others(session);
    const moment commit_begun = now();
    commit(session, asked);
    after = &round_.model.renewal_acknowledged(token, asked, commit_begun,
                                               cookie_of(sessions(asked), session.token()),
                                               session.id(), session_model::begin_mark::set_anew);
  });
  if (!begun) return;
  round_.model.renewal_ends(token, asked, ended == result::done);
  round_.model.revocation_ends(token.user, asked, ended == result::done, after);
}

std::vector<token_state*> visitor::probe_all(const std::vector<token_state*>& tokens) {
  std::vector<token_state*> alive;
  for (token_state* const token : tokens) {
    for (std::size_t server = 0; server < round_.servers.size(); ++server) {
      if (probe(*token, server) && (alive.empty() || alive.back() != token)) {
        alive.push_back(token);
      }
    }
  }
  return alive;
}

/// Returns whether the token is alive. The store works, but earlier connections may still have to
/// fail.
bool visitor::probe(token_state& token, std::size_t server) {
  const moment give_up = now() + std::chrono::seconds{10};
  for (;;) {
    const call asked = ask(server);
    bool alive = false;
    const result ended = request(&token, asked, [&](scs::session& session) {
      session.load_fresh();
      const answer seen = read(session);
      round_.model.found(token, asked, seen);
      alive = seen.live;
    });
    if (ended == result::done) return alive;
    if (now() > give_up) round_.model.not_healed(token, failure_text_);
  }
}

void visitor::end_user(int user) {
  const std::string name = session_model::name_of(user);
  for (std::size_t server = 0; server < round_.servers.size(); ++server) {
    const call asked = ask(server);
    const machine_clock::scope acting(*round_.servers[server].clock);
    std::vector<scs::session_id> ids;
    for (const scs::user_session& each : sessions(asked).sessions_of(name))
      ids.push_back(each.id);
    round_.model.listed(user, asked, ids);
  }
  const call asked = ask(0);
  const machine_clock::scope acting(*round_.servers.front().clock);
  round_.model.revocation_begins(user, nullptr);
  sessions(asked).revoke_all(name);
  round_.model.revocation_ends(user, asked, true, nullptr);
  for (web_server& each : round_.servers) {
    if (!each.sessions()->sessions_of(name).empty()) {
      throw model::mismatch("after the revocation of all, " + name + " still has sessions");
    }
  }
}

}  // namespace buntdb::attacks::stores
