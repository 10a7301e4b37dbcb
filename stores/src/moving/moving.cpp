// Where a session is, and how it moves from one store to the other. A move has these steps:
//
// 1. old store: the record at the revision that was read is replaced by the mark `moved`, with the
//      new payload. This step decides: before it the session is in the old store, and never
//      afterwards.
// 2. new store: the mark `arriving` is written where there is nothing, or such a mark. 3. old
// store: does the mark of step 1 still exist? If not, another call has ended the session, or
//      completed the move: the mark of step 2 is withdrawn.
// 4. new store: the record replaces the mark of step 2. 5. old store: the mark of step 1 is erased.
//
// Any call may do steps 2 to 5, and several may do so concurrently. An erasure completes the move,
// erases a stale mark, and then erases the record at its revision. A later step 3 finds no mark. So
// an erased session does not return, and exactly one of several erasures returns the record.
//
// A server that knows only one store reads the mark `arriving` of a user's watermark as a watermark
// that has ended nothing, and may replace it by its own. The arriving watermark is then treated as
// if it had never existed.
//
// A mark that step 5 has not erased is stale as soon as the record is in the new store. A commit
// there erases the stale mark first. Otherwise the mark would bring the session back when that
// record has ended. The marks of an earlier move in the other direction are treated in the same
// way.

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>

#include <scs/error.hpp>
#include <scs/stores/moving.hpp>

#include "moving/marks.hpp"

namespace scs::stores {

namespace {

using outcome = commit_result::outcome;

/// The first character of a revision says where the record is.
constexpr char in_from = 'f';
constexpr char in_to = 't';

/// The revision of a record that others have changed since it was committed.
constexpr const char* passed_revision = "?";

std::string revision_in(char place, std::string_view revision) {
  return std::string(1, place).append(revision);
}

/// Erases the record if it still has this revision.
bool erase_at(store& of, const session_id& id, const std::string& revision) {
  return of.commit(id, {}, time_point{}, revision, {}).result == outcome::committed;
}

/// The same for a record without effect, which another call would remove sooner or later.
void clean_up(store& of, const session_id& id, const std::string& revision) noexcept {
  try {
    erase_at(of, id, revision);
  } catch (...) {
  }
}

/// Returns the revision of the rest of an incomplete move, which a new record may replace.
std::optional<std::string> revision_of_rest(store& of, const session_id& id) {
  std::optional<record> left = of.find(id);
  if (marks::read(left).what != marks::kind::arriving) return std::nullopt;
  return std::move(left->revision);
}

}  // namespace

struct moving::found_record {
  char place;
  record contents;
};

moving::moving(std::unique_ptr<scs::store> from, std::unique_ptr<scs::store> to,
               moving_options options)
    : from_(std::move(from)),
      to_(std::move(to)),
      stage_(options.stage),
      clock_(options.clock != nullptr ? *options.clock : scs::clock::system()) {
  if (!from_) throw error(errc::invalid_options, "moving: there is no store to move from");
  if (!to_) throw error(errc::invalid_options, "moving: there is no store to move to");
}

moving::~moving() = default;

store& moving::at(char place) noexcept {
  return place == in_from ? *from_ : *to_;
}

std::optional<moving::found_record> moving::locate(const session_id& id) {
  for (;;) {
    bool settled = false;
    for (const char place : {in_to, in_from}) {
      std::optional<record> found = at(place).find(id);
      const marks::reading read = marks::read(found);
      if (read.what == marks::kind::session) return found_record{place, *std::move(found)};
      if (read.what != marks::kind::moved) continue;
      settle(id, place, *found, read);
      settled = true;
    }
    if (settled) continue;
    // It is absent in both stores, unless it has moved between the two lookups.
    const marks::kind now = marks::read(to_->find(id)).what;
    if (now != marks::kind::session && now != marks::kind::moved) return std::nullopt;
  }
}

void moving::settle(const session_id& id, char place, const record& mark,
                    const marks::reading& read) {
  store& source = at(place);
  store& target = at(place == in_from ? in_to : in_from);
  std::optional<record> there = target.find(id);
  const marks::reading in_target = marks::read(there);
  if (in_target.what == marks::kind::session || in_target.what == marks::kind::moved) {
    // Another call has done step 4, and the session may have moved back since: this mark is stale.
    clean_up(source, id, mark.revision);
    return;
  }
  std::string arriving;
  if (in_target.what == marks::kind::arriving && in_target.move == read.move) {
    arriving = there->revision;
  } else {
    const std::optional<std::string> replaced =
        there ? std::optional(there->revision) : std::nullopt;
    const commit_result placed =
        target.commit(id, marks::arriving(id, read.move), mark.expiry, replaced, read.user);
    if (placed.result != outcome::committed) return;  // another call is completing the move
    arriving = placed.revision;
  }
  const std::optional<record> still = source.find(id);
  if (!still || still->revision != mark.revision) {
    clean_up(target, id, arriving);
    return;
  }
  const commit_result arrived = target.commit(id, read.payload, still->expiry, arriving, read.user);
  // If the mark is gone, the session has ended, or has expired by the clock of that store.
  if (arrived.result != outcome::conflict) clean_up(source, id, mark.revision);
}

void moving::erase_stale_mark(const session_id& id, char place) {
  store& other = at(place == in_from ? in_to : in_from);
  const std::optional<record> old = other.find(id);
  if (marks::read(old).what != marks::kind::moved) return;
  if (marks::read(at(place).find(id)).what != marks::kind::session) return;
  erase_at(other, id, old->revision);
}

std::optional<record> moving::find(const session_id& id) {
  std::optional<found_record> found = locate(id);
  if (!found) return std::nullopt;
  found->contents.revision = revision_in(found->place, found->contents.revision);
  return std::move(found->contents);
}

commit_result moving::commit(const session_id& id, std::string_view payload, time_point expiry,
                             const std::optional<std::string>& expected_revision,
                             std::string_view user) {
  if (!expected_revision) return create(id, payload, expiry, user);
  if (expected_revision->empty()) return refused(id);
  const char place = expected_revision->front();
  const std::string revision = expected_revision->substr(1);
  if (place == in_from && stage_ == moving_stage::move) {
    return move(id, payload, expiry, revision, user);
  }
  erase_stale_mark(id, place);
  const commit_result done = at(place).commit(id, payload, expiry, revision, user);
  if (done.result != outcome::committed) return refused(id);
  return {outcome::committed, revision_in(place, done.revision)};
}

commit_result moving::refused(const session_id& id) {
  return {locate(id) ? outcome::conflict : outcome::gone, {}};
}

commit_result moving::move(const session_id& id, std::string_view payload, time_point expiry,
                           const std::string& revision, std::string_view user) {
  erase_stale_mark(id, in_from);  // so that there are never two marks
  const std::string text = marks::moved(marks::new_move(), user, payload);
  const commit_result decided = from_->commit(id, text, expiry, revision, user);
  if (decided.result != outcome::committed) return refused(id);
  const record mark{.payload = text, .expiry = expiry, .revision = decided.revision};
  settle(id, in_from, mark, marks::read(std::string_view{text}));
  // The revision is that of the record only if nobody else has completed the move or changed the
  // record since. Otherwise a commit that expects this revision is a conflict, as it must be.
  std::optional<found_record> now = locate(id);
  if (!now || now->contents.payload != payload) return {outcome::committed, passed_revision};
  return {outcome::committed, revision_in(now->place, now->contents.revision)};
}

commit_result moving::create(const session_id& id, std::string_view payload, time_point expiry,
                             std::string_view user) {
  if (is_reserved(id)) {
    if (locate(id)) return {};
    return claim_and_create(id, payload, expiry, user);
  }
  // Nobody else creates a record with a random id, so a lookup in the other store is enough.
  const char place = stage_ == moving_stage::move ? in_to : in_from;
  if (marks::read(at(place == in_from ? in_to : in_from).find(id)).what != marks::kind::absent) {
    if (locate(id)) return {};
  }
  const commit_result made = at(place).commit(id, payload, expiry, std::nullopt, user);
  if (made.result != outcome::committed) return {};
  return {outcome::committed, revision_in(place, made.revision)};
}

commit_result moving::claim_and_create(const session_id& id, std::string_view payload,
                                       time_point expiry, std::string_view user) {
  const commit_result claim = from_->commit(id, marks::arriving(id, marks::new_move()), expiry,
                                            revision_of_rest(*from_, id), {});
  if (claim.result != outcome::committed) return {};
  // Another call may have created the record and moved it since locate(). While the claim exists,
  // nobody can do that.
  if (marks::read(to_->find(id)).what == marks::kind::session) {
    clean_up(*from_, id, claim.revision);
    return {};
  }
  if (stage_ == moving_stage::prepare) {
    const commit_result made =
        commit(id, payload, expiry, revision_in(in_from, claim.revision), user);
    return made.result == outcome::committed ? made : commit_result{};
  }
  const commit_result made = move(id, payload, expiry, claim.revision, user);
  // The record may be that of a server that knows only the new store. Then this record was never
  // there.
  if (made.result != outcome::committed || made.revision == passed_revision) return {};
  return made;
}

bool moving::touch(const session_id& id, time_point expiry) {
  while (const std::optional<found_record> found = locate(id)) {
    store& there = at(found->place);
    if (!there.touch(id, expiry)) continue;
    // Otherwise it was a mark: of a move that may have read the previous expiry, or of a session
    // that has ended.
    if (marks::read(there.find(id)).what == marks::kind::session) return true;
  }
  return false;
}

std::optional<record> moving::erase(const session_id& id) {
  while (std::optional<found_record> found = locate(id)) {
    erase_stale_mark(id, found->place);
    // At this revision only: a record that has changed since may be moving.
    if (!erase_at(at(found->place), id, found->contents.revision)) continue;
    found->contents.revision = revision_in(found->place, found->contents.revision);
    return std::move(found->contents);
  }
  return std::nullopt;
}

template <class VisitAll>
void moving::visit_both(const visitor& visit_record, const VisitAll& visit_all) {
  std::unordered_set<session_id> seen;
  bool stopped = false, moves_completed = false;
  const auto visit_sessions_in = [&](char place) {
    if (stopped) return;
    visit_all(at(place), [&](const session_id& id, const record& found) {
      if (marks::read(std::string_view{found.payload}).what != marks::kind::session) {
        if (!seen.contains(id) && locate(id)) moves_completed = true;
        return visit::next;
      }
      if (!seen.insert(id).second) return visit::next;
      record contents = found;
      contents.revision = revision_in(place, found.revision);
      const visit next = visit_record(id, contents);
      stopped = next == visit::stop;
      return next;
    });
  };
  // Visiting the new store first completes moves in the other direction, whose marks remain there
  // if a site changes the direction. From then on sessions move only to the new store. A session
  // that leaves the old store before the second visit is found by the third one. If the third visit
  // completes moves itself, their sessions are in the new store by then.
  visit_sessions_in(in_to);
  visit_sessions_in(in_from);
  moves_completed = false;
  visit_sessions_in(in_to);
  if (moves_completed) visit_sessions_in(in_to);
}

void moving::for_each(const visitor& visit_record) {
  visit_both(visit_record, [](store& of, const visitor& each) { of.for_each(each); });
}

void moving::for_each_of_user(std::string_view user, const visitor& visit_record) {
  visit_both(visit_record,
             [&](store& of, const visitor& each) { of.for_each_of_user(user, each); });
}

time_point moving::engine_time(const session_id& id) {
  const auto time_of = [&](scs::store& of) {
    auto* const clock = dynamic_cast<store_clock*>(&of);
    return clock != nullptr ? clock->engine_time(id) : clock_.now();
  };
  return std::max(time_of(*from_), time_of(*to_));
}

void moving::forget(const session_id& id) {
  for (store* const of : {from_.get(), to_.get()})
    if (auto* const caching = dynamic_cast<caching_store*>(of)) caching->forget(id);
}

void moving::sync_erasures() {
  for (store* const of : {from_.get(), to_.get()})
    if (auto* const durable = dynamic_cast<durable_erasures*>(of)) durable->sync_erasures();
}

void moving::on_expired(expiry_reports::listener call) {
  const auto read_marks = [call](const session_id& id, std::string_view payload) {
    if (marks::read(payload).what == marks::kind::session) call(id, payload);
  };
  for (store* const of : {from_.get(), to_.get()}) {
    auto* const reports = dynamic_cast<expiry_reports*>(of);
    if (reports == nullptr) continue;
    reports->on_expired(call ? expiry_reports::listener{read_marks} : nullptr);
  }
}

std::optional<std::uint64_t> moving::count() {
  std::uint64_t sum = 0;
  for (store* const of : {from_.get(), to_.get()}) {
    auto* const counting = dynamic_cast<counting_store*>(of);
    const std::optional<std::uint64_t> count =
        counting != nullptr ? counting->count() : std::nullopt;
    if (!count) return std::nullopt;
    sum += *count;
  }
  return sum;
}

void moving::write_index_entry(const session_id& id, std::string_view user, time_point expiry) {
  const std::optional<found_record> found = locate(id);
  if (!found) return;
  if (auto* const index = dynamic_cast<user_index*>(&at(found->place)))
    index->write_index_entry(id, user, expiry);
}

void moving::on_warning(store_reports::listener call, std::chrono::nanoseconds idle_timeout) {
  for (store* const of : {from_.get(), to_.get()})
    if (auto* const reports = dynamic_cast<store_reports*>(of))
      reports->on_warning(call, idle_timeout);
}

std::size_t moving::move_rest() {
  if (stage_ != moving_stage::move) {
    throw error(errc::invalid_options, "moving: move_rest() is for servers in the stage `move`");
  }
  std::size_t count = 0;
  // Servers that know only the new store would find its marks: those of a move in the other
  // direction, and those of sessions that have ended meanwhile.
  to_->for_each([&](const session_id& id, const record& found) {
    if (marks::read(std::string_view{found.payload}).what == marks::kind::session)
      return visit::next;
    if (!locate(id)) clean_up(*to_, id, found.revision);
    return visit::next;
  });
  from_->for_each([&](const session_id& id, const record& found) {
    const marks::kind kind = marks::read(std::string_view{found.payload}).what;
    if (kind != marks::kind::arriving) ++count;
    // Read again, because a touch may have changed the expiry since.
    const std::optional<found_record> now = locate(id);
    if (!now || now->place == in_to) {
      // The rest of a move or of a creation.
      if (kind != marks::kind::session) clean_up(*from_, id, found.revision);
      return visit::next;
    }
    // The result does not matter: if another call changes the session now, that call moves it,
    // unless its server is in the previous stage.
    const record& there = now->contents;
    move(id, there.payload, there.expiry, there.revision, found.user);
    return visit::next;
  });
  return count;
}

}  // namespace scs::stores
