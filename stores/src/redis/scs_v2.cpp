// The records of Go's SCS v2 (packages redisstore and goredisstore): a session's payload under
// PREFIX and the token, with a time to live, and nothing else. The revision of such a record is a
// hash of its payload. So two commits of the same payload do not conflict. Nothing is lost, because
// both write the same.

#include <charconv>
#include <chrono>
#include <cstdint>

#include <scs/error.hpp>

#include "redis/client.hpp"
#include "redis/protocol/failure.hpp"
#include "redis/protocol/script.hpp"
#include "scs_v2/user_of.hpp"

namespace scs::stores {

using namespace redis_detail;

namespace {

// KEYS[1]: a record. Each returns nil, or an array of payload, expiry in milliseconds since 1970
// (0: it never expires) and revision.
constexpr std::string_view read_function = R"(
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function read(key)
  local payload = redis.call('GET', key)
  if not payload then return payload end
  local expiry = math.max(redis.call('PEXPIRETIME', key), 0)
  return {payload, string.format('%.0f', expiry), string.sub(redis.sha1hex(payload), 1, 15)}
end
)";

const script& find_v2_script() {
  static const std::string text = std::string{read_function} + "return read(KEYS[1])\n";
  static const script instance{text};
  return instance;
}

const script& erase_v2_script() {
  static const std::string text = std::string{read_function} + R"(
local record = read(KEYS[1])
if record then redis.call('DEL', KEYS[1]) end
return record
)";
  static const script instance{text};
  return instance;
}

// ARGV: the expected revision, or nothing; payload; expiry. Returns the new revision, 2 for a
// conflict, or 3 if there is no record any more.
const script& commit_v2_script() {
  static const std::string text = std::string{read_function} + R"(
local record = read(KEYS[1])
if not record then
  if ARGV[1] ~= '' then return 3 end
elseif record[3] ~= ARGV[1] then
  return 2
end
if tonumber(ARGV[3]) <= now() then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('PEXPIREAT', KEYS[1], ARGV[3])
end
return string.sub(redis.sha1hex(ARGV[2]), 1, 15)
)";
  static const script instance{text};
  return instance;
}

// ARGV: expiry. Returns whether the record is there.
const script& touch_v2_script() {
  static const std::string text = std::string{read_function} + R"(
local expiry = redis.call('PEXPIRETIME', KEYS[1])
if expiry == -2 then return 0 end
if expiry >= 0 and expiry < tonumber(ARGV[1]) then
  redis.call('PEXPIREAT', KEYS[1], ARGV[1])
end
return 1
)";
  static const script instance{text};
  return instance;
}

std::optional<record> record_in(const reply& answer) {
  if (answer->type == REDIS_REPLY_NIL) return std::nullopt;
  if (answer->type != REDIS_REPLY_ARRAY || answer->elements != 3) throw_unexpected_reply();
  for (std::size_t i = 0; i < answer->elements; ++i)
    if (answer->element[i]->type != REDIS_REPLY_STRING) throw_unexpected_reply();
  const std::string_view time = text_of(*answer->element[1]);
  std::int64_t ms = 0;
  const auto read = std::from_chars(time.data(), time.data() + time.size(), ms);
  if (read.ec != std::errc{}) throw_unexpected_reply();
  record found{.payload = std::string{text_of(*answer->element[0])},
               .expiry = ms == 0 ? time_point::max() : time_point{std::chrono::milliseconds{ms}},
               .revision = std::string{text_of(*answer->element[2])}};
  return found;
}

}  // namespace

std::optional<record> redis::client::find_scs_v2(const session_id& id) {
  const timed_call timed{settings_.options.timeout};
  const std::string key = record_key(id);
  return record_in(
      router_->call({.key = key, .program = &find_v2_script(), .again = repeatable::yes},
                    deadline::at(timed.deadline())));
}

commit_result redis::client::commit_scs_v2(const session_id& id, std::string_view payload,
                                           time_point expiry,
                                           const std::optional<std::string>& expected_revision) {
  using outcome = commit_result::outcome;
  const timed_call timed{settings_.options.timeout};
  const std::string key = record_key(id);
  // SCS has not written such a revision, and it must not be mistaken for "none".
  const std::string expected = !expected_revision           ? std::string{}
                               : expected_revision->empty() ? std::string{"?"}
                                                            : *expected_revision;
  const std::string expiry_text = record_format::time_text(expiry);
  const reply answer = router_->call({.key = key,
                                      .program = &commit_v2_script(),
                                      .arguments = {expected, payload, expiry_text},
                                      .again = repeatable::no,
                                      .replicas = replication::awaited},
                                     deadline::at(timed.deadline()));
  if (answer->type == REDIS_REPLY_STRING) {
    return {outcome::committed, std::string{text_of(*answer)}};
  }
  if (answer->type != REDIS_REPLY_INTEGER) throw_unexpected_reply();
  constexpr int gone = 3;
  return {answer->integer == gone ? outcome::gone : outcome::conflict, {}};
}

bool redis::client::touch_scs_v2(const session_id& id, time_point expiry) {
  const timed_call timed{settings_.options.timeout};
  const std::string key = record_key(id);
  const std::string expiry_text = record_format::time_text(expiry);
  const reply answer = router_->call({.key = key,
                                      .program = &touch_v2_script(),
                                      .arguments = {expiry_text},
                                      .again = repeatable::yes},
                                     deadline::at(timed.deadline()));
  if (answer->type != REDIS_REPLY_INTEGER) throw_unexpected_reply();
  return answer->integer != 0;
}

std::optional<record> redis::client::erase_scs_v2(const session_id& id) {
  const timed_call timed{settings_.options.timeout};
  const std::string key = record_key(id);
  return record_in(router_->call({.key = key,
                                  .program = &erase_v2_script(),
                                  .again = repeatable::no,
                                  .replicas = replication::awaited},
                                 deadline::at(timed.deadline())));
}

std::vector<redis::client::found_record> redis::client::fetch_scs_v2(
    std::span<const session_id> ids) {
  std::vector<found_record> found;
  for (const session_id& id : ids) {
    std::optional<record> each = find_scs_v2(id);
    if (!each) continue;
    each->user = is_reserved(id) ? std::string{} : scs_v2::user_of(each->payload);
    found.push_back({id, {.record = *std::move(each)}});
  }
  return found;
}

void redis::client::for_each_of_user_scs_v2(std::string_view user, const visitor& visit_record) {
  for_each([&](const session_id& id, const record& found) {
    if (is_reserved(id) || !scs_v2::may_be_of(found.payload, user)) return visit::next;
    return visit_record(id, found);
  });
}

}  // namespace scs::stores
