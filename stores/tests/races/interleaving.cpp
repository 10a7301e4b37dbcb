#include "interleaving.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "fiber.hpp"
#include "visit.hpp"

namespace races {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// The exception of a store that is unavailable.
struct store_is_down : std::runtime_error {
  store_is_down() : runtime_error("down") {}
};

}  // namespace

interleaving::interleaving(test::store_fixture& fixture, scs::store& store, std::uint64_t seed,
                           std::vector<std::string>* trace)
    : fixture_(fixture),
      bare_(store),
      trace_(trace),
      random_(seed),
      options_(make_options()),
      model_(fixture.clock(), options_),
      sessions_(make_watched(store), options_) {
  if (random_.one_in(3)) failures_percent_ = random_.one_of({2U, 10U});
  stay_percent_ = random_.one_of({0U, 30U, 70U, 90U});
  time_passes_ = random_.one_in(3) && fixture_.advance({});
  has_a_user_ = random_.one_in(2);
  has_an_attacker_ = random_.one_in(2);
}

interleaving::~interleaving() = default;

scs::session_options interleaving::make_options() {
  return {.lifetime = hours{24},
          .idle_timeout = random_.one_in(2) ? minutes{20} : minutes{0},
          .cookie = {},
          .transport = random_.one_in(4) ? std::optional(scs::header_transport{}) : std::nullopt,
          .max_sessions_per_user = random_.one_of<std::size_t>({0, 0, 1, 2}),
          .beyond_user_limit = random_.one_in(2) ? scs::user_limit_policy::end_oldest
                                                 : scs::user_limit_policy::refuse_new,
          .store_timeout = hours{1},
          .clock = &fixture_.clock(),
          .sleep = [](std::chrono::nanoseconds) { test::fiber::pause(); }};
}

std::unique_ptr<scs::store> interleaving::make_watched(scs::store& store) {
  store_watcher& watcher = *this;
  if (random_.one_in(2)) return std::make_unique<watched_pairs>(store, watcher);
  return std::make_unique<watched_store>(store, watcher);
}

std::vector<scs::token> interleaving::known_to(std::size_t which) const {
  std::vector<scs::token> known;
  for (std::size_t i = 0; i < browsers_.size(); ++i) {
    if (i != which && !is_attacker(which)) continue;
    known.insert(known.end(), browsers_[i].old.begin(), browsers_[i].old.end());
    if (browsers_[i].cookie) known.push_back(*browsers_[i].cookie);
  }
  return known;
}

std::vector<std::string> interleaving::lines_for(const std::vector<scs::token>& tokens) const {
  std::vector<std::string> lines;
  std::string cookies;
  for (const scs::token& token : tokens) {
    if (options_.transport) lines.emplace_back(token.text());
    cookies.append(sessions_.cookie_name()).append("=").append(token.text()).append("; ");
  }
  if (!options_.transport) lines.push_back(std::move(cookies));
  return lines;
}

scs::session interleaving::load(const std::vector<std::string>& lines) {
  const std::vector<std::string_view> views(lines.begin(), lines.end());
  return sessions_.load(views);
}

std::string interleaving::set_cookie_in(const std::vector<scs::header>& headers) const {
  for (const scs::header& header : headers) {
    if (header.name == "Set-Cookie") return header.value;
    if (options_.transport && header.name == options_.transport->name) {
      return "session=" + header.value + (header.value.empty() ? "; Max-Age=0" : ";");
    }
  }
  return {};
}

std::string interleaving::run() {
  browsers_.resize(1 + random_.below(has_a_user_ ? 3 : 2));
  std::vector<std::unique_ptr<visit>> visits;
  const unsigned failures = std::exchange(failures_percent_, 0);
  for (std::size_t i = 0; i < browsers_.size(); ++i) {
    visits.push_back(std::make_unique<visit>(*this, 0, i));
    running_ = &visits.back()->told();
    visits.back()->begin_a_session();
    visits.pop_back();
  }
  failures_percent_ = failures;
  if (has_an_attacker_) browsers_.emplace_back();
  const unsigned count = 2 + random_.below(4);
  for (unsigned i = 1; i <= count; ++i) {
    visits.push_back(std::make_unique<visit>(
        *this, static_cast<int>(i), random_.below(static_cast<unsigned>(browsers_.size()))));
  }
  schedule(visits);
  check_the_end();
  empty_the_store();
  return model_.violation();
}

void interleaving::schedule(std::vector<std::unique_ptr<visit>>& visits) {
  std::vector<visit*> ready;
  for (const auto& each : visits)
    ready.push_back(each.get());
  std::size_t next = 0;
  while (!ready.empty()) {
    if (next >= ready.size() || !random_.percent(stay_percent_)) {
      next = random_.below(static_cast<unsigned>(ready.size()));
    }
    // A request passes expiries to the store, and judges what it has found, by the present time.
    if (time_passes_ && std::none_of(visits.begin(), visits.end(), [](const auto& each) {
          return each->told().calling || each->told().awaited.has_value();
        })) {
      let_time_pass();
    }
    visit& chosen = *ready[next];
    running_ = &chosen.told();
    chosen.body().resume();
    ++pauses_;
    if (chosen.body().finished()) {
      ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(next));
    }
  }
  running_ = nullptr;
}

void interleaving::let_time_pass() {
  if (!random_.one_in(16)) return;
  const seconds duration = random_.one_of<seconds>(
      {seconds{1}, seconds{30}, seconds{61}, minutes{5}, minutes{19}, minutes{21}, minutes{61}});
  fixture_.advance(duration);
  running_ = nullptr;
  note(std::to_string(duration.count()) + " seconds pass");
}

void interleaving::check_the_end() {
  running_ = nullptr;
  std::set<scs::session_id> kept;
  bare_.for_each([&](const scs::session_id& id, const scs::record&) {
    if (!scs::is_reserved(id) && !kept.insert(id).second)
      model_.blame(nullptr, "the store visits a record twice");
    return scs::visit::next;
  });
  model_.check_records(kept);
  // A merge that takes longer than a tombstone lives no longer finds what it has merged.
  if (!time_passes_) model_.check_user_limit();
  for (const auto& session : model_.sessions()) {
    for (const scs::token& token : session->tokens)
      check_token(*session, token);
  }
}

void interleaving::check_token(const lineage& session, const scs::token& token) {
  scs::session fresh = load(lines_for({token}));
  const scs::session_id id = token.id();
  values found;
  for (const std::string& key : fresh.keys())
    found[key] = fresh.get<int>(key).value_or(-1);
  const bool opens = !fresh.token().empty();
  if (opens && !model_.opens(id)) {
    model_.blame(nullptr, "in the end: a session that ended lives, opened by " + name_of(id));
  } else if (!opens && model_.opens(id)) {
    model_.blame(nullptr, "in the end: a session is lost, " + name_of(id));
  } else if (opens && found != session.data) {
    model_.blame(nullptr, "in the end: an update is lost or came back, in " + name_of(id));
  }
}

void interleaving::empty_the_store() {
  std::vector<scs::session_id> left;
  bare_.for_each([&](const scs::session_id& id, const scs::record&) {
    left.push_back(id);
    return scs::visit::next;
  });
  for (const scs::session_id& id : left)
    bare_.erase(id);
}

// --- watching the store ---

void interleaving::fail_now_and_then(std::string_view call, const scs::session_id& id,
                                     const char* when) {
  if (!random_.percent(failures_percent_)) return;
  running_->store_failed = true;
  ++model_.counted.failures;
  note(std::string{call} + ' ' + name_of(id) + " fails " + when + " it took place");
  throw store_is_down{};
}

// before_call() returns when this request runs again: the scheduler sets running_.
void interleaving::before_call(std::string_view call, const scs::session_id& id) {
  if (running_ == nullptr) return;
  model_.call_begins(*running_, id);
  // The moment of the revocation is fixed. The test's clock does not move by itself, so it is moved
  // here: a later login must have a later time.
  if (call == "commit" && scs::is_reserved(id)) fixture_.advance(std::chrono::nanoseconds{1});
  running_->calling = true;
  test::fiber::pause();
  running_->calling = false;
  fail_now_and_then(call, id, "before");
}

void interleaving::after_call(std::string_view call, const scs::session_id& id) {
  if (running_ == nullptr) return;
  test::fiber::pause();
  try {
    fail_now_and_then(call, id, "after");
  } catch (const store_is_down&) {
    running_->awaited.reset();
    throw;
  }
  if (running_->awaited) model_.find_answered(*running_);
}

void interleaving::found(const scs::session_id& id, bool there) {
  if (running_ == nullptr) return;
  if (trace_ != nullptr) note("find " + name_of(id) + (there ? ": there" : ": not there"));
  model_.found(*running_, id, there);
}

void interleaving::committed(const scs::session_id& id, std::string_view payload,
                             scs::time_point expiry, bool expects_a_revision,
                             scs::commit_result::outcome outcome) {
  if (running_ == nullptr) return;
  if (trace_ != nullptr) {
    using outcomes = scs::commit_result::outcome;
    note((expects_a_revision ? "replace " : "create ") + name_of(id) +
         (expiry <= fixture_.clock().now() ? " by nothing" : " by " + readable(payload)) +
         (outcome == outcomes::committed  ? ": done"
          : outcome == outcomes::conflict ? ": conflict"
                                          : ": gone"));
  }
  model_.committed(*running_, id, payload, expiry, expects_a_revision, outcome);
}

void interleaving::listed(const scs::session_id& id) {
  if (running_ != nullptr) model_.listed(*running_, id);
}

void interleaving::watermark_read() {
  if (running_ != nullptr) model_.watermark_read(*running_);
}

void interleaving::watermark_raised() {
  if (running_ == nullptr) return;
  note("the watermark is raised");
  model_.watermark_raised(*running_);
}

void interleaving::touched(const scs::session_id& id, scs::time_point expiry, bool there) {
  if (running_ == nullptr) return;
  if (trace_ != nullptr) note("touch " + name_of(id) + (there ? ": done" : ": not there"));
  model_.touched(*running_, id, expiry, there);
}

void interleaving::erased(const scs::session_id& id, bool there) {
  if (running_ == nullptr) return;
  if (trace_ != nullptr) note("erase " + name_of(id) + (there ? ": done" : ": not there"));
  model_.erased(*running_, id, there);
}

void interleaving::note(const std::string& what) {
  if (trace_ == nullptr) return;
  std::string line =
      running_ == nullptr ? "           " : "request " + std::to_string(running_->number) + ": ";
  trace_->push_back(line + what);
}

/// Returns the payload with names in place of ids.
std::string interleaving::readable(std::string_view payload) {
  constexpr std::size_t id_size = 2 + scs::token::size;
  const std::size_t found = payload.find("\"h:");
  if (found == std::string_view::npos) return std::string{payload};
  const std::string_view id = payload.substr(found + 1, id_size);
  return std::string{payload.substr(0, found)} + name_of(scs::session_id::from_text(id)) +
         std::string{payload.substr(found + id_size + 2)};
}

/// Ids are random, so a trace names them #1, #2 and so on, in the order in which they appear.
std::string interleaving::name_of(const scs::session_id& id) {
  if (trace_ == nullptr) return {};
  auto known = std::find(names_.begin(), names_.end(), id);
  if (known == names_.end()) known = names_.insert(names_.end(), id);
  return "#" + std::to_string(known - names_.begin() + 1);
}

}  // namespace races
