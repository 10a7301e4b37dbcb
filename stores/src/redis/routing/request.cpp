#include "redis/routing/request.hpp"

#include <array>
#include <span>
#include <string>
#include <utility>

#include <scs/error.hpp>

#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

/// The size of a request or a little more, so that building it allocates once.
std::size_t size_of(const request& what) {
  constexpr std::size_t per_word = 16;
  std::size_t size = 128 + what.key.size();
  for (const std::string_view argument : what.arguments)
    size += argument.size() + per_word;
  return size;
}

void append(std::string& out, const request& what, bool with_text) {
  if (what.program == nullptr) {
    append_command_header(out, 2 + what.arguments.size());
    append_word(out, what.command);
  } else {
    append_command_header(out, 4 + what.arguments.size());
    append_word(out, with_text ? "EVAL" : "EVALSHA");
    append_word(out, with_text ? what.program->text() : what.program->sha1());
    append_word(out, "1");
  }
  append_word(out, what.key);
  for (const std::string_view argument : what.arguments)
    append_word(out, argument);
}

/// WAIT covers all writes of the master before its answer, also if the request changed nothing.
/// Since Redis 7.2 it covers only the last write of this connection. So scripts whose answer
/// depends on writes of other connections write something themselves.
void check_replicas(const redisReply& count, const redis_options& options, const address& server) {
  if (is_error(count)) throw_server_error(server.text(), text_of(count));
  if (count.type == REDIS_REPLY_INTEGER && count.integer >= options.wait_replicas) return;
  throw error(errc::store_failed,
              "redis " + server.text() + " answered, but only " + std::to_string(count.integer) +
                  " of " + std::to_string(options.wait_replicas) +
                  " replicas confirmed within wait_timeout that they have what the answer rests "
                  "on; a failover may undo it");
}

}  // namespace

reply send(pool& server, const request& what, asking first, const redis_options& options,
           deadline until, freshness wanted) {
  const bool wait = what.replicas == replication::awaited && options.wait_replicas > 0;
  std::string commands;
  commands.reserve(size_of(what));
  for (bool with_text = false;; with_text = true) {
    commands.clear();
    std::size_t count = 0;
    if (first == asking::yes) {
      append_command(commands, {"ASKING"});
      ++count;
    }
    const std::size_t answer = count++;
    append(commands, what, with_text);
    if (wait) {
      append_command(commands, {"WAIT", std::to_string(options.wait_replicas),
                                std::to_string(options.wait_timeout.count())});
      ++count;
    }
    std::array<reply, 3> replies;
    // The connection that gets the text has just answered.
    server.exchange(commands, std::span{replies}.first(count), until,
                    with_text ? freshness::any : wanted);
    if (!with_text && is_error(*replies[answer], "NOSCRIPT")) continue;
    if (wait && !is_error(*replies[answer])) {
      check_replicas(*replies[answer + 1], options, server.server());
    }
    return std::move(replies[answer]);
  }
}

}  // namespace scs::stores::redis_detail
