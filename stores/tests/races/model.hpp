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

/// What the rules make of what requests do, told in the order in which it happens: first the calls
/// of the store, at the moment at which they take place; then what the session manager answers.
/// Says what contradicts the rules; the first such sentence is kept. Knows nothing of how a session
/// manager works but this: a commit, update or renewal takes place with the request's last
/// successful commit on the old id; a logout, when the live record goes.
class model {
 public:
  model(const scs::clock& clock, const scs::session_options& options)
      : clock_(clock), options_(options) {}

  const std::string& violation() const noexcept { return violation_; }
  void blame(const request* who, std::string_view what);

  /// A call of the store is about to begin.
  void call_begins(request& who, const scs::session_id& id);

  // What the store did.
  void found(request& who, const scs::session_id& id, bool there);
  void find_answered(request& who);
  void committed(request& who, const scs::session_id& id, std::string_view payload,
                 scs::time_point expiry, bool expects_a_revision,
                 scs::commit_result::outcome outcome);
  void listed(request& who, const scs::session_id& id);
  void touched(request& who, const scs::session_id& id, scs::time_point expiry, bool there);
  void erased(request& who, const scs::session_id& id, bool there);

  // What the manager answered.
  void load_returned(request& who, const std::optional<scs::token>& token);
  void read_returned(const request& who, const values& read);
  /// remove() or clear() has changed nothing; whether there was nothing, as the request sees it.
  void nothing_to_change(const request& who, bool was_nothing);
  void update_returned(request& who, int value);
  void commit_returned(request& who, std::string_view set_cookie);
  void abandon_returned(request& who, std::string_view set_cookie);
  void destroy_returned(request& who);
  void revoke_returned(request& who, const scs::session_id& id);
  /// Before its first call of the store.
  void load_begins(request& who);
  /// The store has the user's watermark: all sessions that have begun are over.
  void watermark_raised(request& who);
  /// A request looks at it, after it has found a session.
  void watermark_read(request& who);
  /// Of all sessions of the user but the request's own, if its commit succeeds.
  void others_revoked(request& who);
  /// merge() has said whether it has taken over the session with this id.
  void merge_returned(request& who, const scs::session_id& id, bool merged);
  /// iterate() gives the request's visitor this session; `each` is what becomes of it. False if it
  /// was no session yet when it was listed, so that what it had then is not known.
  bool visited(request& each, const request& who, const scs::session_id& id);
  /// The visitor's changes to it are committed.
  void visit_returned(const request& each);
  /// And all others, too. Those that were visited are no longer in who.listed.
  void iterate_returned(const request& who);
  void threw(request& who, const scs::error& failure);

  // What is true in the end.
  std::vector<std::unique_ptr<lineage>>& sessions() noexcept { return sessions_; }
  bool opens(const scs::session_id& id) const;
  const lineage* session_of(const scs::session_id& id) const;
  void check_user_limit();
  void check_records(const std::set<scs::session_id>& kept);

  /// For the outside, what came of it all.
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
    std::size_t revoked = 0;  // sessions met that a watermark has ended
  };
  counts counted{};

 private:
  /// What the store holds under an id.
  struct kept_record {
    enum class role { unborn, current, tombstone };
    role is;
    lineage* session;
    const request* made_by;
    scs::time_point expiry;
    /// Of a tombstone: where it leads, and whether it is the user's.
    std::string moved_to{};
    bool tagged = false;
    /// Of an unborn one: what iterate() has changed in it, which its maker does not know.
    std::map<std::string, std::optional<int>> visited{};
  };
  /// What is remembered of an id for ever.
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
  /// Of those that the request has merged; null if it is none.
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
  /// Whether the commit is a login that the users' limit is applied to.
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
  /// New records of renewals that a revocation has met before their tombstones were written.
  std::set<scs::session_id> revoked_unborn_;
  std::size_t spared_ = 0;     // sessions by revoke_others()
  std::size_t order_ = 0;      // of the last load or revocation
  std::size_t watermark_ = 0;  // the last revocation
  std::string violation_;
};

}  // namespace races
