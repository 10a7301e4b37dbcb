// Tokens, what requests found, and the windows of documented losses. Ends, listings and users are
// in model_ends.cpp.

#include "stores/model.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

#include "model/mismatch.hpp"

namespace buntdb::attacks::stores {

session_model::session_model(const model_options& options, figures& counts)
    : options_(options),
      counts_(counts),
      current_(static_cast<std::size_t>(options.browsers)),
      renewed_(static_cast<std::size_t>(options.browsers)),
      user_states_(static_cast<std::size_t>(options.users)) {}

// --- what is certain ---

bool session_model::certain(moment acknowledged) const {
  return std::none_of(losses_.begin(), losses_.end(), [&](const window& each) {
    return acknowledged >= each.from && acknowledged <= each.until;
  });
}

bool session_model::certain(const ending& end) const {
  return certain(end.acknowledged) && certain(end.rests_on);
}

const ending* session_model::ended_before(const token_state& token, moment limit) const {
  for (const ending& each : token.ends) {
    if (each.acknowledged < limit && certain(each)) return &each;
  }
  return nullptr;
}

void session_model::losses_begin(moment from, std::string_view why) {
  const std::lock_guard lock(mutex_);
  losses_.push_back({.from = from});
  faults_.add(stamp({}) + "losses are documented from here on: " + std::string(why));
}

void session_model::losses_end(moment until) {
  const std::lock_guard lock(mutex_);
  if (!losses_.empty()) losses_.back().until = std::min(losses_.back().until, until);
  faults_.add(stamp({}) + "end of the documented losses");
}

void session_model::index_losses_begin() {
  const std::lock_guard lock(mutex_);
  index_losses_.push_back({.from = now()});
}

void session_model::index_losses_end() {
  const std::lock_guard lock(mutex_);
  if (!index_losses_.empty()) index_losses_.back().until = now();
}

void session_model::note_fault(const std::string& text) {
  const std::lock_guard lock(mutex_);
  faults_.add(stamp({}) + text);
}

void session_model::clock_is_wrong(std::size_t server) {
  const std::lock_guard lock(mutex_);
  clock_wrong_until_[server] = moment::max();
}

void session_model::clock_is_right(std::size_t server) {
  const std::lock_guard lock(mutex_);
  if (clock_wrong_until_.contains(server)) clock_wrong_until_[server] = now();
}

bool session_model::had_wrong_clock(const call& asked) const {
  const std::lock_guard lock(mutex_);
  return clock_was_wrong(asked);
}

bool session_model::clock_was_wrong(const call& asked) const {
  const auto known = clock_wrong_until_.find(asked.server);
  return known != clock_wrong_until_.end() && known->second >= asked.begun;
}

// --- the report ---

std::string session_model::stamp(const call& asked) const {
  const std::chrono::duration<double> at = now() - begun_;
  const std::chrono::duration<double> took = now() - asked.begun;
  std::ostringstream text;
  text << std::fixed << std::setprecision(4) << at.count() << " s (begun " << took.count()
       << " before) server " << asked.server << ": ";
  return text.str();
}

void session_model::note(token_state& token, const call& asked, std::string_view what) const {
  token.values->happened.add(stamp(asked) + std::string(token.id.text().substr(0, 8)) + ' ' +
                             std::string(what));
}

void session_model::note_user(int user, const call& asked, const std::string& what) {
  user_states_[static_cast<std::size_t>(user)].happened.add(stamp(asked) + what);
}

void session_model::violate(const token_state* token, const std::string& what) const {
  std::string report = what;
  if (token != nullptr) {
    report += "\n  token " + std::string(token->id.text().substr(0, 8)) + " of browser " +
              std::to_string(token->values->browser) + ", user " + name_of(token->user) +
              "; its session:" + token->values->happened.text() +
              "\n  the user:" + user_states_[static_cast<std::size_t>(token->user)].happened.text();
  }
  throw model::mismatch(report + "\n  faults:" + faults_.text());
}

void session_model::count_loss(token_state& token, std::string_view what) {
  if (std::exchange(token.counted_as_loss, true)) return;
  counts_.add(what);
}

void session_model::not_healed(const token_state& token, const std::string& why) const {
  const std::lock_guard lock(mutex_);
  violate(&token, "a healed store does not answer for ten seconds: " + why);
}

// --- tokens ---

token_state* session_model::current(int browser) {
  const std::lock_guard lock(mutex_);
  return current_[static_cast<std::size_t>(browser)];
}

token_state* session_model::renewed(int browser) {
  const std::lock_guard lock(mutex_);
  return renewed_[static_cast<std::size_t>(browser)];
}

void session_model::forget(int browser, const token_state* token) {
  const std::lock_guard lock(mutex_);
  token_state*& known = current_[static_cast<std::size_t>(browser)];
  if (known == token) known = nullptr;
}

token_state* session_model::any(model::random_source& random) {
  const std::lock_guard lock(mutex_);
  if (tokens_.empty()) return nullptr;
  constexpr std::size_t recent = 200;
  const std::size_t among = random.one_in(4) ? tokens_.size() : std::min(tokens_.size(), recent);
  return &tokens_[tokens_.size() - 1 - static_cast<std::size_t>(random.below(among))];
}

std::vector<token_state*> session_model::all() {
  const std::lock_guard lock(mutex_);
  std::vector<token_state*> every;
  for (token_state& each : tokens_)
    every.push_back(&each);
  return every;
}

token_state* session_model::with_id(const scs::session_id& id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

token_state& session_model::add(int browser, const call& asked, std::string cookie,
                                const scs::session_id& id, std::shared_ptr<session_values> values) {
  if (by_id_.contains(id)) violate(by_id_[id], "a new session has the token of another one");
  token_state& token = tokens_.emplace_back();
  token.cookie = std::move(cookie);
  token.id = id;
  token.values = std::move(values);
  token.user = user_of(browser);
  token.stored = now();
  token.lives_until =
      asked.begun + std::chrono::duration_cast<moment::duration>(options_.least_life);
  by_id_[id] = &token;
  current_[static_cast<std::size_t>(browser)] = &token;
  return token;
}

token_state& session_model::entered(int browser, const call& asked, std::string cookie,
                                    const scs::session_id& id, std::uint64_t pair) {
  const std::lock_guard lock(mutex_);
  auto values = std::make_shared<session_values>();
  values->browser = browser;
  values->puts.push_back(
      {.value = pair, .begun = asked.begun, .done = now(), .acknowledged = true});
  token_state& token = add(browser, asked, std::move(cookie), id, std::move(values));
  note(token, asked, "entered");
  counts_.add("sessions");
  return token;
}

// --- what requests find ---

void session_model::found(token_state& token, const call& asked, const answer& seen) {
  const std::lock_guard lock(mutex_);
  note(token, asked, seen.live ? "found alive" : "found dead");
  counts_.add("loads");
  if (!seen.live) return check_absent(token, asked, "not found");
  if (ended_before(token, asked.begun - asked.staleness) != nullptr) {
    violate(&token, "a session is alive that an acknowledged call has ended");
  }
  if (!token.ends.empty() && token.ends.front().acknowledged < asked.begun - asked.staleness) {
    count_loss(token, "documented: dead alive again");
  }
  if (seen.browser != token.values->browser) {
    violate(&token, "a session has the values of browser " + std::to_string(seen.browser));
  }
  const std::string name = name_of(token.user);
  if (!seen.user.empty() && (seen.user != name || !token.login_tried)) {
    violate(&token, "a session is the user's '" + seen.user + "'");
  }
  if (token.login_acknowledged && token.ends.empty() && certain(*token.login_acknowledged) &&
      *token.login_acknowledged < asked.begun - asked.staleness && seen.user != name) {
    violate(&token, "a session has lost its user");
  }
  check_values(token, asked, seen);
}

void session_model::found_gone(token_state& token, const call& asked) {
  const std::lock_guard lock(mutex_);
  note(token, asked, "refused as gone");
  check_absent(token, asked, "refused as gone");
}

void session_model::check_absent(token_state& token, const call& asked, std::string_view how) {
  if (token.may_end || !token.ends.empty() || now() >= token.lives_until) return;
  if (clock_was_wrong(asked)) {
    counts_.add("sessions hidden by a wrong clock");
    return;
  }
  if (certain(token.stored)) {
    violate(&token, "a session that nobody has ended is " + std::string(how));
  }
  count_loss(token, "documented: sessions lost");
}

void session_model::check_values(token_state& token, const call& asked, const answer& seen) {
  const session_values& values = *token.values;
  if (seen.left != seen.right) {
    violate(&token, "a mixture of two versions: the pair is " + std::to_string(seen.left) +
                        " and " + std::to_string(seen.right));
  }
  if (seen.count > values.counts_begun) {
    violate(&token, "a change was made twice: the count is " + std::to_string(seen.count) + " of " +
                        std::to_string(values.counts_begun) + " that were begun");
  }
  if (!token.ends.empty()) return;  // a renewed session may have continued elsewhere
  const auto known = [&](moment each) {
    return each < asked.begun - asked.staleness && certain(each);
  };
  const auto least = std::count_if(values.counted.begin(), values.counted.end(), known);
  if (seen.count < static_cast<std::uint64_t>(least)) {
    violate(&token, "counts are lost: " + std::to_string(seen.count) + " of " +
                        std::to_string(least) + " that were acknowledged");
  }
  check_pair(token, asked, seen);
}

void session_model::check_pair(token_state& token, const call& asked, const answer& seen) {
  const auto& puts = token.values->puts;
  const auto read = std::find_if(puts.begin(), puts.end(),
                                 [&](const auto& each) { return each.value == seen.left; });
  if (read == puts.end())
    violate(&token, "nobody has put the pair of " + std::to_string(seen.left));
  for (const session_values::put& each : puts) {
    if (each.acknowledged && each.begun > read->done && each.done < asked.begun - asked.staleness &&
        certain(each.done)) {
      violate(&token, "an old version was read: the pair is " + std::to_string(read->value) +
                          ", which " + std::to_string(each.value) + " has replaced");
    }
  }
}

void session_model::check_write(token_state& token, moment commit_begun,
                                std::string_view what) const {
  for (const ending& each : token.ends) {
    if (each.by != ending::kind::revocation && each.acknowledged < commit_begun && certain(each)) {
      violate(&token, std::string(what) + " was acknowledged after the end of its session was");
    }
  }
}

// --- values ---

void session_model::count_begins(token_state& token) {
  const std::lock_guard lock(mutex_);
  ++token.values->counts_begun;
}

void session_model::counted(token_state& token, const call& asked, std::uint64_t result,
                            moment commit_begun) {
  const std::lock_guard lock(mutex_);
  note(token, asked, "counted to " + std::to_string(result));
  counts_.add("writes");
  check_write(token, commit_begun, "a count");
  session_values& values = *token.values;
  const auto least = std::count_if(values.counted.begin(), values.counted.end(), [&](moment each) {
    return each < asked.begun && certain(each);
  });
  if (result > values.counts_begun) violate(&token, "a change was made twice");
  if (token.ends.empty() && result <= static_cast<std::uint64_t>(least)) {
    violate(&token, "a count rests on an old version");
  }
  values.counted.push_back(now());
}

std::size_t session_model::put_begins(token_state& token, std::uint64_t value) {
  const std::lock_guard lock(mutex_);
  auto& puts = token.values->puts;
  puts.push_back({.value = value, .begun = now()});
  return puts.size() - 1;
}

void session_model::put_ends(token_state& token, const call& asked, std::size_t number,
                             bool acknowledged, moment commit_begun) {
  const std::lock_guard lock(mutex_);
  session_values::put& put = token.values->puts[number];
  put.done = now();
  put.acknowledged = acknowledged;
  note(token, asked,
       "put the pair of " + std::to_string(put.value) + (acknowledged ? "" : ", which failed"));
  if (!acknowledged) return;
  counts_.add("writes");
  check_write(token, commit_begun, "a put");
}

}  // namespace buntdb::attacks::stores
