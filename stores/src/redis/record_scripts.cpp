#include "redis/record_scripts.hpp"

namespace scs::stores::redis_detail {

// The positions are those of record_format.hpp, from 1. Times are texts of 13 digits, which compare
// as numbers do. Only erase reads the payload.

// A server without memory refuses SET as the first change of a script, but not later ones. So a
// record that ends is deleted and not set, and a record that must not be refused is deleted before
// it is set.
const script& commit_script() {
  static const script instance{R"(
local head = redis.call('GETRANGE', KEYS[1], 0, 44)
local time = redis.call('TIME')
local ends = ARGV[3] <= string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local lasts = ARGV[5]
local left
if head == '' then
  if ARGV[1] ~= '' then return 3 end
else
  if string.sub(head, 1, 1) ~= '1' then
    return redis.error_reply('SCSFORMAT a record is of another version')
  end
  if string.sub(head, 2, 16) ~= ARGV[1] then return 2 end
  local size = tonumber(string.sub(head, 43, 45))
  if size > 0 then
    local user = redis.call('GETRANGE', KEYS[1], 45, 44 + size)
    if user ~= ARGV[4] or ends then
      left = {user, string.sub(head, 30, 42)}
    elseif lasts == '0000000000000' then
      lasts = string.sub(head, 30, 42)
    end
  end
end
if ends then
  redis.call('DEL', KEYS[1])
  return left or 1
end
if ARGV[4] ~= '' and lasts < ARGV[3] then return 4 end
if ARGV[8] ~= '' then redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], '1' .. ARGV[2] .. ARGV[3] .. lasts .. ARGV[6] .. ARGV[4] .. ARGV[7])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return left or 1
)"};
  return instance;
}

// In Redis 7.2 and newer, WAIT covers the last write of its connection, and not all writes of the
// server. So an answer that depends on writes of other connections must write something itself.

// PEXPIREAT first: without memory, SETRANGE would be refused as the first change. It deletes a
// record that has expired.
const script& touch_script() {
  static const script instance{R"(
local head = redis.call('GETRANGE', KEYS[1], 0, 44)
if head == '' then return 0 end
if string.sub(head, 1, 1) ~= '1' then
  return redis.error_reply('SCSFORMAT a record is of another version')
end
if string.sub(head, 17, 29) >= ARGV[1] then
  if ARGV[4] ~= '' then redis.call('PEXPIREAT', KEYS[1], string.sub(head, 17, 29)) end
  return 1
end
local lasts = string.sub(head, 30, 42)
local size = tonumber(string.sub(head, 43, 45))
if size > 0 and (lasts < ARGV[1] or ARGV[2] ~= '') then
  local user = redis.call('GETRANGE', KEYS[1], 45, 44 + size)
  if user == ARGV[2] then lasts = ARGV[3] end
  if lasts < ARGV[1] then return user end
end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
if redis.call('GETRANGE', KEYS[1], 0, 0) == '' then return 0 end
redis.call('SETRANGE', KEYS[1], 16, ARGV[1] .. lasts)
return 1
)"};
  return instance;
}

// DEL changes nothing: it is how a script finds out that the server is a replica.
const script& find_script() {
  static const script instance{R"(
local answer = redis.pcall('DEL', ARGV[1])
if type(answer) == 'table' and answer.err and string.find(answer.err, 'READONLY', 1, true) then
  return redis.error_reply('READONLY a replica may not know of the last changes')
end
local record = redis.call('GET', KEYS[1])
if not record then return record end
local size = tonumber(string.sub(record, 43, 45))
if ARGV[2] == '' or not size or size == 0 then return {record} end
return {record, redis.call('GET', ARGV[2] .. string.sub(record, 46, 45 + size))}
)"};
  return instance;
}

const script& erase_script() {
  static const script instance{R"(
local record = redis.call('GET', KEYS[1])
if not record then
  if ARGV[1] ~= '' and (redis.REDIS_VERSION_NUM or 0) >= 0x00070200 then return 1 end
  return record
end
if string.sub(record, 1, 1) ~= '1' then
  return redis.error_reply('SCSFORMAT a record is of another version')
end
redis.call('DEL', KEYS[1])
return record
)"};
  return instance;
}

// Without its first line, a server without memory would refuse SET, and so each logout of a session
// that no longer exists. It is a separate script because servers before 7.0 do not know this line.
const script& mark_script() {
  static const script instance{R"(#!lua flags=allow-oom
local expiry = redis.call('GETRANGE', KEYS[1], 16, 28)
if expiry ~= '' then
  redis.call('PEXPIREAT', KEYS[1], expiry)
else
  redis.call('SET', KEYS[1], '')
  redis.call('DEL', KEYS[1])
end
return 1
)"};
  return instance;
}

const script& time_script() {
  static const script instance{R"(
local time = redis.call('TIME')
return time[1] .. string.format('%06d', time[2])
)"};
  return instance;
}

// Every call removes the entries that have expired: no record needs them, since each entry lasts
// longer than its record. Each call uses a different time: see unindex_script.
const script& index_script() {
  static const script instance{R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local lasts = tonumber(ARGV[2])
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
if before and tonumber(before) >= lasts then lasts = tonumber(before) + 1 end
local text = string.format('%.0f', lasts)
redis.call('ZADD', KEYS[1], text, ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 or now + left < lasts then redis.call('PEXPIREAT', KEYS[1], text) end
return text
)"};
  return instance;
}

// An entry that was renewed belongs to a commit whose record may not be written yet.
const script& unindex_script() {
  static const script instance{R"(
local lasts = redis.call('ZSCORE', KEYS[1], ARGV[1])
if lasts and tonumber(lasts) == tonumber(ARGV[2]) then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
)"};
  return instance;
}

}  // namespace scs::stores::redis_detail
