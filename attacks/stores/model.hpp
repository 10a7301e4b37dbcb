#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <scs/session_id.hpp>

#include "model/random_source.hpp"
#include "stores/known.hpp"
#include "support/figures.hpp"

namespace buntdb::attacks::stores {

struct model_options {
  int browsers = 60;
  int users = 20;
  std::size_t max_sessions_per_user = 0;
  /// A session does not expire before it is this old, whatever the servers' clocks show.
  std::chrono::nanoseconds least_life = std::chrono::hours{20};
};

/// What the browsers know about their sessions, and what must hold:
///
/// 1. a token that was ended (logout, revocation, renewal) before a call is dead for that call;
/// 2. a token that no call has tried to end is alive;
/// 3. a session belongs to its own browser, and its user is that browser's;
/// 4. a count is at least what was acknowledged, and at most what was begun; the values of a pair
///    are equal, were put together, and were not replaced before the call;
/// 5. no write is acknowledged that was committed after an acknowledged logout or renewal;
/// 6. a listing has all of the user's sessions that are known to be alive, and none that has ended;
/// 7. a login ends another session only if there may be more than the limit;
/// 8. a full store refuses no logout and no revocation.
///
/// A call that failed counts as "may have happened". What was acknowledged within a window of
/// documented losses counts in the same way; a loss there is a figure and not a violation. Each
/// function throws model::mismatch at a violation. Thread-safe.
class session_model {
 public:
  session_model(const model_options& options, figures& counts);

  int browsers() const noexcept { return options_.browsers; }
  int user_of(int browser) const noexcept { return browser % options_.users; }
  int users() const noexcept { return options_.users; }
  static std::string name_of(int user) { return "user" + std::to_string(user); }

  // --- tokens ---

  /// Returns the browser's present token; null if it has none.
  token_state* current(int browser);
  void forget(int browser, const token_state* token);
  /// Returns any token, mostly one of the last; null if there is none yet.
  token_state* any(model::random_source& random);
  /// Returns a token that was renewed recently, or null.
  token_state* renewed(int browser);
  std::vector<token_state*> all();

  /// Record what a load of this token found, or that it failed with session_gone.
  void found(token_state& token, const call& asked, const answer& seen);
  void found_gone(token_state& token, const call& asked);

  /// Records that a browser has a new session, without a user.
  token_state& entered(int browser, const call& asked, std::string cookie,
                       const scs::session_id& id, std::uint64_t pair);

  // --- values ---

  void count_begins(token_state& token);
  /// `result` is what update() returned.
  void counted(token_state& token, const call& asked, std::uint64_t result, moment commit_begun);
  /// Returns the number of the put.
  std::size_t put_begins(token_state& token, std::uint64_t value);
  void put_ends(token_state& token, const call& asked, std::size_t number, bool acknowledged,
                moment commit_begun);

  // --- ends ---

  void renewal_begins(token_state& token);
  /// Called after a renewal that has begun, whatever its result.
  void renewal_ends(const token_state& token, const call& asked, bool acknowledged);
  /// What a renewal means for the user's revocations.
  enum class begin_mark { kept, set_anew };
  token_state& renewal_acknowledged(token_state& token, const call& asked, moment commit_begun,
                                    std::string cookie, const scs::session_id& id,
                                    begin_mark mark = begin_mark::kept);
  void logout_begins(token_state& token);
  void logout_acknowledged(token_state& token, const call& asked);
  /// Records that one session was ended by its id, if it was known to belong to this user.
  void revoked_one(token_state& token, const call& asked);
  /// Records that a logout failed. It must be tried again: see failed_logout().
  void logout_failed(token_state& token, const call& asked, const std::string& why);
  /// Returns a token whose logout has failed and must be tried again; null if there is none.
  token_state* failed_logout();
  /// Call it when a store that was full all the time refused a logout or a revocation. Throws
  /// model::mismatch.
  [[noreturn]] void end_refused(const token_state* token) const;

  // --- users ---

  /// A login that is under way.
  struct login {
    int user = 0;
    call asked{};
    token_state* before = nullptr;  ///< null: a new session
    bool keeps_token = false;
    std::uint64_t number = 0;  ///< counted for each user
    moment loaded = moment::max();
    moment commit_begun{};
  };
  login login_begins(int browser, const call& asked, token_state* before, bool keeps_token);
  /// Returns the token that the session has now.
  token_state& login_acknowledged(const login& done, int browser, std::string cookie,
                                  const scs::session_id& id, std::uint64_t pair);
  void login_failed(const login& failed);

  void revocation_begins(int user, const token_state* spared);
  void revocation_ends(int user, const call& asked, bool acknowledged, token_state* spared);

  void listed(int user, const call& asked, const std::vector<scs::session_id>& ids);
  /// Returns the token with this id, or null.
  token_state* with_id(const scs::session_id& id);

  // --- faults ---

  /// From this moment until losses_end(), acknowledged calls may be lost, as is documented.
  void losses_begin(moment from, std::string_view why);
  void losses_end(moment until);
  /// The same for users' index entries only.
  void index_losses_begin();
  void index_losses_end();
  void note_fault(const std::string& text);
  /// Call it when the store still does not answer after everything was healed. Throws
  /// model::mismatch.
  [[noreturn]] void not_healed(const token_state& token, const std::string& why) const;
  /// Record that the clock of a web server is so wrong that sessions are hidden from it, and that
  /// it is right again.
  void clock_is_wrong(std::size_t server);
  void clock_is_right(std::size_t server);
  /// Returns whether it was wrong at some moment during the call.
  bool had_wrong_clock(const call& asked) const;

 private:
  struct window {
    moment from;
    moment until = moment::max();
  };
  /// The state of all sessions of a user.
  struct user_state {
    std::vector<token_state*> tokens{};
    struct revocation {
      moment begun;
      moment acknowledged;
    };
    std::vector<revocation> revocations{};
    /// Each may have stored a session that is not valid yet but counts.
    int renewals_under_way = 0;
    std::uint64_t logins_begun = 0;
    std::set<std::uint64_t> logins_under_way{};  ///< their numbers
    /// Logins up to this number may end other sessions: those that were under way when there could
    /// be more sessions than allowed, which they see if they count late enough.
    std::uint64_t last_ending_login = 0;
    /// Logins that failed and may have stored a session that no browser knows: when they had
    /// loaded.
    std::vector<moment> unknown_logins{};
    /// Other calls that may end any session of the user.
    int enders_under_way = 0;
    moment last_ender_end{};
    history happened{};

    bool may_lose_sessions() const {
      return enders_under_way > 0 ||
             (!logins_under_way.empty() && *logins_under_way.begin() <= last_ending_login);
    }
  };

  bool certain(moment acknowledged) const;
  bool clock_was_wrong(const call& asked) const;
  bool certain(const ending& end) const;
  /// Returns the first call that has certainly ended the token before that moment.
  const ending* ended_before(const token_state& token, moment limit) const;
  [[noreturn]] void violate(const token_state* token, const std::string& what) const;
  void note(token_state& token, const call& asked, std::string_view what) const;
  void note_user(int user, const call& asked, const std::string& what);
  std::string stamp(const call& asked) const;

  void check_absent(token_state& token, const call& asked, std::string_view how);
  void check_values(token_state& token, const call& asked, const answer& seen);
  void check_pair(token_state& token, const call& asked, const answer& seen);
  void check_write(token_state& token, moment commit_begun, std::string_view what) const;
  token_state& add(int browser, const call& asked, std::string cookie, const scs::session_id& id,
                   std::shared_ptr<session_values> values);
  void inherit_ends(token_state& token, moment loaded);
  void end_with_successors(token_state& token, const call& asked, moment rests_on);
  void succeed(token_state& before, token_state& after, moment begun);
  std::size_t possible_sessions(const user_state& user, const token_state* without) const;
  void count_loss(token_state& token, std::string_view what);

  const model_options options_;
  figures& counts_;
  const moment begun_ = now();
  mutable std::mutex mutex_;
  std::deque<token_state> tokens_;
  std::unordered_map<scs::session_id, token_state*> by_id_;
  std::vector<token_state*> current_;
  std::vector<token_state*> renewed_;
  std::vector<user_state> user_states_;
  std::deque<token_state*> failed_logouts_;
  std::vector<window> losses_;
  std::vector<window> index_losses_;
  std::map<std::size_t, moment> clock_wrong_until_;
  history faults_;
};

}  // namespace buntdb::attacks::stores
