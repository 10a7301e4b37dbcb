#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <scs/error.hpp>

#include "model/random_source.hpp"
#include "stores/known.hpp"
#include "stores/model.hpp"
#include "stores/web_server.hpp"
#include "support/figures.hpp"

namespace buntdb::attacks::stores {

/// What visitors and faults of one round share.
struct round_conditions {
  session_model& model;
  std::vector<web_server>& servers;
  figures& counts;
  /// Makes the manager for a new process of the application.
  std::function<std::shared_ptr<scs::session_manager>(std::unique_ptr<scs::store>)> new_manager;
  /// How old an answer may be to a request that does not ask for a fresh one.
  std::chrono::nanoseconds staleness{0};
  /// Since when the store has been full, in ticks of the steady clock; zero if it is not.
  std::atomic<std::int64_t> full_since{0};
};

/// What one thread of the load does: requests of browsers, some of which other threads use as other
/// tabs.
class visitor {
 public:
  visitor(round_conditions& round, std::uint64_t seed) : round_(round), random_(seed) {}

  /// Makes one request, or a few that belong together. Throws model::mismatch at a violation.
  void step();

  /// After the load: checks that each of these tokens is as it should be, on every server. Returns
  /// those that are alive.
  std::vector<token_state*> probe_all(const std::vector<token_state*>& tokens);
  /// Lists the user's sessions on every server; then ends them all, and checks that they have
  /// ended.
  void end_user(int user);

 private:
  enum class result { done, failed };

  call ask();
  call ask(std::size_t server) const;
  /// Runs one request on a session with this cookie. After a failure, its effect is unknown.
  result request(token_state* token, const call& asked,
                 const std::function<void(scs::session&)>& work);
  result guarded(token_state* token, const call& asked, const std::function<void()>& work);
  static answer read(scs::session& session);
  answer look(scs::session& session, token_state* token, call& asked);
  void commit(scs::session& session, const call& asked);
  static scs::session_manager& sessions(const call& asked);

  void enter(int browser);
  void visit(token_state& token);
  void count(token_state& token);
  void put_pair(token_state& token);
  void renew(token_state& token);
  void log_in(int browser, token_state* token);
  void log_in_again(token_state& token);
  void log_out(token_state& token);
  void list(int user);
  void revoke_one(int user);
  void revoke_one_of(int user, token_state& token);
  void try_again();
  void require_room_for_ends(const token_state* token, const call& asked, std::int64_t full_since);
  void revoke_all(int user);
  void revoke_others(token_state& token);
  bool probe(token_state& token, std::size_t server);

  static std::string cookie_of(const scs::session_manager& at, const std::string& token);
  static void begin_values(scs::session& session, int browser, std::uint64_t pair);

  round_conditions& round_;
  model::random_source random_;
  // Of the last request that failed.
  scs::errc failure_ = scs::errc::store_failed;
  std::string failure_text_;
};

/// Returns a value for pairs, never the same twice in a process.
std::uint64_t fresh_value();

}  // namespace buntdb::attacks::stores
