// Requests that read and write a session. Logouts, revocations and listings are in
// visitor_ends.cpp.

#include "stores/visitor.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "model/mismatch.hpp"

namespace buntdb::attacks::stores {

std::uint64_t fresh_value() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// --- requests ---

call visitor::ask() {
  const auto server = static_cast<std::size_t>(random_.below(round_.servers.size()));
  return ask(server);
}

call visitor::ask(std::size_t server) const {
  return {.server = server, .sessions = round_.servers[server].sessions()};
}

scs::session_manager& visitor::sessions(const call& asked) {
  return *asked.sessions;
}

std::string visitor::cookie_of(const scs::session_manager& at, const std::string& token) {
  return at.cookie_name() + '=' + token;
}

visitor::result visitor::guarded(token_state* token, const call& asked,
                                 const std::function<void()>& work) {
  result ended = result::done;
  const machine_clock::scope acting(*round_.servers[asked.server].clock);
  try {
    work();
    round_.counts.add("operations acknowledged");
  } catch (const scs::error& failure) {
    ended = result::failed;
    failure_text_ = failure.what();
    const std::error_code code = failure.code();
    for (const scs::errc expected :
         {scs::errc::store_failed, scs::errc::store_full, scs::errc::store_timeout,
          scs::errc::session_gone, scs::errc::too_many_sessions}) {
      if (code == expected) failure_ = expected;
    }
    if (code != failure_)
      throw model::mismatch("an unexpected error: " + std::string(failure.what()));
    if (failure_ == scs::errc::session_gone) {
      round_.counts.add("refused as gone");
      if (token != nullptr) round_.model.found_gone(*token, asked);
    } else {
      round_.counts.add("failed");
    }
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now() - asked.begun);
  // A visitor does not retry immediately, and a load of nothing but failures would be useless.
  if (ended == result::failed) std::this_thread::sleep_for(std::chrono::milliseconds{2});
  round_.counts.greatest("ms the longest request", static_cast<std::uint64_t>(took.count()));
  return ended;
}

visitor::result visitor::request(token_state* token, const call& asked,
                                 const std::function<void(scs::session&)>& work) {
  const machine_clock::scope acting(*round_.servers[asked.server].clock);
  scs::session session =
      sessions(asked).load(token == nullptr ? std::string_view{} : token->cookie);
  const result ended = guarded(token, asked, [&] { work(session); });
  if (ended == result::failed) sessions(asked).abandon(session);
  return ended;
}

void visitor::commit(scs::session& session, const call& asked) {
  sessions(asked).commit(session);
}

answer visitor::read(scs::session& session) {
  answer seen;
  if (const std::optional<int> browser = session.get<int>("browser")) {
    seen.live = true;
    seen.browser = *browser;
    seen.user = session.user();
    seen.count = session.get<std::uint64_t>("count").value_or(0);
    seen.left = session.get<std::uint64_t>("left").value_or(0);
    seen.right = session.get<std::uint64_t>("right").value_or(0);
  }
  return seen;
}

/// Returns the content of the session, and tells the model if it concerns a token.
answer visitor::look(scs::session& session, token_state* token, call& asked) {
  if (round_.staleness.count() != 0) {
    if (random_.one_in(2)) {
      session.load_fresh();
    } else {
      asked.staleness = round_.staleness;
    }
  }
  const answer seen = read(session);
  if (token != nullptr) round_.model.found(*token, asked, seen);
  return seen;
}

void visitor::begin_values(scs::session& session, int browser, std::uint64_t pair) {
  session.put("browser", browser);
  session.put("count", std::uint64_t{0});
  session.put("left", pair);
  session.put("right", pair);
}

void visitor::enter(int browser) {
  const call asked = ask();
  const std::uint64_t pair = fresh_value();
  request(nullptr, asked, [&](scs::session& session) {
    begin_values(session, browser, pair);
    commit(session, asked);
    round_.model.entered(browser, asked, cookie_of(sessions(asked), session.token()), session.id(),
                         pair);
  });
}

void visitor::visit(token_state& token) {
  call asked = ask();
  bool alive = true;
  const result ended = request(&token, asked, [&](scs::session& session) {
    alive = look(session, &token, asked).live;
    commit(session, asked);
  });
  if (ended == result::done && !alive) round_.model.forget(token.values->browser, &token);
}

void visitor::count(token_state& token) {
  call asked = ask();
  request(&token, asked, [&](scs::session& session) {
    if (!look(session, &token, asked).live) return;
    round_.model.count_begins(token);
    const moment commit_begun = now();
    const auto reached = session.update<std::uint64_t>(
        "count", [](std::optional<std::uint64_t> before) { return before.value_or(0) + 1; });
    round_.model.counted(token, asked, reached, commit_begun);
    commit(session, asked);
  });
}

void visitor::put_pair(token_state& token) {
  call asked = ask();
  std::optional<std::size_t> number;
  moment commit_begun{};
  const result ended = request(&token, asked, [&](scs::session& session) {
    if (!look(session, &token, asked).live) return;
    const std::uint64_t value = fresh_value();
    number = round_.model.put_begins(token, value);
    session.put("left", value);
    session.put("right", value);
    commit_begun = now();
    commit(session, asked);
  });
  if (number) {
    round_.model.put_ends(token, asked, *number, ended == result::done, commit_begun);
  }
}

void visitor::renew(token_state& token) {
  call asked = ask();
  bool begun = false;
  const result ended = request(&token, asked, [&](scs::session& session) {
    if (!look(session, &token, asked).live) return;
    round_.model.renewal_begins(token);
    begun = true;
    session.renew();
    const moment commit_begun = now();
    commit(session, asked);
    round_.model.renewal_acknowledged(token, asked, commit_begun,
                                      cookie_of(sessions(asked), session.token()), session.id());
  });
  if (begun) round_.model.renewal_ends(token, asked, ended == result::done);
}

void visitor::log_in(int browser, token_state* token) {
  call asked = ask();
  session_model::login begun;
  bool counts = false;
  const std::uint64_t pair = fresh_value();
  const result ended = request(token, asked, [&](scs::session& session) {
    const bool live = look(session, token, asked).live;
    const moment loaded = now();
    if (!live && token != nullptr && round_.model.had_wrong_clock(asked)) return;
    begun = round_.model.login_begins(browser, asked, live ? token : nullptr, false);
    begun.loaded = loaded;
    counts = true;
    session.set_user(session_model::name_of(begun.user));
    if (!live) begin_values(session, browser, pair);
    begun.commit_begun = now();
    commit(session, asked);
    round_.model.login_acknowledged(begun, browser, cookie_of(sessions(asked), session.token()),
                                    session.id(), pair);
  });
  if (counts && ended == result::failed) round_.model.login_failed(begun);
}

void visitor::log_in_again(token_state& token) {
  call asked = ask();
  session_model::login begun;
  bool counts = false;
  const result ended = request(&token, asked, [&](scs::session& session) {
    if (!look(session, &token, asked).live) return;
    const moment loaded = now();
    begun = round_.model.login_begins(token.values->browser, asked, &token, true);
    begun.loaded = loaded;
    counts = true;
    session.set_user(session_model::name_of(begun.user), {}, scs::session::at_login::keep_token);
    begun.commit_begun = now();
    commit(session, asked);
    round_.model.login_acknowledged(begun, token.values->browser, token.cookie, token.id, 0);
  });
  if (counts && ended == result::failed) round_.model.login_failed(begun);
}

// --- the mix ---

void visitor::step() {
  // Half of the requests use a few browsers.
  constexpr int busy = 6;
  const int browser = static_cast<int>(random_.below(
      static_cast<std::uint64_t>(random_.one_in(2) ? busy : round_.model.browsers())));
  const int user = round_.model.user_of(browser);
  token_state* const token = round_.model.current(browser);
  const std::uint64_t choice = random_.below(1000);
  if (random_.one_in(4)) try_again();
  if (choice < 150) {
    if (token_state* const any = round_.model.any(random_)) visit(*any);
  } else if (choice < 210) {
    list(user);
  } else if (choice < 220) {
    revoke_one(user);
  } else if (choice < 224) {
    revoke_all(user);
  } else if (token == nullptr) {
    if (random_.one_in(2)) {
      enter(browser);
    } else {
      log_in(browser, nullptr);
    }
  } else if (choice < 230) {
    revoke_others(*token);
  } else if (choice < 300) {
    log_out(*token);
  } else if (choice < 320) {
    token_state* const old = round_.model.renewed(browser);
    log_out(old != nullptr ? *old : *token);
  } else if (choice < 420) {
    log_in(browser, token);
  } else if (choice < 470) {
    log_in_again(*token);
  } else if (choice < 530) {
    renew(*token);
  } else if (choice < 680) {
    count(*token);
  } else if (choice < 780) {
    put_pair(*token);
  } else {
    visit(*token);
  }
}

}  // namespace buntdb::attacks::stores
