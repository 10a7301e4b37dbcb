#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/store/store_reports.hpp>
#include <scs/store/user_index.hpp>
#include <scs/store/watermark.hpp>
#include <scs/store_clock.hpp>

namespace scs::stores {

enum class redis_mode {
  /// One server: the first of `servers`, and no other.
  single,
  /// A Redis Cluster; `servers` are those of its nodes that are asked first where everything is.
  cluster,
};

enum class redis_tls {
  off,
  /// Refused by the constructor: the store has no TLS. Put a TLS tunnel in front of the server, and
  /// name the tunnel's end as the server.
  required,
};

/// Where the store may talk to a server without TLS, so that whoever is on the way can read and
/// change the password and the sessions.
enum class redis_plaintext {
  /// To this machine only: `localhost`, 127.0.0.0/8, ::1, and Unix sockets. The local end of a TLS
  /// tunnel is one of these.
  this_machine,
  /// To any machine: for a network in which everybody is trusted.
  any_network,
};

/// What a session is in Redis.
enum class redis_records {
  /// This library's own: with the user and a revision.
  scs,
  /// Those of Go's SCS v2 (packages redisstore and goredisstore): the payload under PREFIX and the
  /// token. For a site that comes from there: as the store that `moving` moves from, or while
  /// servers in Go use the same sessions. It takes id_mode::raw and the key_prefix "scs:session:".
  /// A listing of a user's sessions goes through all sessions; whose they are it reads from what
  /// gob_codec and json_codec write. A commit is no conflict if the payload that it expects has
  /// come
  /// back meanwhile.
  scs_v2,
};

/// How a redis store reaches its servers. Every member has a default.
struct BUNTSTORE_PUBLIC redis_options {
  /// `host:port`, `[IPv6]:port`, or the path of a Unix socket, which begins with `/`.
  std::vector<std::string> servers = {"127.0.0.1:6379"};
  redis_mode mode = redis_mode::single;

  /// With a password and no user, the server's default user is meant.
  std::string user{};
  /// Empty: no AUTH is sent.
  std::string password{};
  redis_tls tls = redis_tls::off;
  /// A server elsewhere is refused by the constructor; a cluster's node that the others name, when
  /// it is needed, with store_failed.
  redis_plaintext plaintext = redis_plaintext::this_machine;
  /// Zero in a cluster, which has no others.
  int database = 0;
  /// Before every key. Two applications that share a server take different ones. Also in a cluster:
  /// a part in braces would put all sessions on one node.
  std::string key_prefix = "scs:";
  redis_records records = redis_records::scs;

  /// The longest that one call of the store takes, waiting for a connection, connecting and
  /// redirections included, and also all calls of one request together, as far as they are slow
  /// (timed_call); for_each and for_each_of_user take this for each step. A read that gets no
  /// answer in half of it is tried over another connection. Resolving a host name is the system's
  /// business and not counted.
  std::chrono::milliseconds timeout{2000};
  /// The longest that connecting may take, logging in included, as part of that.
  std::chrono::milliseconds connect_timeout{1000};
  /// Connections to each server. A call that finds all in use waits for one. Those that nobody has
  /// used for a minute are closed as others are used.
  std::size_t max_connections = 16;
  /// After a failed connect, calls fail at once, with the same reason, until this has passed; it
  /// doubles with every further failure up to max_reconnect_pause.
  std::chrono::milliseconds reconnect_pause_min{20};
  std::chrono::milliseconds max_reconnect_pause{1000};

  /// How many replicas must have received a commit or an erasure before it counts as done; zero:
  /// none, so that a failover can lose what was acknowledged right before it. With too few in time
  /// the call fails, though the master has the change.
  int wait_replicas = 0;
  std::chrono::milliseconds wait_timeout{500};

  /// A server whose clock differs from ours by more than this is refused when connecting, because
  /// its clock decides when sessions end. Zero: none is. By default, a quarter of the manager's
  /// idle timeout, at least five seconds; without an idle timeout, a minute. A second is already a
  /// warning (event_kind::store_warning). The clocks are compared again every two minutes.
  std::optional<std::chrono::milliseconds> max_clock_skew{};
};

/// Sessions in Redis, or in a Redis Cluster: for more than one web server. A session is one string
/// under PREFIX `s:` ID; the sessions of a user are a sorted set under PREFIX `u:` USER. Redis
/// itself removes what has expired; its clock decides, to the millisecond.
///
/// One round trip for find, touch and erase, and for a commit while the user stays the same. When
/// a commit names another user than before, two; three when the session was another user's. One to
/// load a session with its user's watermark; in a cluster, which may have them on two nodes, two.
///
/// Only a master is asked. A single server says when a connection is made whether it is one, and
/// once more after any sign that this may have changed: an answer READONLY, LOADING or MASTERDOWN,
/// or a connection that was lost. A replica's connections are then closed, and nothing is read
/// until a master answers. A session and a watermark are read by a script that a replica refuses.
///
/// Any number of threads may use it. It connects when it is first used, and again, with pauses, as
/// long as a server is down: a failure ends with the server's return, without a restart. After a
/// fork(), the child makes connections of its own.
///
/// Failure: scs::error, store_failed, with the server and the cause in a sentence, within the
/// timeout; store_full when the server is out of memory. What was sent and not answered is not sent
/// again, unless doing it twice is the same; the error says that it may have taken place.
/// docs/store-redis.md says what a crash and a failover can lose.
class BUNTSTORE_PUBLIC redis final : public store,
                                     public store_clock,
                                     public watermark_finder,
                                     public user_index,
                                     public store_reports {
 public:
  /// Does not connect. Throws scs::error (invalid_options), naming the option at fault.
  explicit redis(redis_options options = {});
  ~redis() override;

  /// Connects if need be and asks for a sign of life, in a cluster from every master: to find at
  /// the start of a program that the options are wrong. Throws scs::error. A server that evicts
  /// keys when memory is short is a warning, and so is one that does not tell.
  void check();

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  std::optional<record> erase(const session_id& id) override;

  session_with_watermark find_with_watermark(const session_id& id) override;

  /// In one round trip.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry) override;

  void on_warning(listener call, std::chrono::nanoseconds idle_timeout) override;

  /// The time of the master that has the record.
  time_point engine_time(const session_id& id) override;

  /// Remembers the ids that it has visited, about 100 bytes each. In a cluster it begins again,
  /// without visiting any twice, if sessions moved between its nodes meanwhile.
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

 private:
  class client;
  std::unique_ptr<client> client_;
};

}  // namespace scs::stores
