#pragma once

#include <memory>
#include <string_view>

#include <hiredis/hiredis.h>

namespace scs::stores::redis_detail {

struct free_reply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};

/// One answer of a server, as hiredis parsed it.
using reply = std::unique_ptr<redisReply, free_reply>;

inline std::string_view text_of(const redisReply& from) noexcept {
  return from.str == nullptr ? std::string_view{} : std::string_view{from.str, from.len};
}

inline bool is_error(const redisReply& from) noexcept {
  return from.type == REDIS_REPLY_ERROR;
}

/// Whether it is an error whose code is this word.
inline bool is_error(const redisReply& from, std::string_view code) noexcept {
  if (!is_error(from)) return false;
  const std::string_view text = text_of(from);
  return text.starts_with(code) && (text.size() == code.size() || text[code.size()] == ' ');
}

}  // namespace scs::stores::redis_detail
