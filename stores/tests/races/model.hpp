#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <scs/scs.hpp>

#include "request.hpp"

namespace races {

/// Checks requests against the rules. It is called for each thing that happens, in the order in
/// which it happens: first the calls of the store, at the moment at which they take effect, and
/// then the answers of the session manager. It reports contradictions of the rules and keeps the
/// first report. It knows only this about the implementation of a session manager: a commit, update
/// or renewal takes effect with the request's last successful commit on the old id, and a logout
/// takes effect when the live record is erased.
class model {
 public:
  model(const scs::clock& clock, const scs::session_options& options)
      : clock_(clock), options_(options) {}

  const std::string& violation() const noexcept { return violation_; }
  void blame(const request* who, std::string_view what);

  /// A call of the store is about to begin.
  void call_begins(request& who, const scs::session_id& id);

  // The calls of the store.
  void found(request& who, const scs::session_id& id, bool there);
  void find_answered(request& who);
  void committed(request& who, const scs::session_id& id, std::string_view payload,
                 scs::time_point expiry, bool expects_a_revision,
                 scs::commit_result::outcome outcome);
  void listed(request& who, const scs::session_id& id);
  void touched(request& who, const scs::session_id& id, scs::time_point expiry, bool there);
  void erased(request& who, const scs::session_id& id, bool there);

  // The answers of the manager.
  void load_returned(request& who, const std::optional<scs::token>& token);
  void read_returned(const request& who, const values& read);
  /// remove() or clear() has changed nothing. `was_nothing` says whether there was nothing, as the
  /// request sees it.
  void nothing_to_change(const request& who, bool was_nothing);
  void update_returned(request& who, int value);
  void commit_returned(request& who, std::string_view set_cookie);
  void abandon_returned(request& who, std::string_view set_cookie);
  void destroy_returned(request& who);
  void revoke_returned(request& who, const scs::session_id& id);
  /// Call it before the first call of the store.
  void load_begins(request& who);
  /// The user's watermark was stored: all sessions that have begun have ended.
  void watermark_raised(request& who);
  /// A request reads the watermark after it has found a session.
  void watermark_read(request& who);
  /// All sessions of the user are revoked, except for the request's own if its commit succeeds.
  void others_revoked(request& who);
  /// merge() has returned whether it has merged the session with this id.
  void merge_returned(request& who, const scs::session_id& id, bool merged);
  /// iterate() passes this session to the request's visitor. `each` collects what happens to it.
  /// Returns false if it was not a session yet when it was listed, so that its values at that time
  /// are unknown.
  bool visited(request& each, const request& who, const scs::session_id& id);
  /// The visitor's changes to it are committed.
  void visit_returned(const request& each);
  /// The same for all others. Visited sessions are no longer in who.listed.
  void iterate_returned(const request& who);
  void threw(request& who, const scs::error& failure);

  // The final state.
  std::vector<std::unique_ptr<lineage>>& sessions() noexcept { return sessions_; }
  bool opens(const scs::session_id& id) const;
  const lineage* session_of(const scs::session_id& id) const;
  void check_user_limit();
  void check_records(const std::set<scs::session_id>& kept);

  /// Counts for the caller.
  struct counts {
    std::size_t commits = 0;
    std::size_t conflicts = 0;
    std::size_t updates = 0;
    std::size_t renewals = 0;
    std::size_t begun_anew = 0;
    std::size_t logouts = 0;
    std::size_t gone = 0;
    std::size_t failures = 0;
    std::size_t visits = 0;      // by iterate()
    std::size_t over_limit = 0;  // sessions ended, and logins refused
    std::size_t merges = 0;
    std::size_t revoked = 0;  // sessions found that a watermark has ended
  };
  counts counted{};

 private:
  /// The record that the store keeps under an id.
  struct kept_record {
    enum class role { unborn, current, tombstone };
    role is;
    lineage* session;
    const request* made_by;
    scs::time_point expiry;
    /// Only of a tombstone: where it leads, and whether it is the user's.
    std::string moved_to{};
    bool tagged = false;
    /// Only of an unborn record: what iterate() has changed in it without its creator's knowledge.
    std::map<std::string, std::optional<int>> visited{};
  };
  /// What is remembered of an id forever.
  struct history {
    lineage* session = nullptr;
    std::optional<scs::time_point> tombstone_until{};
    scs::session_id successor{};
  };

  scs::time_point now() const noexcept { return clock_.now(); }
  kept_record* record_of(const scs::session_id& id);
  request::sighting look_at(const scs::session_id& id);
  void created(request& who, const scs::session_id& id, std::string_view payload,
               scs::time_point expiry);
  void replaced(request& who, const scs::session_id& id, kept_record& record,
                std::string_view payload, scs::time_point expiry);
  void updated(request& who, lineage& session);
  void moved(request& who, const scs::session_id& id, kept_record& record, std::string_view payload,
             scs::time_point expiry);
  void begun_anew(request& who, kept_record& tombstone, std::string_view payload,
                  scs::time_point expiry);
  void check_expiry(const request& who, scs::time_point expiry, scs::time_point before);
  void apply(request& who, lineage& session);
  static void change(lineage& session, const std::map<std::string, std::optional<int>>& changes);
  void take_over(request& who, const request::sighting& other);
  void merge_again(request& who, const lineage& session);
  /// Looks among the sessions that the request has merged. Null if it is none of them.
  static const request::sighting* merged_by(const request& who, const lineage* session) noexcept;
  bool is_as_asked(const request& who, scs::time_point deadline, scs::time_point otherwise_from,
                   scs::time_point otherwise_to) const;
  bool is_revoked(const lineage& session) const noexcept {
    return session.tagged && session.began < watermark_;
  }
  bool is_over_by_watermark(const request::sighting& seen) const noexcept {
    return seen.kind == request::knows::live && seen.tagged && seen.began < watermark_;
  }
  bool came_too_late(const request& who) const noexcept {
    return (who.applied && who.applied_tagged && who.applied_began < watermark_) ||
           (!who.applied && who.base_tagged && who.base_began < watermark_) ||
           (!who.applied && who.tags && std::max(who.tag_began, who.spared) < watermark_);
  }
  /// Whether the commit is a login to which the user's limit applies.
  bool is_limited(const request& who) const noexcept {
    return who.doing == step::commit && who.tags && options_.max_sessions_per_user != 0;
  }
  bool may_end(const request& who, const lineage& session) const noexcept {
    return ends_sessions(who.doing) || is_revoked(session) || (is_limited(who) && session.tagged) ||
           (who.doing == step::commit && merged_by(who, &session) != nullptr);
  }
  bool is_over(const lineage& session);
  bool out_of_sight(const scs::session_id& id);
  void check_is_over(const request& who, const scs::session_id& id);
  void note_cookie(request& who) const;
  void check_cookie(request& who, std::string_view set_cookie);

  const scs::clock& clock_;
  const scs::session_options& options_;
  std::vector<std::unique_ptr<lineage>> sessions_;
  std::unordered_map<scs::session_id, kept_record> records_;
  std::unordered_map<scs::session_id, history> histories_;
  /// New records of renewals that a revocation has found before their tombstones were written.
  std::set<scs::session_id> revoked_unborn_;
  std::size_t spared_ = 0;     // sessions spared by revoke_others()
  std::size_t order_ = 0;      // number of the last load or revocation
  std::size_t watermark_ = 0;  // number of the last revocation
  std::string violation_;
};

}  // namespace races
