// The changes of a redis store: records, and the indexes of users.

#include <chrono>
#include <string>
#include <utility>

#include <scs/error.hpp>

#include "redis/client.hpp"
#include "redis/protocol/failure.hpp"
#include "redis/record_scripts.hpp"

namespace scs::stores {

using namespace redis_detail;

namespace {

/// The time limit for cleaning up after a call that has done its work. It is short, so that the
/// call is not delayed.
constexpr std::chrono::milliseconds max_unindex{100};

void check_user(std::string_view user) {
  if (user.size() <= store::max_user_size) return;
  throw error(errc::too_large, "redis: a user's name of " + std::to_string(user.size()) +
                                   " bytes; at most " + std::to_string(store::max_user_size));
}

}  // namespace

// The index entry is written first: a crash in between leaves an entry without a record, which a
// listing skips, and not a record that no listing finds.
commit_result redis::client::commit(const session_id& id, std::string_view payload,
                                    time_point expiry,
                                    const std::optional<std::string>& expected_revision,
                                    std::string_view user) {
  using outcome = commit_result::outcome;
  check_user(user);
  if (is_scs_v2()) return commit_scs_v2(id, payload, expiry, expected_revision);
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  const std::string key = record_key(id);
  // It was not written by this store, and must not be mistaken for "none".
  const std::string expected = !expected_revision           ? std::string{}
                               : expected_revision->empty() ? std::string{"?"}
                                                            : *expected_revision;
  const time_point now = clock::system().now();
  bool index_first = !user.empty() && !(record_format::may_be_of(expected, user) &&
                                        record_format::was_indexed_lately(expected, now));
  std::string revision = record_format::new_revision(
      user, index_first || user.empty() ? record_format::index_mark(now)
                                        : record_format::index_mark_of(expected));
  const std::string expiry_text = record_format::time_text(expiry);
  const std::string user_size = record_format::user_size_text(user);
  // A revocation must succeed even if other data fills the memory.
  const std::string_view beyond_limit = is_reserved(id) ? "1" : "";
  std::string index_time{record_format::never};
  for (;;) {
    if (index_first) index_time = index(id, user, expiry, until);
    const reply answer = router_->call({.key = key,
                                        .program = &commit_script(),
                                        .arguments = {expected, revision, expiry_text, user,
                                                      index_time, user_size, payload, beyond_limit},
                                        .again = repeatable::no,
                                        .replicas = replication::awaited},
                                       until);
    if (answer->type == REDIS_REPLY_ARRAY && answer->elements == 2) {
      unindex(id, text_of(*answer->element[0]), text_of(*answer->element[1]), until);
      return {outcome::committed, std::move(revision)};
    }
    if (answer->type != REDIS_REPLY_INTEGER) throw_unexpected_reply();
    switch (static_cast<commit_answer>(answer->integer)) {
      case commit_answer::committed:
        return {outcome::committed, std::move(revision)};
      case commit_answer::conflict:
        return {outcome::conflict, {}};
      case commit_answer::gone:
        return {outcome::gone, {}};
      case commit_answer::index_first:
        if (index_first) throw_unexpected_reply();
        index_first = true;
        revision = record_format::new_revision(user, record_format::index_mark(now));
        continue;
    }
    throw_unexpected_reply();
  }
}

void redis::client::write_index_entry(const session_id& id, std::string_view user,
                                      time_point expiry) {
  if (user.empty() || is_scs_v2()) return;
  check_user(user);
  const timed_call timed{settings_.options.timeout};
  index(id, user, expiry, deadline::at(timed.deadline()));
}

std::string redis::client::index(const session_id& id, std::string_view user, time_point expiry,
                                 deadline until) {
  const std::string key = index_key(user);
  const std::string wanted = record_format::index_time_text(expiry);
  const reply answer = router_->call({.key = key,
                                      .program = &index_script(),
                                      .arguments = {id.text(), wanted},
                                      .again = repeatable::yes,
                                      .replicas = replication::awaited},
                                     until);
  if (answer->type != REDIS_REPLY_STRING || answer->len != wanted.size()) throw_unexpected_reply();
  return std::string{text_of(*answer)};
}

void redis::client::unindex(const session_id& id, std::string_view user,
                            std::string_view index_time, deadline until) noexcept {
  try {
    const std::string key = index_key(user);
    router_->call({.key = key,
                   .program = &unindex_script(),
                   .arguments = {id.text(), index_time},
                   .again = repeatable::yes},
                  until.at_most(max_unindex));
  } catch (...) {  // NOLINT(bugprone-empty-catch): the entry expires by itself
  }
}

bool redis::client::touch(const session_id& id, time_point expiry) {
  if (is_scs_v2()) return touch_scs_v2(id, expiry);
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  const std::string key = record_key(id);
  const std::string expiry_text = record_format::time_text(expiry);
  // The new expiry of a session may be lost: the session then ends early.
  const bool awaited = is_reserved(id) && settings_.options.wait_replicas > 0;
  std::string user;
  std::string index_time{record_format::never};
  for (;;) {
    const reply answer =
        router_->call({.key = key,
                       .program = &touch_script(),
                       .arguments = {expiry_text, user, index_time, awaited ? "1" : ""},
                       .again = repeatable::yes,
                       .replicas = awaited ? replication::awaited : replication::not_awaited},
                      until);
    if (answer->type == REDIS_REPLY_INTEGER) return answer->integer != 0;
    if (answer->type != REDIS_REPLY_STRING) throw_unexpected_reply();
    user = text_of(*answer);
    if (until.passed()) {
      throw error(errc::store_failed,
                  "redis: a touch found its session to be another user's, "
                  "again and again, until the timeout");
    }
    index_time = index(id, user, expiry, until);
  }
}

std::optional<record> redis::client::erase(const session_id& id) {
  if (is_scs_v2()) return erase_scs_v2(id);
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  const std::string key = record_key(id);
  const reply answer = router_->call({.key = key,
                                      .program = &erase_script(),
                                      .arguments = {settings_.options.wait_replicas > 0 ? "1" : ""},
                                      .again = repeatable::no,
                                      .replicas = replication::awaited},
                                     until);
  if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
  if (answer->type == REDIS_REPLY_INTEGER) {
    router_->call({.key = key,
                   .program = &mark_script(),
                   .again = repeatable::yes,
                   .replicas = replication::awaited},
                  until);
    return std::nullopt;
  }
  if (answer->type != REDIS_REPLY_STRING) throw_unexpected_reply();
  record_format::unpacked erased = record_format::unpack(text_of(*answer));
  if (!erased.user.empty()) unindex(id, erased.user, erased.index_time, until);
  return std::move(erased.record);
}

}  // namespace scs::stores
