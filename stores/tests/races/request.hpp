#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scs/scs.hpp>

namespace races {

using values = std::map<std::string, int>;

/// The expected state of one session under all the tokens that it has had.
struct lineage {
  values data{};
  scs::time_point deadline{};
  /// The end of the last request that used it without a failure.
  scs::time_point last_used{};
  /// The only id that opens it.
  scs::session_id current{};
  /// Whether it is the user's. (There is only one user.)
  bool tagged = false;
  /// If it is the user's: when it began, in the order of all loads and revocations.
  std::size_t began = 0;
  /// How often its record was written.
  std::size_t writes = 0;
  /// Whether it was destroyed, revoked, or lost by a failure of the store during a renewal.
  bool ended = false;
  /// All tokens that responses contained.
  std::vector<scs::token> tokens{};
};

enum class step {
  load,
  read,
  put,
  remove,
  clear,
  update,
  renew,
  remember_me,
  set_deadline,
  touch,
  destroy,
  commit,
  abandon,
  revoke,
  revoke_all,
  revoke_others,
  iterate,
  merge,
};

inline bool ends_sessions(step doing) noexcept {
  return doing == step::destroy || doing == step::revoke || doing == step::revoke_all ||
         doing == step::revoke_others;
}

std::string_view name_of(step which);

/// What a request has read, and what it has changed since its last commit.
struct request {
  enum class knows { nothing, live, gone };

  int number = 0;
  step doing = step::load;
  /// The ids of its cookies and of the sessions that it created, in order.
  std::vector<scs::session_id> presented{};

  knows kind = knows::nothing;
  lineage* session = nullptr;
  scs::session_id id{};
  /// The session as the store last returned it.
  values base{};
  scs::time_point base_deadline{};
  bool base_tagged = false;
  std::size_t base_began = 0;

  bool cleared = false;
  std::map<std::string, std::optional<int>> changes{};
  std::optional<scs::time_point> new_deadline{};
  bool remembers = false;
  bool renews = false;
  bool tags = false;
  /// When the session began that it makes the user's.
  std::size_t tag_began = 0;
  /// The deadline of a session whose user it takes over. Its own must not be later.
  std::optional<scs::time_point> latest_deadline{};
  /// Whether its session is the tombstone that it has loaded, in whose place renew() begins another
  /// one.
  bool loaded_tombstone = false;
  /// Whether all of the above is in the store.
  bool applied = false;
  /// Whether what it has stored was the user's, and when that began. Others may have changed that
  /// since.
  bool applied_tagged = false;
  std::size_t applied_began = 0;
  /// Whether it has also begun a session.
  bool begins = false;
  /// The last input and result of the running update().
  std::string update_key{};
  std::optional<int> update_input{};
  int update_output = 0;
  bool updated = false;
  /// What it has stored. The request learns of it unless the store fails then.
  values update_base{};

  /// The new record of a renewal that has not yet written the tombstone.
  std::optional<scs::session_id> successor{};
  scs::time_point successor_deadline{};

  bool cookie_due = false;
  bool clearing_due = false;
  scs::time_point began{};  // when the step began
  scs::time_point loaded_at{};
  std::size_t load_order = 0;
  /// The revocation that its session survives, if it commits.
  std::size_t spared = 0;
  std::size_t raised = 0;   // the last revocation that it has made
  std::size_t raising = 0;  // the revocation that it is making
  /// What the finds of a load have returned, in order.
  struct sighting {
    scs::session_id id;
    knows kind;
    lineage* session;
    values data;
    scs::time_point deadline;
    /// Whether it was the user's, and when it began.
    bool tagged = false;
    std::size_t began = 0;
    std::size_t writes = 0;
  };
  std::vector<sighting> seen{};
  /// What the find of a merge has returned, and the sessions that it has merged.
  std::optional<sighting> other{};
  std::vector<sighting> merged{};
  /// Whether one of these was a session that a revocation has ended since.
  bool met_watermark = false;
  /// What a visitor is to get, as it was when the store listed it.
  std::map<scs::session_id, sighting> listed{};
  /// Whether this is what iterate() does to one session.
  bool visits = false;
  /// Whether a call to the store is running.
  bool calling = false;
  /// The result of a find that has not returned yet.
  std::optional<sighting> awaited{};
  /// Whether a call to the store was made to fail.
  bool store_failed = false;

  bool changed() const {
    return cleared || !changes.empty() || new_deadline || latest_deadline || remembers || renews ||
           tags;
  }
  bool puts_something() const;
  bool begins_anew() const { return kind == knows::gone && loaded_tombstone && renews; }
  /// Returns what the handler must read now.
  values view() const;
  /// Whether it sees its session as the user's.
  bool is_tagged() const {
    return tags || (kind == knows::live && !cleared && (applied ? applied_tagged : base_tagged));
  }
  void forget_changes();
};

}  // namespace races
