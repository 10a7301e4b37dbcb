#include "redis/client.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

#include <scs/error.hpp>

#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"
#include "redis/record_scripts.hpp"

namespace scs::stores {

using namespace redis_detail;

namespace {

constexpr std::string_view record_mark = "s:";
constexpr std::string_view index_mark = "u:";

/// What is only tidying up does not keep a call that has done its work.
constexpr std::chrono::milliseconds max_unindex{100};

[[noreturn]] void unexpected_reply() {
  throw error(errc::store_failed,
              "redis: a server answered what a Redis does not; is something between us?");
}

/// A pattern that matches just what begins with these bytes.
std::string pattern_of(std::string_view prefix) {
  std::string pattern;
  for (const char c : prefix) {
    if (std::string_view{"*?[]\\"}.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern + '*';
}

void check_user(std::string_view user) {
  if (user.size() <= store::max_user_size) return;
  throw error(errc::too_large, "redis: a user's name of " + std::to_string(user.size()) +
                                   " bytes; at most " + std::to_string(store::max_user_size));
}

}  // namespace

redis::client::client(redis_options options)
    : settings_(checked(std::move(options))),
      scan_pattern_(pattern_of(settings_.options.key_prefix + std::string{record_mark})),
      router_(settings_.options.mode == redis_mode::cluster ? make_cluster_router(settings_)
                                                            : make_single_router(settings_)) {}

std::string redis::client::record_key(const session_id& id) const {
  const std::string_view text = id.text();
  const std::string& prefix = settings_.options.key_prefix;
  std::string key;
  key.reserve(prefix.size() + record_mark.size() + text.size());
  return key.append(prefix).append(record_mark).append(text);
}

std::string redis::client::index_key(std::string_view user) const {
  std::string key = settings_.options.key_prefix;
  return key.append(index_mark).append(user);
}

std::optional<session_id> redis::client::id_of(std::string_view key) const {
  const std::size_t before = settings_.options.key_prefix.size() + record_mark.size();
  if (key.size() < before || key.size() - before > session_id::max_size) return std::nullopt;
  return session_id::from_text(key.substr(before));
}

std::optional<record> redis::client::find(const session_id& id) {
  // A watermark that a replica does not know of yet would let a session live.
  if (is_reserved(id) && settings_.options.mode == redis_mode::single) {
    const reply answer = run_find_script(id, {});
    if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
    return record_format::unpack(text_of(*answer->element[0])).record;
  }
  const std::string key = record_key(id);
  const reply answer =
      router_->call({.key = key, .command = "GET", .again = repeatable::yes}, call_deadline());
  if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
  if (answer->type != REDIS_REPLY_STRING) unexpected_reply();
  return record_format::unpack(text_of(*answer)).record;
}

reply redis::client::run_find_script(const session_id& id, std::string_view watermark_prefix) {
  const std::string key = record_key(id);
  const std::string nothing = record_key({});
  reply answer = router_->call({.key = key,
                                .program = &find_script(),
                                .arguments = {nothing, watermark_prefix},
                                .again = repeatable::yes},
                               call_deadline());
  const bool found = answer->type == REDIS_REPLY_ARRAY && answer->elements > 0 &&
                     answer->element[0]->type == REDIS_REPLY_STRING;
  if (!found && answer->type != REDIS_REPLY_NIL) unexpected_reply();
  return answer;
}

session_with_watermark redis::client::find_with_watermark(const session_id& id) {
  // Of a cluster, another node may have the watermark.
  if (settings_.options.mode == redis_mode::cluster) return {.session = find(id)};
  const reply answer = run_find_script(id, settings_.options.key_prefix + std::string{record_mark} +
                                               std::string{plain_watermark_prefix});
  if (answer->type == REDIS_REPLY_NIL) return {};
  record_format::unpacked found = record_format::unpack(text_of(*answer->element[0]));
  session_with_watermark both{.session = std::move(found.record)};
  if (!has_plain_watermark_id(found.user)) return both;
  both.user = std::move(found.user);
  if (answer->elements == 2 && answer->element[1]->type == REDIS_REPLY_STRING) {
    both.watermark = record_format::unpack(text_of(*answer->element[1])).record;
  }
  return both;
}

// The index entry comes first: a crash in between leaves an entry without a record, which a listing
// passes over, and not a record that no listing finds.
commit_result redis::client::commit(const session_id& id, std::string_view payload,
                                    time_point expiry,
                                    const std::optional<std::string>& expected_revision,
                                    std::string_view user) {
  using outcome = commit_result::outcome;
  check_user(user);
  const deadline until = call_deadline();
  const std::string key = record_key(id);
  // Not ours, then: it must not be taken for "none".
  const std::string expected = !expected_revision           ? std::string{}
                               : expected_revision->empty() ? std::string{"?"}
                                                            : *expected_revision;
  std::string revision = record_format::new_revision(user);
  const std::string expiry_text = record_format::time_text(expiry);
  const std::string user_size = record_format::user_size_text(user);
  std::string index_time{record_format::never};
  bool index_first = !user.empty() && !record_format::may_be_of(expected, user);
  for (;;) {
    if (index_first) index_time = index(id, user, expiry, until);
    const reply answer = router_->call(
        {.key = key,
         .program = &commit_script(),
         .arguments = {expected, revision, expiry_text, user, index_time, user_size, payload},
         .again = repeatable::no,
         .replicas = replication::awaited},
        until);
    if (answer->type == REDIS_REPLY_ARRAY && answer->elements == 2) {
      unindex(id, text_of(*answer->element[0]), text_of(*answer->element[1]), until);
      return {outcome::committed, std::move(revision)};
    }
    if (answer->type != REDIS_REPLY_INTEGER) unexpected_reply();
    switch (static_cast<commit_answer>(answer->integer)) {
      case commit_answer::committed:
        return {outcome::committed, std::move(revision)};
      case commit_answer::conflict:
        return {outcome::conflict, {}};
      case commit_answer::gone:
        return {outcome::gone, {}};
      case commit_answer::index_first:
        if (index_first) unexpected_reply();
        index_first = true;
        continue;
    }
    unexpected_reply();
  }
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
  if (answer->type != REDIS_REPLY_STRING || answer->len != wanted.size()) unexpected_reply();
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
  const deadline until = call_deadline();
  const std::string key = record_key(id);
  const std::string expiry_text = record_format::time_text(expiry);
  std::string user;
  std::string index_time{record_format::never};
  for (;;) {
    const reply answer = router_->call(
        {.key = key,
         .program = &touch_script(),
         .arguments = {expiry_text, user, index_time},
         .again = repeatable::yes,
         // That of a session may be lost: it then ends early.
         .replicas = is_reserved(id) ? replication::awaited : replication::not_awaited},
        until);
    if (answer->type == REDIS_REPLY_INTEGER) return answer->integer != 0;
    if (answer->type != REDIS_REPLY_STRING) unexpected_reply();
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
  const deadline until = call_deadline();
  const std::string key = record_key(id);
  const reply answer = router_->call({.key = key,
                                      .program = &erase_script(),
                                      .again = repeatable::no,
                                      .replicas = replication::awaited},
                                     until);
  if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
  if (answer->type != REDIS_REPLY_STRING) unexpected_reply();
  record_format::unpacked erased = record_format::unpack(text_of(*answer));
  if (!erased.user.empty()) unindex(id, erased.user, erased.index_time, until);
  return std::move(erased.record);
}

time_point redis::client::engine_time(const session_id& id) {
  const std::string key = record_key(id);
  const reply answer = router_->call(
      {.key = key, .program = &time_script(), .again = repeatable::yes}, call_deadline());
  if (answer->type != REDIS_REPLY_STRING) unexpected_reply();
  const std::string_view text = text_of(*answer);
  std::int64_t microseconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  if (read.ec != std::errc{}) unexpected_reply();
  return time_point{std::chrono::microseconds{microseconds}};
}

void redis::client::check() {
  const auto layout = router_->current_layout(call_deadline());
  std::string commands;
  append_command(commands, {"PING"});
  for (const auto& server : layout.masters) {
    reply answer;
    try {
      server->exchange(commands, std::span{&answer, 1}, call_deadline());
    } catch (const connection_failure& failure) {
      throw_failed(failure);
    }
    if (is_error(*answer)) throw_server_error(server->server().text(), text_of(*answer));
  }
}

// --- the store's functions ---

redis::redis(redis_options options) : client_(std::make_unique<client>(std::move(options))) {}
redis::~redis() = default;

void redis::check() {
  client_->check();
}
std::optional<record> redis::find(const session_id& id) {
  return client_->find(id);
}
commit_result redis::commit(const session_id& id, std::string_view payload, time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) {
  return client_->commit(id, payload, expiry, expected_revision, user);
}
bool redis::touch(const session_id& id, time_point expiry) {
  return client_->touch(id, expiry);
}
std::optional<record> redis::erase(const session_id& id) {
  return client_->erase(id);
}
session_with_watermark redis::find_with_watermark(const session_id& id) {
  return client_->find_with_watermark(id);
}
time_point redis::engine_time(const session_id& id) {
  return client_->engine_time(id);
}
void redis::for_each(const visitor& visit_record) {
  client_->for_each(visit_record);
}
void redis::for_each_of_user(std::string_view user, const visitor& visit_record) {
  client_->for_each_of_user(user, visit_record);
}

}  // namespace scs::stores
