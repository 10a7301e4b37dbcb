// The store beside hiredis by hand, doing the same commands against the same server, which it
// starts: `redis_bench [SECONDS]`, for each measurement.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <hiredis/hiredis.h>
#include <sys/resource.h>

#include <scs/stores/near_cache.hpp>
#include <scs/stores/redis.hpp>
#include <scs/token.hpp>

#include "redis/record_format.hpp"
#include "redis/record_scripts.hpp"
#include "redis_server.hpp"

namespace {

using namespace std::chrono_literals;
namespace detail = scs::stores::redis_detail;
namespace format = scs::stores::redis_detail::record_format;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t sessions = 1000;
constexpr int rounds = 25;
const std::string payload(200, 'x');

std::vector<scs::session_id> make_ids() {
  std::vector<scs::session_id> ids;
  for (std::size_t i = 0; i < sessions; ++i)
    ids.push_back(scs::token::generate().id());
  return ids;
}

scs::time_point expiry() {
  return scs::clock::system().now() + 1h;
}

/// Something that each thread does with a client of its own, again and again.
using operation = std::function<void(std::size_t)>;
using make_operation = std::function<operation(std::size_t thread)>;

/// What one operation takes: the inverse of operations a second, and this process's time on a CPU.
/// On a busy machine the second says more.
struct cost {
  double rate = 0;
  double cpu_us = 0;
};

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

cost measure(const make_operation& make, std::size_t threads, std::chrono::duration<double> time) {
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> ready{0};
  std::atomic<std::size_t> done{0};
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      const operation run = make(t);
      run(t);
      ++ready;
      std::size_t count = 0;
      for (std::size_t i = t; !stopping.load(std::memory_order_relaxed); ++i, ++count)
        run(i % sessions);
      done += count;
    });
  }
  while (ready < threads)
    std::this_thread::yield();
  const auto begun = clock_type::now();
  const double cpu_begun = cpu_seconds();
  std::this_thread::sleep_for(time);
  stopping = true;
  for (std::thread& worker : workers)
    worker.join();
  const double took = std::chrono::duration<double>(clock_type::now() - begun).count();
  const double count = static_cast<double>(done);
  return {.rate = count / took, .cpu_us = 1e6 * (cpu_seconds() - cpu_begun) / count};
}

class raw_client {
 public:
  explicit raw_client(int port) : context_(redisConnect("127.0.0.1", port), &redisFree) {
    if (!context_ || context_->err != 0) std::abort();
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
      std::fprintf(stderr, "redis: %s\n", answer ? answer->str : context_->errstr);
      std::abort();
    }
    return answer;
  }

 private:
  std::unique_ptr<redisContext, decltype(&redisFree)> context_;
};

struct comparison {
  const char* name;
  make_operation raw;
  make_operation store;
};

cost median(std::vector<cost> values) {
  const auto middle = [&](double cost::*member) {
    std::sort(values.begin(), values.end(),
              [=](const cost& a, const cost& b) { return a.*member < b.*member; });
    return values[values.size() / 2].*member;
  };
  return {.rate = middle(&cost::rate), .cpu_us = middle(&cost::cpu_us)};
}

void compare(const comparison& what, std::size_t threads, std::chrono::duration<double> time) {
  std::vector<cost> raw_costs, store_costs;
  for (int i = 0; i < rounds; ++i) {  // in turns: the machine's mood is the same for both
    raw_costs.push_back(measure(what.raw, threads, time));
    store_costs.push_back(measure(what.store, threads, time));
  }
  std::vector<double> shares;
  for (std::size_t i = 0; i < raw_costs.size(); ++i)
    shares.push_back(100 * store_costs[i].rate / raw_costs[i].rate);
  std::sort(shares.begin(), shares.end());
  const cost raw = median(raw_costs);
  const cost store = median(store_costs);
  std::printf(
      "  %-14s %zu thread%s  hiredis %7.0f/s, %5.1f us CPU   store %7.0f/s (%5.1f %%), %5.1f "
      "us CPU\n",
      what.name, threads, threads == 1 ? " " : "s", raw.rate, raw.cpu_us, store.rate,
      shares[shares.size() / 2], store.cpu_us);
}

void run(std::chrono::duration<double> time) {
  test::redis_server server;
  const int port = server.port();
  const auto ids = make_ids();
  std::vector<std::string> keys;
  for (const auto& id : ids)
    keys.push_back("scs:s:" + std::string{id.text()});
  scs::stores::redis store{{.servers = {server.address()}}};
  scs::stores::near_cache cached{std::make_unique<scs::stores::redis>(
      scs::stores::redis_options{.servers = {server.address()}})};
  for (const auto& id : ids)
    store.commit(id, payload, expiry(), std::nullopt, "");

  const comparison find{
      "find",
      [&](std::size_t) -> operation {
        auto client = std::make_shared<raw_client>(port);
        return [&, client](std::size_t i) {
          if (client->run(std::array<std::string_view, 2>{"GET", keys[i]})->type !=
              REDIS_REPLY_STRING) {
            std::abort();
          }
        };
      },
      [&](std::size_t) -> operation {
        return [&](std::size_t i) {
          if (!store.find(ids[i])) std::abort();
        };
      }};

  // A find for the revision, and the commit that rests on it: what a request that writes does.
  const comparison write{
      "find + commit",
      [&](std::size_t) -> operation {
        auto client = std::make_shared<raw_client>(port);
        return [&, client](std::size_t i) {
          const auto found = client->run(std::array<std::string_view, 2>{"GET", keys[i]});
          const auto contents = format::unpack({found->str, found->len});
          const std::string revision = format::new_revision("");
          const std::string expires = format::time_text(expiry());
          client->run(std::array<std::string_view, 11>{
              "EVALSHA", detail::commit_script().sha1(), "1", keys[i], contents.record.revision,
              revision, expires, "", format::never, "000", payload});
        };
      },
      [&](std::size_t) -> operation {
        return [&](std::size_t i) {
          const auto found = store.find(ids[i]);
          store.commit(ids[i], payload, expiry(), found->revision, "");
        };
      }};

  std::printf("%zu sessions of %zu bytes, medians of %d rounds of %.2f s:\n", sessions,
              payload.size(), rounds, time.count());
  for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
    compare(find, threads, time);
    compare(write, threads, time);
  }
  const make_operation from_copy = [&](std::size_t) -> operation {
    return [&](std::size_t i) {
      if (!cached.find(ids[i])) std::abort();
    };
  };
  const cost copies = measure(from_copy, 1, time);
  const auto counts = cached.statistics();
  std::printf(
      "  find through a near cache: %.0f/s, of which %.1f %% from a copy\n", copies.rate,
      100.0 * static_cast<double>(counts.hits) / static_cast<double>(counts.hits + counts.misses));
}

}  // namespace

int main(int argc, char** argv) {
  run(std::chrono::duration<double>{argc > 1 ? std::atof(argv[1]) : 0.2});
}
