// Several servers of a site that moves its sessions use one record concurrently. They are in two
// adjacent stages; in the first and the last one a server knows only one store. A seed decides
// which server runs between two calls of the stores, and which calls fail, as after a kill.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/stores/memory.hpp>
#include <scs/stores/moving.hpp>
#include <scs/token.hpp>

#include "fiber.hpp"
#include "races/random_source.hpp"
#include "session_clock.hpp"
#include "store_front.hpp"

namespace test {
namespace {

using outcome = scs::commit_result::outcome;
using scs::stores::moving;
using scs::stores::moving_stage;

struct is_down : std::runtime_error {
  is_down() : runtime_error("down") {}
};

/// What happened, one step a line. Empty unless it is requested.
struct trace {
  std::string* into = nullptr;

  void say(const std::string& line) const {
    if (into != nullptr) *into += line + '\n';
  }
  static std::string text_of(const std::optional<scs::record>& found) {
    return found ? found->payload + " at " + found->revision : "nothing";
  }
};

/// Lets others continue before and after each call, and fails sometimes.
class interrupted_store final : public store_front {
 public:
  interrupted_store(scs::store& inner, races::random_source& random,
                    const unsigned& failures_percent, trace steps, std::string name)
      : store_front(inner),
        random_(random),
        failures_percent_(failures_percent),
        steps_(steps),
        name_(std::move(name)) {}

  std::optional<scs::record> find(const scs::session_id& id) override {
    return interrupted([&] {
      auto found = inner_.find(id);
      say("finds " + trace::text_of(found));
      return found;
    });
  }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    return interrupted([&] {
      auto done = inner_.commit(id, payload, expiry, expected_revision, user);
      say("commits " + std::string{payload} + " over " + expected_revision.value_or("nothing") +
          (done.result == outcome::committed ? " as " + done.revision : ": refused"));
      return done;
    });
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    return interrupted([&] {
      say("touches");
      return inner_.touch(id, expiry);
    });
  }
  std::optional<scs::record> erase(const scs::session_id& id) override {
    return interrupted([&] {
      auto erased = inner_.erase(id);
      say("erases " + trace::text_of(erased));
      return erased;
    });
  }
  void for_each(const visitor& visit_record) override {
    std::vector<std::pair<scs::session_id, scs::record>> all;
    interrupted([&] {
      inner_.for_each([&](const scs::session_id& id, const scs::record& found) {
        all.emplace_back(id, found);
        return scs::visit::next;
      });
      say(all.empty() ? std::string{"lists nothing"}
                      : "lists " + std::string{all.front().second.payload});
      return 0;
    });
    for (const auto& [id, found] : all)
      if (visit_record(id, found) == scs::visit::stop) return;
  }

 private:
  template <class Call>
  std::invoke_result_t<const Call&> interrupted(const Call& call) {
    step();
    auto result = call();
    step();
    return result;
  }

  void step() {
    fiber::pause();
    if (!random_.percent(failures_percent_)) return;
    say("fails");
    throw is_down{};
  }

  void say(const std::string& what) const { steps_.say(name_ + ' ' + what); }

  races::random_source& random_;
  const unsigned& failures_percent_;
  const trace steps_;
  const std::string name_;
};

/// When something was done, in steps of the whole history, and how it ended.
struct span {
  unsigned begin = 0;
  unsigned end = 0;
  bool acknowledged = false;
};

struct appended : span {
  std::string token{};
};

/// What a server knows of the move.
enum class server_kind { old_store_alone, prepares, moves, new_store_alone };

/// Adjacent stages, whose servers run concurrently during the restarts.
constexpr std::array restarts{
    std::array{server_kind::old_store_alone, server_kind::prepares, server_kind::prepares},
    std::array{server_kind::prepares, server_kind::moves, server_kind::moves},
    std::array{server_kind::moves, server_kind::moves, server_kind::new_store_alone},
};
constexpr std::size_t last_restart = 2;
/// Whether a session manager would see a record: the claim of an id is not one.
bool is_record(const std::optional<scs::record>& found) {
  return found && found->payload.starts_with('<');
}

class history {
 public:
  explicit history(std::uint64_t seed, trace steps = {}) : random_(seed), steps_(steps) {
    reserved_ = random_.percent(30);
    if (reserved_) id_ = scs::session_id::from_text("w:=tom");
    stay_percent_ = random_.one_of({0U, 50U, 90U});
    failures_percent_of_visits_ = random_.percent(50) ? random_.one_of({2U, 8U}) : 0;
  }

  std::string run() {
    std::size_t at = random_.one_of({0U, 1U, 1U, 2U});
    start_servers(at);
    if (!reserved_) create(*servers_[random_.below(2)]);
    let_them_visit();
    at = go_on(at);
    // The way back: all servers are stopped, and other servers move in the other direction.
    if (at > 0 && random_.percent(30)) {
      std::swap(from_, to_);
      at = at == last_restart ? 0 : 1;
      start_servers(at);
      let_them_visit();
      at = go_on(at);
    }
    if (at == 0) start_servers(1);
    check_the_end();
    return violation_;
  }

 private:
  /// Does the following restarts, or some of them. Returns the last one.
  std::size_t go_on(std::size_t at) {
    while (at < last_restart && random_.percent(50)) {
      if (++at == last_restart) move_rest();
      start_servers(at);
      let_them_visit();
    }
    return at;
  }

  /// Moves the rest, and is killed if failures are wanted. Does nothing if no server may move it.
  void move_rest() {
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      if (kinds_[i] != server_kind::moves) continue;
      span made;
      done(made, [&] { static_cast<moving&>(*servers_[i]).move_rest(); });
      return;
    }
  }

  std::unique_ptr<scs::store> interrupted(scs::store& store, std::size_t server) {
    return std::make_unique<interrupted_store>(
        store, random_, failures_percent_, steps_,
        "  server " + std::to_string(server) + (&store == from_ ? " old" : " new"));
  }

  void start_servers(std::size_t restart) {
    kinds_ = restarts[restart];
    servers_.clear();
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      servers_.push_back(server(i));
  }

  std::unique_ptr<scs::store> server(std::size_t i) {
    if (kinds_[i] == server_kind::old_store_alone) return interrupted(*from_, i);
    if (kinds_[i] == server_kind::new_store_alone) return interrupted(*to_, i);
    const moving_stage stage =
        kinds_[i] == server_kind::prepares ? moving_stage::prepare : moving_stage::move;
    return std::make_unique<moving>(interrupted(*from_, i), interrupted(*to_, i),
                                    scs::stores::moving_options{.stage = stage, .clock = &clock_});
  }

  void let_them_visit() {
    failures_percent_ = failures_percent_of_visits_;
    std::vector<std::unique_ptr<fiber>> visitors;
    const unsigned count = 2 + random_.below(4);
    for (unsigned i = 0; i < count; ++i)
      visitors.push_back(std::make_unique<fiber>([this] { visit(); }));
    schedule(visitors);
    failures_percent_ = 0;
  }

  void schedule(std::vector<std::unique_ptr<fiber>>& visitors) {
    std::vector<fiber*> ready;
    for (const auto& each : visitors)
      ready.push_back(each.get());
    std::size_t next = 0;
    while (!ready.empty()) {
      if (next >= ready.size() || !random_.percent(stay_percent_))
        next = random_.below(static_cast<unsigned>(ready.size()));
      ++now_;
      ready[next]->resume();
      if (ready[next]->finished()) ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(next));
    }
  }

  void visit() {
    const unsigned actions = 1 + random_.below(3);
    for (unsigned i = 0; i < actions; ++i) {
      scs::store& server = *servers_[random_.below(3)];
      switch (random_.below(9)) {
        case 0:
          if (!reserved_) erase(server);
          break;
        case 8:
          if (!reserved_) end(server);
          break;
        case 1:
          touch(server);
          break;
        case 2:
          list(server);
          break;
        case 3:
          move_rest();
          break;
        case 4:
          look(server);
          break;
        default:
          append(server);
      }
    }
  }

  /// Runs the call. Returns false if it failed.
  template <class Call>
  bool done(span& of, const Call& call) {
    of.begin = now_;
    try {
      call();
      of.acknowledged = true;
    } catch (const is_down&) {
    }
    of.end = now_;
    return of.acknowledged;
  }

  /// Creates the record in place of nothing, or of a claim.
  void create(scs::store& server, const std::optional<scs::record>& claim = {}) {
    const auto revision = claim ? std::optional(claim->revision) : std::nullopt;
    appended made;
    made.token = next_token();
    done(made, [&] {
      made.acknowledged =
          server.commit(id_, made.token, expiry_, revision, "").result == outcome::committed;
      if (!made.acknowledged) throw is_down{};
      ++created_;
    });
    attempted_.push_back(made);
  }

  void append(scs::store& server) {
    span reading;
    std::optional<scs::record> found;
    if (!done(reading, [&] { found = server.find(id_); })) return;
    check(reading, found);
    if (!is_record(found)) {
      if (reserved_) create(server, found);
      return;
    }
    appended made;
    made.token = next_token();
    bool refused = false;
    attempted_.push_back(made);
    const std::size_t at = attempted_.size() - 1;
    done(made, [&] {
      const auto result =
          server.commit(id_, found->payload + made.token, expiry_, found->revision, "");
      refused = result.result != outcome::committed;
      if (result.result == outcome::gone && !may_be_absent(now_)) blame("gone without an erasure");
    });
    if (refused) {
      made.acknowledged = false;
      made.token = "-";  // it must never be found
      refused_.push_back(attempted_[at].token);
    } else if (made.acknowledged && was_erased_before(made.begin)) {
      blame("a change took place after the erasure");
    }
    attempted_[at] = made;
  }

  void look(scs::store& server) {
    span reading;
    std::optional<scs::record> found;
    if (done(reading, [&] { found = server.find(id_); })) check(reading, found);
  }

  void erase(scs::store& server) {
    erasures_.push_back({.begin = now_, .end = ~0U, .acknowledged = false});
    const std::size_t at = erasures_.size() - 1;
    span made;
    done(made, [&] { server.erase(id_); });
    erasures_[at] = made;
  }

  /// Ends the session as a logout does: compares and erases.
  void end(scs::store& server) {
    span reading;
    std::optional<scs::record> found;
    if (!done(reading, [&] { found = server.find(id_); })) return;
    check(reading, found);
    if (!is_record(found)) return;
    erasures_.push_back({.begin = now_, .end = ~0U, .acknowledged = false});
    const std::size_t at = erasures_.size() - 1;
    span made;
    bool ended = false;
    done(made, [&] {
      ended = server.commit(id_, {}, scs::time_point{}, found->revision, "").result ==
              outcome::committed;
    });
    made.acknowledged = made.acknowledged && ended;
    erasures_[at] = made;
  }

  void touch(scs::store& server) {
    span made;
    bool there = false;
    // Touches as a session manager does, which touches what it has read.
    if (!done(made, [&] { there = is_record(server.find(id_)) && server.touch(id_, expiry_); }))
      return;
    if (there && was_erased_before(made.begin)) blame("touched after the erasure");
    if (!there && must_be_there(made)) blame("there is nothing to touch");
  }

  void list(scs::store& server) {
    span made;
    int count = 0;
    if (!done(made, [&] {
          server.for_each([&](const scs::session_id& id, const scs::record& found) {
            count += id == id_ && is_record(found);
            return scs::visit::next;
          });
        })) {
      return;
    }
    if (count > 1) blame("listed twice");
    if (count == 0 && must_be_there(made)) blame("not listed");
    if (count == 1 && was_erased_before(made.begin)) blame("listed after the erasure");
  }

  bool may_be_absent(unsigned by) const {
    for (const span& each : erasures_)
      if (each.begin <= by) return true;
    return false;
  }
  bool was_erased_before(unsigned moment) const {
    for (const span& each : erasures_)
      if (each.acknowledged && each.end < moment) return true;
    return false;
  }
  bool must_be_there(const span& during) const {
    if (may_be_absent(during.end)) return false;
    for (const appended& each : attempted_)
      if (each.acknowledged && each.end < during.begin) return true;
    return false;
  }

  void check(const span& reading, const std::optional<scs::record>& found) {
    if (!is_record(found)) {
      if (must_be_there(reading)) blame("not found, though nobody has erased it");
      return;
    }
    if (was_erased_before(reading.begin)) blame("found after the erasure");
    check_payload(found->payload, reading.begin);
  }

  /// Checks that everything that was acknowledged before is in it, and nothing that was refused.
  void check_payload(std::string_view payload, unsigned before) {
    for (const appended& each : attempted_) {
      if (each.acknowledged && each.end < before && payload.find(each.token) == payload.npos)
        blame("an update is lost: " + each.token + " is not in " + std::string{payload});
    }
    for (const std::string& token : refused_)
      if (payload.find(token) != payload.npos) blame("what was refused took place: " + token);
  }

  void check_the_end() {
    ++now_;
    all_look();
    if (reserved_ && created_ > 1) blame("created twice");
    ++now_;
    move_rest();
    if (from_->size() != 0) blame("something is left in the old store");
    start_servers(last_restart);
    all_look();
    const auto left = to_->find(id_);
    const auto seen = servers_.front()->find(id_);
    if (seen && (!left || left->payload != seen->payload)) blame("the new store alone has it not");
    if (left && !seen) blame("a mark is left in the new store");
  }

  void all_look() {
    for (const auto& server : servers_) {
      look(*server);
      list(*server);
    }
  }

  std::string next_token() { return "<" + std::to_string(++tokens_) + ">"; }
  void blame(const std::string& what) {
    steps_.say("=> " + what);
    if (violation_.empty()) violation_ = what;
  }

  races::random_source random_;
  const trace steps_;
  unsigned failures_percent_ = 0;
  unsigned failures_percent_of_visits_ = 0;
  unsigned stay_percent_ = 0;
  session_clock clock_;
  scs::stores::memory one_{{.clock = &clock_}}, other_{{.clock = &clock_}};
  scs::stores::memory* from_ = &one_;
  scs::stores::memory* to_ = &other_;
  std::array<server_kind, 3> kinds_{};
  std::vector<std::unique_ptr<scs::store>> servers_;
  scs::session_id id_ = scs::token::generate().id();
  bool reserved_ = false;
  const scs::time_point expiry_ = clock_.now() + std::chrono::hours{1};
  unsigned now_ = 1;
  int tokens_ = 0;
  int created_ = 0;
  std::vector<appended> attempted_;
  std::vector<std::string> refused_;
  std::vector<span> erasures_;
  std::string violation_;
};

TEST(moving_history, keeps_every_update_and_revives_nothing_whoever_goes_on) {
#ifdef NDEBUG
  constexpr std::uint64_t histories = 20'000;
#else
  constexpr std::uint64_t histories = 1'000;
#endif
  for (std::uint64_t seed = 1; seed <= histories; ++seed) {
    const std::string violation = history{seed}.run();
    if (violation.empty()) continue;
    std::string steps;
    history{seed, {&steps}}.run();
    FAIL() << violation << ", with seed " << seed << ":\n" << steps;
  }
}

}  // namespace
}  // namespace test
