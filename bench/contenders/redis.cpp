#include "contenders/redis.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <hiredis/hiredis.h>

#include "free_port.hpp"
#include "harness/child_process.hpp"

namespace bench {

namespace {

struct freer {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using context = std::unique_ptr<redisContext, freer>;
using reply = std::unique_ptr<redisReply, freer>;

reply checked(redisContext& link, void* got) {
  reply answer(static_cast<redisReply*>(got));
  if (!answer) throw std::runtime_error(std::string("Redis: ") + link.errstr);
  if (answer->type == REDIS_REPLY_ERROR) {
    throw std::runtime_error(std::string("Redis: ") + answer->str);
  }
  return answer;
}

class redis_connection final : public connection {
 public:
  explicit redis_connection(context link) : link_(std::move(link)) {}

  std::uint64_t find(std::string_view key) override {
    const reply found =
        checked(*link_, redisCommand(link_.get(), "GET %b", key.data(), key.size()));
    return found->type == REDIS_REPLY_STRING ? static_cast<unsigned char>(found->str[0]) : 0;
  }
  void save(const save_request& request) override {
    append(request);
    read_reply();
  }
  void save_batch(std::span<const save_request> requests) override {
    redisAppendCommand(link_.get(), "MULTI");
    for (const save_request& request : requests)
      append(request);
    redisAppendCommand(link_.get(), "EXEC");
    for (std::size_t i = 0; i < requests.size() + 2; ++i)
      read_reply();
  }
  std::uint64_t ascend(std::string_view, unsigned) override { return 0; }
  std::uint64_t ascend_reading(std::string_view, unsigned) override { return 0; }

 private:
  void append(const save_request& request) {
    const long long ms = std::chrono::duration_cast<std::chrono::milliseconds>(request.ttl).count();
    redisAppendCommand(link_.get(), "SET %b %b PX %lld", request.key.data(), request.key.size(),
                       request.value.data(), request.value.size(), ms);
  }
  void read_reply() {
    void* got = nullptr;
    redisGetReply(link_.get(), &got);
    checked(*link_, got);
  }

  context link_;
};

class redis_contender final : public contender {
 public:
  redis_contender(std::filesystem::path folder, promise kept)
      : folder_(std::move(folder)), kept_(kept) {}

  std::string name() const override { return "Redis"; }
  std::string setup() const override {
    return "a server of its own over loopback TCP, appendonly with appendfsync everysec: write(2) "
           "before the answer, synced every second; hiredis, a connection a thread";
  }
  bool is_ordered() const override { return false; }
  unsigned pace() const override { return 10; }
  double resident() const override { return resident_bytes(server_->pid()); }

  void open() override {
    port_ = test::free_port();
    server_ = std::make_unique<child_process>(std::vector<std::string>{
        "redis-server", "--bind", "127.0.0.1", "--port", std::to_string(port_), "--dir", folder_,
        "--save", "", "--appendonly", "yes", "--appendfsync",
        kept_ == promise::always ? "always" : "everysec", "--logfile", "redis.log"});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!is_up()) {
      if (std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error("redis-server does not answer on port " + std::to_string(port_));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void close() override {
    const context link = dial();
    // Its answer is that it exits.
    reply(static_cast<redisReply*>(redisCommand(link.get(), "SHUTDOWN")));
    server_->wait();
    server_.reset();
  }
  std::unique_ptr<connection> connect() override {
    return std::make_unique<redis_connection>(dial());
  }

 private:
  context dial() const {
    context link(redisConnect("127.0.0.1", port_));
    if (!link || link->err != 0) throw std::runtime_error("Redis: cannot connect");
    return link;
  }
  /// Returns whether it answers and has loaded its file.
  bool is_up() const {
    const context link(redisConnect("127.0.0.1", port_));
    if (!link || link->err != 0) return false;
    const reply answer(static_cast<redisReply*>(redisCommand(link.get(), "PING")));
    return answer && answer->type == REDIS_REPLY_STATUS;
  }

  std::filesystem::path folder_;
  promise kept_;
  int port_ = 0;
  std::unique_ptr<child_process> server_;
};

}  // namespace

std::unique_ptr<contender> make_redis(const std::filesystem::path& folder, promise kept) {
  return std::make_unique<redis_contender>(folder, kept);
}

}  // namespace bench
