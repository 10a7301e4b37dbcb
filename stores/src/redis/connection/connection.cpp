#include "redis/connection/connection.hpp"

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include <unistd.h>

#include <scs/error.hpp>

#include "redis/connection/socket.hpp"
#include "redis/connection/tls_stream.hpp"
#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t buffer_size = std::size_t{16} << 10;

/// How deep arrays in a reply may nest: deeper than in any reply to the store's commands. hiredis
/// frees a reply by a recursive function, and since 1.0 does not limit the depth.
constexpr int max_nesting = 16;

/// Shorter than the time for which firewalls and address translators remember an idle connection.
constexpr std::chrono::seconds checked_after_silence{15};
/// How often a connection is checked, so that the store notices a change of the server's clock.
constexpr std::chrono::minutes checked_every{2};

long long number(const redisReply& from) {
  long long value = 0;
  const std::string_view text = text_of(from);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::unique_ptr<stream> open_stream(const address& server, const settings& with, deadline until) {
  const milliseconds usual_wait = std::max(with.options.timeout / 2, milliseconds{1});
  if (with.tls) return std::make_unique<tls_stream>(server, *with.tls, usual_wait, until);
  return std::make_unique<socket>(server, usual_wait, until);
}

}  // namespace

connection::connection(const address& server, const settings& with, deadline until)
    : settings_(with),
      name_(server.text()),
      owner_(::getpid()),
      stream_(open_stream(server, with, until)),
      reader_(redisReaderCreate()),
      buffer_(buffer_size) {
  if (!reader_) throw std::bad_alloc();
  greet(until);
}

void connection::greet(deadline until) {
  const redis_options& options = settings_.options;
  std::string commands;
  std::size_t count = 0;
  if (!options.password.empty()) {
    if (options.user.empty()) {
      append_command(commands, {"AUTH", options.password});
    } else {
      append_command(commands, {"AUTH", options.user, options.password});
    }
    ++count;
  }
  if (options.database != 0) {
    append_command(commands, {"SELECT", std::to_string(options.database)});
    ++count;
  }
  ask_state(std::move(commands), count, until);
}

bool connection::needs_check(clock::time_point now) const noexcept {
  return now - last_use_ >= checked_after_silence || now - last_check_ >= checked_every;
}

void connection::check(deadline until) {
  ask_state({}, 0, until);
}

/// Appends to the commands, of which there are `count`, those whose answers tell whether this
/// server may be used.
void connection::ask_state(std::string commands, std::size_t count, deadline until) {
  // A cluster's node redirects requests for other keys, and a replica may be asked for the slots.
  const bool needs_master = settings_.kind == server_kind::master;
  const bool has_clock = settings_.kind != server_kind::sentinel;
  if (needs_master) {
    append_command(commands, {"ROLE"});
    ++count;
  }
  // This also shows that the server runs: the system accepts connections for a stopped process.
  append_command(commands, {has_clock ? "TIME" : "PING"});
  ++count;

  std::vector<reply> replies(count);
  const auto now = [] { return std::chrono::system_clock::now().time_since_epoch(); };
  const std::chrono::nanoseconds asked = now();
  try {
    exchange(commands, replies, until);
  } catch (const connection_failure& failure) {
    throw connection_failure{effect::none, failure.what()};  // no request was among them
  }
  const std::chrono::nanoseconds ours = asked + (now() - asked) / 2;
  for (const reply& answer : replies) {
    if (is_error(*answer)) throw_server_error(name_, text_of(*answer));
  }
  if (needs_master) require_master(*replies[count - 2]);
  if (has_clock) compare_clocks(*replies.back(), ours);
  last_check_ = last_use_;
}

// A replica may lag: it may still have a session that was revoked.
void connection::require_master(const redisReply& role) const {
  const bool known = role.type == REDIS_REPLY_ARRAY && role.elements > 0;
  const std::string_view name = known ? text_of(*role.element[0]) : std::string_view{};
  if (name == "master") return;
  throw connection_failure{
      effect::none, "redis " + name_ +
                        (name == "slave" ? " is a read-only replica; name the master"
                                         : " does not say that it is a master, so it is not used")};
}

void connection::compare_clocks(const redisReply& their_time, std::chrono::nanoseconds ours) const {
  if (their_time.type != REDIS_REPLY_ARRAY || their_time.elements != 2) return;
  const std::chrono::nanoseconds theirs = std::chrono::seconds{number(*their_time.element[0])} +
                                          std::chrono::microseconds{number(*their_time.element[1])};
  settings_.watch->compare_clocks("redis " + name_, theirs - ours,
                                  settings_.options.max_clock_skew);
}

void connection::exchange(std::string_view commands, std::span<reply> replies, deadline until) {
  stream_->send(commands, until);
  for (reply& answer : replies)
    answer = receive(until);
  last_use_ = clock::now();
}

reply connection::receive(deadline until) {
  for (;;) {
    void* parsed = nullptr;
    if (redisReaderGetReply(reader_.get(), &parsed) != REDIS_OK) {
      throw connection_failure{
          effect::unknown,
          "redis " + name_ + " does not speak Redis' protocol: " + reader_->errstr};
    }
    if (parsed == nullptr && reader_->ridx > max_nesting) {
      throw connection_failure{effect::unknown, "redis " + name_ +
                                                    " does not speak Redis' protocol: a reply "
                                                    "nests too deep"};
    }
    if (parsed != nullptr) return reply{static_cast<redisReply*>(parsed)};
    const std::size_t size = stream_->receive(buffer_, until);
    redisReaderFeed(reader_.get(), buffer_.data(), size);
  }
}

bool connection::usable() const noexcept {
  return owner_ == ::getpid() && reader_->pos == reader_->len && stream_->silent();
}

}  // namespace scs::stores::redis_detail
