// Tests without a Redis server: replies, slots, formats.

#include <cerrno>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <scs/error.hpp>
#include <scs/stores/redis.hpp>

#include "redis/connection/address.hpp"
#include "redis/connection/connection.hpp"
#include "redis/connection/settings.hpp"
#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"
#include "redis/record_format.hpp"
#include "redis/routing/slots.hpp"

namespace scs::stores::redis_detail {

namespace {

using namespace std::chrono_literals;

const time_point some_time{std::chrono::nanoseconds{1'800'000'000'123'456'789}};

reply parsed(const std::string& text) {
  redisReader* const reader = redisReaderCreate();
  redisReaderFeed(reader, text.data(), text.size());
  void* answer = nullptr;
  redisReaderGetReply(reader, &answer);
  redisReaderFree(reader);
  return reply{static_cast<redisReply*>(answer)};
}

std::string message_of(const std::function<void()>& action, errc code) {
  try {
    action();
  } catch (const error& failure) {
    EXPECT_EQ(failure.code(), code);
    return failure.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// A server that sends this text to its first client, whatever the request is.
class canned_server {
 public:
  explicit canned_server(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof local;
    auto* const name = reinterpret_cast<sockaddr*>(&local);
    if (::bind(listener_, name, size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, name, &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot listen");
    }
    port_ = ntohs(local.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const int visitor = ::accept(listener_, nullptr, nullptr);
      for (std::string_view left = answer; !left.empty();) {
        const ssize_t sent = ::send(visitor, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      ::close(visitor);
    });
  }
  ~canned_server() {
    thread_.join();
    ::close(listener_);
  }
  address where() const { return {"127.0.0.1", port_}; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST(redis_replies, that_nest_without_an_end_are_refused) {
  std::string nested;
  for (int level = 0; level < 100'000; ++level)
    nested += "*1\r\n";
  const canned_server server(nested);
  const settings with{.options = {}};
  try {
    const connection made(server.where(), with, deadline::in(10s));
    FAIL() << "nothing was thrown";
  } catch (const connection_failure& failure) {
    EXPECT_THAT(failure.what(), ::testing::HasSubstr("does not speak Redis' protocol"));
  }
}

TEST(redis_slots, are_those_of_the_cluster_specification) {
  EXPECT_EQ(crc16("123456789"), 0x31C3);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of(""), 0);
}

TEST(redis_slots, follow_the_first_hash_tag_that_is_not_empty) {
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("{user1000}.followers"), slot_of("{user1000}.following"));
  EXPECT_EQ(slot_of("foo{}{bar}"), crc16("foo{}{bar}") % slot_count);
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{bar"), crc16("foo{bar") % slot_count);
}

TEST(redis_slots, are_read_from_a_nodes_answer) {
  const reply answer = parsed(
      "*2\r\n"
      "*4\r\n:0\r\n:8191\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n"
      "*3\r\n$9\r\n127.0.0.1\r\n:7003\r\n$2\r\nid\r\n"
      "*3\r\n:8192\r\n:16383\r\n*3\r\n$0\r\n\r\n:7001\r\n$2\r\nid\r\n");
  ASSERT_TRUE(answer);
  const slot_map map = slot_map::parse(*answer, {"10.0.0.1", 7001}, {});
  EXPECT_EQ(*map.owner(0), (address{"127.0.0.1", 7000}));
  EXPECT_EQ(*map.owner(8191), (address{"127.0.0.1", 7000}));
  EXPECT_EQ(*map.owner(8192), (address{"10.0.0.1", 7001})) << "a missing host is the asked one's";
  EXPECT_EQ(map.masters().size(), 2U);
  ASSERT_EQ(map.replicas().size(), 1U);
  EXPECT_EQ(map.replicas().front(), (address{"127.0.0.1", 7003}));
}

TEST(redis_slots, are_read_with_names_with_unknown_hosts_and_through_an_address_map) {
  const reply answer = parsed(
      "*3\r\n"
      "*3\r\n:0\r\n:99\r\n*4\r\n$7\r\nn1.site\r\n:7000\r\n$2\r\nid\r\n"
      "*2\r\n$2\r\nip\r\n$8\r\n10.0.0.1\r\n"
      "*4\r\n:100\r\n:199\r\n*4\r\n$1\r\n?\r\n:7001\r\n$2\r\nid\r\n"
      "*2\r\n$2\r\nip\r\n$8\r\n10.0.0.2\r\n*4\r\n$-1\r\n:7003\r\n$2\r\nid\r\n*0\r\n"
      "*3\r\n:200\r\n:16383\r\n*3\r\n$1\r\n?\r\n:7002\r\n$2\r\nid\r\n");
  ASSERT_TRUE(answer);
  const redis_options options{.address_map = {{"10.0.0.2:7001", "127.0.0.1:7101"}}};
  const slot_map map = slot_map::parse(*answer, {"asked", 7009}, options);
  EXPECT_EQ(*map.owner(0), (address{"n1.site", 7000})) << "its name";
  EXPECT_EQ(*map.owner(100), (address{"127.0.0.1", 7101})) << "no name, but an address";
  EXPECT_EQ(*map.owner(200), (address{"asked", 7002})) << "neither";
  ASSERT_EQ(map.replicas().size(), 1U);
  EXPECT_EQ(map.replicas().front(), (address{"asked", 7003})) << "an endpoint that is null";
}

TEST(redis_slots, refuse_an_answer_that_is_none) {
  for (const char* text : {"+OK\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n",
                           "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nh\r\n:1\r\n",
                           "*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\nh\r\n:1\r\n",
                           "*1\r\n*3\r\n:-1\r\n:4\r\n*2\r\n$1\r\nh\r\n:1\r\n"}) {
    const reply answer = parsed(text);
    ASSERT_TRUE(answer) << text;
    message_of([&] { slot_map::parse(*answer, {"h", 1}, {}); }, errc::store_failed);
  }
}

TEST(redis_slots, are_changed_one_by_one) {
  slot_map map;
  EXPECT_EQ(map.owner(3), nullptr);
  map.set_owner(3, {"h", 1});
  map.set_owner(4, {"h", 1});
  map.set_owner(3, {"h", 2});
  EXPECT_EQ(map.owner(3)->port, 2);
  EXPECT_EQ(map.owner(4)->port, 1);
  EXPECT_EQ(map.owner(5), nullptr);
}

TEST(redis_redirection, is_read_from_an_error) {
  const auto moved = parse_redirection("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to, (address{"127.0.0.1", 6381}));
  EXPECT_EQ(parse_redirection("ASK 1 ::1:6381")->to, (address{"::1", 6381}));
  for (const char* unknown : {"MOVED 1 :6381", "MOVED 1 ?:6381"})
    EXPECT_EQ(parse_redirection(unknown)->to, (address{"", 6381}));
  for (const char* text :
       {"MOVED", "MOVED ", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0",
        "MOVED 1 h:70000", "MOVED 1 h:1x", "ERR MOVED 1 h:1", ""}) {
    EXPECT_FALSE(parse_redirection(text)) << text;
  }
}

TEST(redis_address, is_read_as_users_write_it) {
  EXPECT_EQ(parse_address("example.org:7000"), (address{"example.org", 7000}));
  EXPECT_EQ(parse_address("example.org"), (address{"example.org", 6379}));
  EXPECT_EQ(parse_address("[::1]:7000"), (address{"::1", 7000}));
  EXPECT_EQ(parse_address("[::1]:7000").text(), "[::1]:7000");
  EXPECT_TRUE(parse_address("/run/redis.sock").is_unix_socket());
  for (const char* text : {"", ":6379", "h:", "h:0", "h:65536", "h:x", "[::1", "[]:1", "::1"}) {
    EXPECT_THAT(message_of([&] { parse_address(text); }, errc::invalid_options),
                testing::HasSubstr("servers"))
        << text;
  }
}

TEST(redis_command, is_written_as_the_protocol_has_it) {
  std::string out;
  append_command(out, {"GET", std::string_view{"a\0\r\n", 4}});
  EXPECT_EQ(out, (std::string{"*2\r\n$3\r\nGET\r\n$4\r\na\0\r\n\r\n", 23}));
}

TEST(redis_failure, tells_nothing_of_what_was_sent) {
  const std::string text = message_of(
      [] {
        throw_server_error("h:1",
                           "ERR unknown command `EVALSHA`, with args beginning with: "
                           "`sha` `1` `scs:s:SECRET` ");
      },
      errc::store_failed);
  EXPECT_EQ(text.find("SECRET"), std::string::npos) << text;
  EXPECT_NE(text.find("unknown command `EVALSHA`"), std::string::npos) << text;
  message_of([] { throw_server_error("h:1", "OOM command not allowed"); }, errc::store_full);
}

/// A record as the script writes it.
std::string packed(std::string_view revision, std::string_view expiry, std::string_view index_time,
                   std::string_view user, std::string_view payload) {
  std::string bytes = "1";
  return bytes.append(revision)
      .append(expiry)
      .append(index_time)
      .append(record_format::user_size_text(user))
      .append(user)
      .append(payload);
}

const std::string mark = record_format::index_mark(some_time);

TEST(redis_record, is_read_as_it_was_written) {
  const std::string revision = record_format::new_revision("tom", mark);
  const std::string expiry = record_format::time_text(some_time);
  EXPECT_EQ(expiry, "1800000000123") << "cut to the millisecond";
  const auto read =
      record_format::unpack(packed(revision, expiry, "1800000000999", "tom", "a payload"));
  EXPECT_EQ(read.record.payload, "a payload");
  EXPECT_EQ(read.record.revision, revision);
  EXPECT_EQ(read.record.expiry, std::chrono::floor<std::chrono::milliseconds>(some_time));
  EXPECT_EQ(read.user, "tom");
  EXPECT_EQ(read.index_time, "1800000000999");
  const auto bare = record_format::unpack(packed(revision, expiry, record_format::never, "", ""));
  EXPECT_EQ(bare.record.payload, "");
  EXPECT_EQ(bare.user, "");
}

TEST(redis_record, refuses_what_is_none) {
  const std::string whole =
      packed(record_format::new_revision("", "AA"), record_format::time_text(some_time),
             record_format::never, "u", "");
  EXPECT_NO_THROW(record_format::unpack(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    message_of([&] { record_format::unpack(whole.substr(0, size)); }, errc::store_failed);
  }
  for (const std::size_t at : {std::size_t{0}, std::size_t{16}, std::size_t{28}, std::size_t{42}}) {
    std::string damaged = whole;
    damaged[at] = 'x';
    message_of([&] { record_format::unpack(damaged); }, errc::store_failed);
  }
}

TEST(redis_record, keeps_times_in_thirteen_digits) {
  EXPECT_EQ(record_format::time_text(time_point{}), "1000000000000");
  EXPECT_EQ(record_format::time_text(time_point::min()), "1000000000000");
  EXPECT_EQ(record_format::time_text(time_point::max()), "9223372036854");
  EXPECT_EQ(record_format::index_time_text(time_point::max()).size(), 13U);
  EXPECT_EQ(record_format::index_time_text(some_time), "1800086400123");
  const auto read = record_format::unpack(
      packed(record_format::new_revision("", "AA"), "9999999999999", record_format::never, "", ""));
  EXPECT_GT(read.record.expiry, some_time) << "what no time_point can hold is its last";
}

TEST(redis_record, has_a_revision_that_tells_users_apart_and_never_comes_again) {
  const std::string a = record_format::new_revision("tom", mark);
  EXPECT_EQ(a.size(), record_format::revision_size);
  EXPECT_NE(a, record_format::new_revision("tom", mark));
  EXPECT_TRUE(record_format::may_be_of(a, "tom"));
  EXPECT_FALSE(record_format::may_be_of(a, "ann"));
  EXPECT_FALSE(record_format::may_be_of(a, ""));
  EXPECT_FALSE(record_format::may_be_of("", ""));
}

TEST(redis_record, has_a_revision_that_tells_when_the_index_was_written) {
  using std::chrono::minutes;
  const std::string revision = record_format::new_revision("tom", mark);
  EXPECT_TRUE(record_format::was_indexed_lately(revision, some_time));
  EXPECT_TRUE(record_format::was_indexed_lately(revision, some_time + minutes{44}));
  EXPECT_FALSE(record_format::was_indexed_lately(revision, some_time + minutes{60}));
  EXPECT_FALSE(record_format::was_indexed_lately(revision, some_time - minutes{16}));
  EXPECT_FALSE(record_format::was_indexed_lately(revision, some_time + std::chrono::hours{24}));
  for (const std::string damaged : {"", "?",
                                    "??????????????"
                                    "?"})
    EXPECT_FALSE(record_format::was_indexed_lately(damaged, some_time));
}

}  // namespace

}  // namespace scs::stores::redis_detail
