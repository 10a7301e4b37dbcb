#include "redis/client.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>

#include <scs/error.hpp>

#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"
#include "redis/record_scripts.hpp"

namespace scs::stores {

using namespace redis_detail;

namespace {

constexpr std::string_view own_record_mark = "s:";
constexpr std::string_view index_mark = "u:";

/// Returns a pattern that matches the texts that begin with these bytes, and no others.
std::string pattern_of(std::string_view prefix) {
  std::string pattern;
  for (const char c : prefix) {
    if (std::string_view{"*?[]\\"}.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern + '*';
}

}  // namespace

redis::client::client(redis_options options)
    : settings_(checked(std::move(options))),
      scan_pattern_(pattern_of(settings_.options.key_prefix + std::string{record_mark()})),
      router_(make_router(settings_)) {}

std::string_view redis::client::record_mark() const noexcept {
  return is_scs_v2() ? std::string_view{} : own_record_mark;
}

std::string redis::client::record_key(const session_id& id) const {
  const std::string_view text = id.text();
  const std::string_view mark = record_mark();
  const std::string& prefix = settings_.options.key_prefix;
  std::string key;
  key.reserve(prefix.size() + mark.size() + text.size());
  return key.append(prefix).append(mark).append(text);
}

std::string redis::client::index_key(std::string_view user) const {
  std::string key = settings_.options.key_prefix;
  return key.append(index_mark).append(user);
}

std::optional<session_id> redis::client::id_of(std::string_view key) const {
  const std::size_t before = settings_.options.key_prefix.size() + record_mark().size();
  if (key.size() < before || key.size() - before > session_id::max_size) return std::nullopt;
  return session_id::from_text(key.substr(before));
}

std::optional<record> redis::client::find(const session_id& id) {
  if (is_scs_v2()) return find_scs_v2(id);
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  // A replica that does not have the watermark yet would let a revoked session live. So a script
  // reads it, which replicas refuse.
  if (is_reserved(id) && settings_.options.mode != redis_mode::cluster) {
    const reply answer = run_find_script(id, {}, until);
    if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
    return record_format::unpack(text_of(*answer->element[0])).record;
  }
  const std::string key = record_key(id);
  const reply answer =
      router_->call({.key = key, .command = "GET", .again = repeatable::yes}, until);
  if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
  if (answer->type != REDIS_REPLY_STRING) throw_unexpected_reply();
  return record_format::unpack(text_of(*answer)).record;
}

reply redis::client::run_find_script(const session_id& id, std::string_view watermark_prefix,
                                     deadline until) {
  const std::string key = record_key(id);
  const std::string nothing = record_key({});
  reply answer = router_->call({.key = key,
                                .program = &find_script(),
                                .arguments = {nothing, watermark_prefix},
                                .again = repeatable::yes},
                               until);
  const bool found = answer->type == REDIS_REPLY_ARRAY && answer->elements > 0 &&
                     answer->element[0]->type == REDIS_REPLY_STRING;
  if (!found && answer->type != REDIS_REPLY_NIL) throw_unexpected_reply();
  return answer;
}

session_with_watermark redis::client::find_with_watermark(const session_id& id) {
  // In a cluster, another node may have the watermark.
  if (settings_.options.mode == redis_mode::cluster || is_scs_v2()) return {.session = find(id)};
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  const reply answer = run_find_script(id,
                                       settings_.options.key_prefix + std::string{record_mark()} +
                                           std::string{plain_watermark_prefix},
                                       until);
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

time_point redis::client::engine_time(const session_id& id) {
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  const std::string key = record_key(id);
  const reply answer =
      router_->call({.key = key, .program = &time_script(), .again = repeatable::yes}, until);
  if (answer->type != REDIS_REPLY_STRING) throw_unexpected_reply();
  const std::string_view text = text_of(*answer);
  std::int64_t microseconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  if (read.ec != std::errc{}) throw_unexpected_reply();
  return time_point{std::chrono::microseconds{microseconds}};
}

void redis::client::check() {
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  const auto layout = router_->current_layout(until);
  std::string commands;
  append_command(commands, {"PING"});
  append_command(commands, {"INFO", "memory"});
  for (const auto& server : layout.masters) {
    std::array<reply, 2> answers;
    try {
      server->exchange(commands, answers, until);
    } catch (const connection_failure& failure) {
      throw_failed(failure);
    }
    const std::string name = server->server().text();
    if (is_error(*answers[0])) throw_server_error(name, text_of(*answers[0]));
    warn_of_eviction("redis " + name, text_of(*answers[1]));
  }
}

/// `memory` is the answer to INFO, or an error's text.
void redis::client::warn_of_eviction(const std::string& server, std::string_view memory) {
  constexpr std::string_view field = "maxmemory_policy:";
  const std::size_t at = memory.find(field);
  if (at == std::string_view::npos) {
    settings_.watch->warn(server +
                          " does not say whether it evicts sessions: give its user the right "
                          "+info, or see to it that maxmemory-policy is noeviction");
    return;
  }
  std::string_view policy = memory.substr(at + field.size());
  policy = policy.substr(0, policy.find_first_of("\r\n"));
  if (policy == "noeviction") return;
  settings_.watch->warn(server + ": its maxmemory-policy is " + without_arguments(policy) +
                        ": when memory is short it drops sessions, and users' indexes and "
                        "revocations with them; set noeviction");
}

void redis::client::on_warning(store_reports::listener call, std::chrono::nanoseconds idle) {
  settings_.watch->listen(std::move(call), idle);
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
void redis::write_index_entry(const session_id& id, std::string_view user, time_point expiry) {
  client_->write_index_entry(id, user, expiry);
}
void redis::on_warning(listener call, std::chrono::nanoseconds idle_timeout) {
  client_->on_warning(std::move(call), idle_timeout);
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
