#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

#include <scs/stores/near_cache.hpp>
#include <scs/stores/redis.hpp>

#include "redis/record_format.hpp"
#include "redis/record_scripts.hpp"
#include "stores/compared_sessions.hpp"
#include "stores/contest.hpp"
#include "stores/workloads.hpp"

namespace bench::stores {

namespace {

namespace detail = scs::stores::redis_detail;
namespace format = scs::stores::redis_detail::record_format;

/// One connection, used as by an application without the store.
class hiredis_client {
 public:
  explicit hiredis_client(int port) : context_(redisConnect("127.0.0.1", port), &redisFree) {
    if (!context_ || context_->err != 0) throw std::runtime_error("hiredis does not connect");
  }

  using reply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

  template <std::size_t Size>
  reply run(const std::array<std::string_view, Size>& words) {
    std::array<const char*, Size> texts;
    std::array<std::size_t, Size> sizes;
    for (std::size_t i = 0; i < Size; ++i) {
      texts[i] = words[i].data();
      sizes[i] = words[i].size();
    }
    reply answer{static_cast<redisReply*>(redisCommandArgv(context_.get(), static_cast<int>(Size),
                                                           texts.data(), sizes.data())),
                 &freeReplyObject};
    if (!answer || answer->type == REDIS_REPLY_ERROR) {
      throw std::runtime_error("Redis: " + std::string(answer ? answer->str : context_->errstr));
    }
    return answer;
  }

  /// Returns what is stored under the key.
  reply find(std::string_view key) {
    reply found = run(std::array<std::string_view, 2>{"GET", key});
    if (found->type != REDIS_REPLY_STRING)
      throw std::runtime_error("Redis has lost " + std::string(key));
    return found;
  }

  void find_and_commit(std::string_view key, std::string_view payload) {
    const reply found = find(key);
    const auto contents = format::unpack({found->str, found->len});
    const std::string revision = format::new_revision("", format::index_mark({}));
    const std::string expires = format::time_text(in_an_hour());
    run(std::array<std::string_view, 12>{"EVALSHA", detail::commit_script().sha1(), "1", key,
                                         contents.record.revision, revision, expires, "",
                                         format::never, "000", payload, ""});
  }

 private:
  std::unique_ptr<redisContext, decltype(&redisFree)> context_;
};

}  // namespace

void measure_redis(run& run, const options& options, servers& servers) {
  const int port = servers.redis.port();
  const std::string payload = compared_payload();
  const auto ids = make_ids(run.sessions);
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const auto& id : ids)
    keys.push_back("compared:s:" + std::string{id.text()});
  const scs::stores::redis_options to_server{.servers = {servers.redis.address()},
                                             .key_prefix = "compared:"};
  scs::stores::redis store{to_server};
  scs::stores::near_cache cached{std::make_unique<scs::stores::redis>(to_server)};
  for (const auto& id : ids)
    store.commit(id, payload, in_an_hour(), std::nullopt, "");

  const auto found_by = [&](scs::store* asked) {
    return [&, asked](std::size_t first, std::size_t count) -> operation {
      return [&, asked, first, count](std::size_t n) { find_with(*asked, ids[first + n % count]); };
    };
  };
  hold(run, options, "Redis: find",
       {{"redis", found_by(&store)},
        {"hiredis",
         [&](std::size_t first, std::size_t count) -> operation {
           auto client = std::make_shared<hiredis_client>(port);
           return
               [&, client, first, count](std::size_t n) { client->find(keys[first + n % count]); };
         }},
        {"near_cache", found_by(&cached)}});
  hold(run, options, "Redis: find, commit",
       {{"redis",
         [&](std::size_t first, std::size_t count) -> operation {
           return [&, first, count](std::size_t n) {
             find_and_commit_with(store, ids[first + n % count], payload);
           };
         }},
        {"hiredis", [&](std::size_t first, std::size_t count) -> operation {
           auto client = std::make_shared<hiredis_client>(port);
           return [&, client, first, count](std::size_t n) {
             client->find_and_commit(keys[first + n % count], payload);
           };
         }}});
}

}  // namespace bench::stores
