// How a redis store lists its sessions: the visitor runs while no connection is held.

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include <scs/error.hpp>

#include "redis/client.hpp"
#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores {

using namespace redis_detail;

namespace {

/// Records that are read in one round trip; each may have a megabyte.
constexpr std::size_t batch_size = 32;

/// About how many keys a server examines in one step, during which it serves no other request.
constexpr std::string_view keys_per_scan = "256";

[[noreturn]] void unexpected_listing() {
  throw error(errc::store_failed, "redis: a server's list of keys is not one");
}

}  // namespace

/// A scan may return a key twice.
class redis::client::ids_visited {
 public:
  /// Keeps those that are new, and remembers them.
  void keep_new(std::vector<session_id>& ids) {
    std::erase_if(ids, [this](const session_id& id) { return !seen_.insert(id).second; });
  }

 private:
  std::unordered_set<session_id> seen_;
};

void redis::client::read(pool& server, std::string_view commands, std::span<reply> replies,
                         deadline until) {
  try {
    server.exchange(commands, replies, until.at_most(settings_.options.timeout / 2));
  } catch (const connection_failure& failure) {
    // A read may be repeated. If the server refused the connection, it is probably still down.
    if (failure.done() == effect::none || until.passed()) throw;
    server.exchange(commands, replies, until, freshness::fresh);
  }
}

std::vector<redis::client::found_record> redis::client::fetch(std::span<const session_id> ids) {
  if (is_scs_v2()) return fetch_scs_v2(ids);
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  std::vector<std::string> keys;
  std::map<std::shared_ptr<pool>, std::vector<std::size_t>> by_server;
  for (const session_id& id : ids) {
    keys.push_back(record_key(id));
    by_server[router_->server_of(keys.back(), until)].push_back(keys.size() - 1);
  }
  std::vector<reply> answers(ids.size());
  for (const auto& [server, indexes] : by_server) {
    std::string commands;
    for (const std::size_t i : indexes)
      append_command(commands, {"GET", keys[i]});
    std::vector<reply> received(indexes.size());
    try {
      server->exchange(commands, received, until.at_most(settings_.options.timeout / 4));
    } catch (const connection_failure&) {  // NOLINT(bugprone-empty-catch)
      // The records are requested one by one below, where failures are handled.
    }
    // The answers of a master that was replaced meanwhile do not count.
    if (router_->server_of(keys[indexes.front()], until) != server) continue;
    for (std::size_t i = 0; i < indexes.size(); ++i)
      answers[indexes[i]] = std::move(received[i]);
  }
  std::vector<found_record> found;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    reply& answer = answers[i];
    if (!answer || is_error(*answer)) {
      answer = router_->call({.key = keys[i], .command = "GET", .again = repeatable::yes}, until);
    }
    if (answer->type != REDIS_REPLY_STRING) continue;
    found.push_back({ids[i], record_format::unpack(text_of(*answer))});
    found.back().contents.record.user = found.back().contents.user;
  }
  return found;
}

std::string redis::client::scan(pool& server, const std::string& cursor,
                                std::vector<session_id>& ids) {
  const timed_call timed{settings_.options.timeout};
  const deadline until = deadline::at(timed.deadline());
  std::string commands;
  append_command(commands, {"SCAN", cursor, "MATCH", scan_pattern_, "COUNT", keys_per_scan});
  reply answer;
  try {
    read(server, commands, std::span{&answer, 1}, until);
  } catch (const connection_failure& failure) {
    throw_failed(failure);
  }
  if (is_error(*answer)) throw_server_error(server.server().text(), text_of(*answer));
  if (answer->type != REDIS_REPLY_ARRAY || answer->elements != 2 ||
      answer->element[1]->type != REDIS_REPLY_ARRAY) {
    unexpected_listing();
  }
  const redisReply& keys = *answer->element[1];
  for (std::size_t i = 0; i < keys.elements; ++i) {
    if (const auto id = id_of(text_of(*keys.element[i]))) ids.push_back(*id);
  }
  return std::string{text_of(*answer->element[0])};
}

visit redis::client::visit_all_of(pool& server, ids_visited& visited, const visitor& visit_record) {
  std::string cursor = "0";
  do {
    std::vector<session_id> ids;
    cursor = scan(server, cursor, ids);
    visited.keep_new(ids);
    for (std::size_t begin = 0; begin < ids.size(); begin += batch_size) {
      const std::size_t size = std::min(batch_size, ids.size() - begin);
      for (const found_record& found : fetch(std::span{ids}.subspan(begin, size))) {
        if (visit_record(found.id, found.contents.record) == visit::stop) return visit::stop;
      }
    }
  } while (cursor != "0");
  return visit::next;
}

// A slot that moves from a node that was not scanned yet to one that was scanned would be missed.
// So another round follows until nothing has moved during a round.
void redis::client::for_each(const visitor& visit_record) {
  ids_visited visited;
  auto before = router_->current_layout(deadline::in(settings_.options.timeout));
  for (;;) {
    for (const auto& server : before.masters) {
      if (visit_all_of(*server, visited, visit_record) == visit::stop) return;
    }
    auto after = router_->current_layout(deadline::in(settings_.options.timeout));
    if (after.version == before.version) return;
    before = std::move(after);
  }
}

void redis::client::for_each_of_user(std::string_view user, const visitor& visit_record) {
  if (user.empty() || user.size() > store::max_user_size) return;
  if (is_scs_v2()) return for_each_of_user_scs_v2(user, visit_record);
  const std::string key = index_key(user);
  std::vector<session_id> ids;
  {
    const timed_call timed{settings_.options.timeout};
    const deadline until = deadline::at(timed.deadline());
    const reply answer = router_->call(
        {.key = key, .command = "ZRANGE", .arguments = {"0", "-1"}, .again = repeatable::yes},
        until);
    if (answer->type != REDIS_REPLY_ARRAY) unexpected_listing();
    for (std::size_t i = 0; i < answer->elements; ++i)
      ids.push_back(session_id::from_text(text_of(*answer->element[i])));
  }
  for (std::size_t begin = 0; begin < ids.size(); begin += batch_size) {
    const std::size_t size = std::min(batch_size, ids.size() - begin);
    for (const found_record& found : fetch(std::span{ids}.subspan(begin, size))) {
      // An entry may be left from a time before the session became another user's.
      if (found.contents.user != user) continue;
      if (visit_record(found.id, found.contents.record) == visit::stop) return;
    }
  }
}

}  // namespace scs::stores
