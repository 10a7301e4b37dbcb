#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <scs/scs.hpp>

#include "fiber.hpp"
#include "interleaving.hpp"

namespace races {

/// One request from its cookies to its response, or a revocation from elsewhere.
class interleaving::visit {
 public:
  visit(interleaving& all, int number, std::size_t browser)
      : all_(all), browser_(browser), fiber_([this] { run(); }) {
    request_.number = number;
  }

  test::fiber& body() noexcept { return fiber_; }
  request& told() noexcept { return *told_; }

  /// Does what the first request of a new visitor does, without interruption.
  void begin_a_session() {
    load({});
    if (all_.has_a_user_) set_user();
    for (const char* key : {"a", counter_key}) {
      put(key);
    }
    finish(true);
  }

 private:
  static constexpr const char* counter_key = "n";
  static constexpr const char* user_name = "tom";

  void run() {
    try {
      if (all_.random_.percent(8)) {
        revoke();
        return;
      }
      if (all_.random_.percent(8)) {
        iterate();
        return;
      }
      if (!load(pick_tokens())) return;
      read();
      if (request_.loaded_tombstone && all_.random_.percent(60)) log_in();
      for (unsigned steps = 1 + all_.random_.below(4); steps > 0 && go_on_; --steps) {
        act();
      }
      finish(!all_.random_.percent(10));
    } catch (const std::exception& failure) {
      all_.model_.blame(&request_, std::string{"threw what no rule names: "} + failure.what());
    }
  }

  /// Calls the manager. Returns false if that failed; the model was informed then.
  template <class Call>
  bool attempt(step doing, Call call) {
    request_.doing = doing;
    request_.began = all_.fixture_.clock().now();
    try {
      call();
      return true;
    } catch (const scs::error& failure) {
      all_.note("threw " + failure.code().message());
      all_.model_.threw(request_, failure);
      return false;
    }
  }

  /// Returns the browser's token, sometimes a former one, or two. The attacker's are mostly those
  /// of others.
  std::vector<scs::token> pick_tokens() {
    browser& own = all_.browsers_[browser_];
    std::vector<scs::token> sent;
    if (all_.is_attacker(browser_) && all_.random_.percent(70)) {
      const std::vector<scs::token> known = all_.known_to(browser_);
      if (!known.empty()) sent = {known[all_.random_.below(static_cast<unsigned>(known.size()))]};
      return note_tokens(std::move(sent));
    }
    if (own.cookie && !all_.random_.percent(25)) sent.push_back(*own.cookie);
    if (!own.old.empty() && (sent.empty() || all_.random_.percent(10))) {
      const auto any = all_.random_.below(static_cast<unsigned>(own.old.size()));
      sent.insert(sent.begin() + (all_.random_.one_in(2) ? 0 : static_cast<long>(sent.size())),
                  own.old[any]);
    }
    return note_tokens(std::move(sent));
  }

  std::vector<scs::token> note_tokens(std::vector<scs::token> sent) {
    std::string names;
    for (const scs::token& token : sent) {
      request_.presented.push_back(token.id());
      names += ' ' + all_.name_of(token.id());
    }
    all_.note((all_.is_attacker(browser_) ? "the attacker comes with the tokens of"
                                          : "comes with the tokens of") +
              names);
    return sent;
  }

  bool load(const std::vector<scs::token>& tokens) {
    all_.model_.load_begins(request_);
    session_.emplace(all_.load(all_.lines_for(tokens)));
    request_.loaded_at = all_.fixture_.clock().now();
    const bool loaded = attempt(step::load, [&] { session_->load(); });
    if (loaded) {
      all_.model_.load_returned(request_, scs::token::parse(session_->token()));
      return true;
    }
    // Rule 11: the failure is permanent.
    if (all_.random_.one_in(2)) {
      if (attempt(step::destroy, [&] { session_->destroy(); })) {
        all_.model_.blame(&request_, "a logout has succeeded without having been asked for");
      }
    }
    if (attempt(step::commit, [&] { all_.sessions_.commit(*session_); })) {
      all_.model_.blame(&request_, "a commit has succeeded though the store was down");
    }
    finish(false);
    return false;
  }

  void read() {
    request_.doing = step::read;
    values found;
    for (const std::string& key : session_->keys())
      found[key] = session_->get<int>(key).value_or(-1);
    all_.model_.read_returned(request_, found);
  }

  void act() {
    switch (all_.random_.below(all_.has_a_user_ ? 20 : 17)) {
      case 0:
      case 1:
      case 2:
        put(all_.random_.one_of({"a", "b", "c"}));
        return;
      case 3:
      case 4:
      case 5:
      case 6:
        update(all_.random_.percent(80) ? counter_key : "a");
        return;
      case 7:
        remove(all_.random_.one_of({"a", "b", counter_key}));
        return;
      case 8:
        clear();
        return;
      case 9:
      case 10:
        renew();
        return;
      case 11:
        request_.doing = step::remember_me;
        session_->remember_me();
        request_.remembers = true;
        return;
      case 12:
        set_deadline();
        return;
      case 13:
      case 14:
        destroy();
        return;
      case 16:
        merge();
        return;
      case 17:
        set_user();
        return;
      case 18:
      case 19:
        revoke_others();
        return;
      default:
        if (all_.random_.one_in(2)) {
          read();
        } else {
          commit();  // early, as before a stream
        }
    }
  }

  void renew() {
    request_.doing = step::renew;
    all_.note("renew");
    session_->renew();
    request_.renews = true;
  }

  /// After the answer to another login was lost or overtaken.
  void log_in() {
    renew();
    if (all_.has_a_user_) set_user();
    put("a");
  }

  void put(const std::string& key) {
    request_.doing = step::put;
    const int value = static_cast<int>(all_.random_.below(1'000'000));
    all_.note("put " + key + " = " + std::to_string(value));
    session_->put(key, value);
    request_.changes[key] = value;
  }

  template <class Change>
  bool changes_something(const Change& change) {
    const auto before = session_->change_count();
    change();
    return session_->change_count() != before;
  }

  void clear() {
    request_.doing = step::clear;
    all_.note("clear");
    if (!changes_something([&] { session_->clear(); })) {
      all_.model_.nothing_to_change(request_, request_.view().empty() && !request_.is_tagged());
      return;
    }
    request_.cleared = true;
    request_.changes.clear();
    request_.tags = false;
  }

  void remove(const std::string& key) {
    request_.doing = step::remove;
    all_.note("remove " + key);
    if (changes_something([&] { session_->remove(key); })) {
      request_.changes[key] = std::nullopt;
    } else {
      all_.model_.nothing_to_change(request_, !request_.view().contains(key));
    }
  }

  void set_deadline() {
    request_.doing = step::set_deadline;
    const auto now = all_.fixture_.clock().now();
    const scs::time_point moment =
        all_.random_.one_in(8) ? now : now + std::chrono::hours{1 + all_.random_.below(3)};
    all_.note(moment == now ? "set_deadline to now" : "set_deadline");
    session_->set_deadline(moment);
    request_.new_deadline = moment;
    request_.latest_deadline.reset();
  }

  void update(const std::string& key) {
    request_.update_key = key;
    request_.updated = false;
    int stored = 0;
    all_.note("update " + key + " by one");
    const bool done = attempt(step::update, [&] {
      stored = session_->update<int>(key, [&](std::optional<int> value) {
        request_.update_input = value;
        return request_.update_output = value.value_or(0) + 1;
      });
    });
    if (done) {
      all_.note("updated " + key + " to " + std::to_string(stored));
      all_.model_.update_returned(request_, stored);
    } else if (all_.random_.one_in(2)) {
      go_on_ = false;
    }
  }

  void destroy() {
    constexpr int tries = 3;
    for (int i = 0; i < tries; ++i) {
      all_.note("destroy");
      if (attempt(step::destroy, [&] { session_->destroy(); })) {
        all_.model_.destroy_returned(request_);
        all_.note("destroyed");
        return;
      }
    }
    go_on_ = false;
    stuck_ = true;
  }

  bool commit() {
    all_.note("commit");
    std::string cookie;
    const bool done = attempt(
        step::commit, [&] { cookie = all_.set_cookie_in(all_.sessions_.commit(*session_)); });
    if (!done) {
      go_on_ = false;
      failed_ = true;
      return false;
    }
    if (stuck_) all_.model_.blame(&request_, "a commit has succeeded after a logout that failed");
    all_.model_.commit_returned(request_, cookie);
    all_.note("committed");
    keep(cookie);
    return true;
  }

  void finish(bool well) {
    if (well && !failed_ && commit()) {
      deliver();
      return;
    }
    request_.doing = step::abandon;
    all_.note("abandon");
    const std::string cookie = all_.set_cookie_in(all_.sessions_.abandon(*session_));
    all_.model_.abandon_returned(request_, cookie);
    keep(cookie);
    deliver();
  }

  void set_user() {
    request_.doing = step::put;
    all_.note("set_user");
    // The limit ends the oldest logins. Of two logins at the same moment it would end the one with
    // the smaller id, which is random.
    all_.fixture_.advance(std::chrono::nanoseconds{1});
    session_->set_user(user_name);
    request_.tags = true;
    request_.tag_began = request_.load_order;
    request_.renews = true;
  }

  /// Merges a session that some browser's token opens.
  void merge() {
    std::vector<scs::token> known;
    for (std::size_t i = 0; i < all_.browsers_.size(); ++i) {
      const std::vector<scs::token> more = all_.known_to(i);
      known.insert(known.end(), more.begin(), more.end());
    }
    if (known.empty()) return;
    const scs::token other = known[all_.random_.below(static_cast<unsigned>(known.size()))];
    all_.note("merge " + all_.name_of(other.id()));
    request_.other.reset();
    bool merged = false;
    if (attempt(step::merge, [&] { merged = session_->merge(other.text()); })) {
      all_.model_.merge_returned(request_, other.id(), merged);
    }
  }

  void revoke_others() {
    if (session_->user().empty()) return;
    all_.note("revoke_others");
    request_.renews = true;
    if (attempt(step::revoke_others, [&] { all_.sessions_.revoke_others(*session_); })) {
      all_.model_.others_revoked(request_);
      all_.note("revoked the others");
    }
  }

  void revoke() {
    if (all_.has_a_user_ && all_.random_.one_in(2)) {
      all_.note("revoke_all");
      if (attempt(step::revoke_all, [&] { all_.sessions_.revoke_all(user_name); })) {
        all_.note("revoked all");
      }
      return;
    }
    request_.doing = step::revoke;
    const std::vector<scs::token> known = all_.known_to(browser_);
    if (known.empty()) return;
    const scs::session_id id = known[all_.random_.below(static_cast<unsigned>(known.size()))].id();
    all_.note("revoke " + all_.name_of(id));
    if (attempt(step::revoke, [&] { all_.sessions_.revoke(id); })) {
      all_.model_.revoke_returned(request_, id);
      all_.note("revoked");
    }
  }

  /// Iterates over all sessions, and changes some of them.
  void iterate() {
    request_.doing = step::iterate;
    all_.note("iterate");
    std::vector<std::unique_ptr<request>> visits;
    const auto settle = [&] {
      if (!visits.empty()) all_.model_.visit_returned(*visits.back());
    };
    try {
      all_.sessions_.iterate([&](scs::session& session) {
        settle();
        request& each = *visits.emplace_back(std::make_unique<request>());
        const bool known = all_.model_.visited(each, request_, session.id());
        request_.listed.erase(session.id());
        switch_to(each);
        change(session, each, known);
        return scs::visit::next;
      });
      settle();
      all_.model_.iterate_returned(request_);
    } catch (const scs::error& failure) {
      all_.note("threw " + failure.code().message());
      all_.model_.threw(*told_, failure);
    }
    switch_to(request_);
  }

  /// What a visitor of iterate() does to a session.
  void change(scs::session& session, request& each, bool known) {
    each.doing = step::iterate;
    values found;
    for (const std::string& key : session.keys())
      found[key] = session.get<int>(key).value_or(-1);
    if (known) all_.model_.read_returned(each, found);
    all_.note("visits " + all_.name_of(each.id));
    if (all_.random_.one_in(2)) {
      const int value = static_cast<int>(all_.random_.below(1'000'000));
      session.put("v", value);
      each.changes["v"] = value;
    }
    each.doing = step::commit;
  }

  /// From now on the store's calls count for this request.
  void switch_to(request& which) noexcept {
    told_ = &which;
    all_.running_ = &which;
  }

  void keep(const std::string& set_cookie) {
    if (!set_cookie.empty()) response_ = set_cookie;
  }

  /// The response travels for a while, and others may overtake it.
  void deliver() {
    test::fiber::pause();
    if (!response_) return;
    browser& own = all_.browsers_[browser_];
    if (own.cookie) own.old.push_back(*own.cookie);
    own.cookie.reset();
    std::string value = response_->substr(response_->find('=') + 1);
    value.resize(value.find(';'));
    own.cookie = scs::token::parse(value);
    all_.note("the browser gets " +
              (own.cookie ? "the cookie of " + all_.name_of(own.cookie->id()) : "no cookie"));
  }

  interleaving& all_;
  const std::size_t browser_;
  request request_;
  request* told_ = &request_;  // or one of the visits by iterate()
  std::optional<scs::session> session_;
  std::optional<std::string> response_;
  bool go_on_ = true;
  bool stuck_ = false;
  bool failed_ = false;
  test::fiber fiber_;
};

}  // namespace races
