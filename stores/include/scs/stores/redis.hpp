#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
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
  /// A Redis Cluster; `servers` are those of its nodes that are asked first which node has which
  /// slot.
  cluster,
  /// One master, which Redis Sentinel replaces when it fails.
  /// `servers` are the sentinels.
  /// More than half of them must answer.
  sentinel,
};

enum class redis_tls {
  off,
  /// TLS 1.2 or 1.3 on every connection, to sentinels and to all nodes of a cluster, too.
  required,
};

/// What a server must prove.
enum class redis_verification {
  /// Its certificate is valid, comes from a trusted authority, and is for the server's name.
  full,
  /// Nothing: whoever is on the way can read and change everything. For experiments.
  none,
};

/// Where the store may talk to a server without TLS, so that anybody between the two can read and
/// change the password and the sessions.
enum class redis_plaintext {
  /// On this machine only: `localhost`, 127.0.0.0/8, ::1, and Unix sockets. The local end of a TLS
  /// tunnel is one of these.
  this_machine,
  /// On any machine: for a network in which everybody is trusted.
  any_network,
};

/// What a session is in Redis.
enum class redis_records {
  /// This library's own: with the user and a revision.
  scs,
  /// Those of Go's SCS v2 (packages redisstore and goredisstore): the payload under PREFIX and the
  /// token. For a site that comes from there: as the store that `moving` moves from, or while
  /// servers in Go use the same sessions. It takes id_mode::raw and the key_prefix "scs:session:".
  /// A listing of a user's sessions reads all sessions, and their users from what gob_codec and
  /// json_codec write. A commit does not notice a payload that was changed and changed back.
  scs_v2,
};

/// How a redis store reaches its servers. Every member has a default.
struct BUNTSTORE_PUBLIC redis_options {
  /// Each is `host:port`, `[IPv6]:port`, or the path of a Unix socket, which begins with `/`. Or a
  /// URL, as services give it: `rediss://USER:PASSWORD@HOST:PORT/DATABASE`, all but the host
  /// optional, sets `user`, `password`, `database` and `tls`; `redis://` is without TLS. In the
  /// mode sentinel a URL has no user, password or database.
  std::vector<std::string> servers = {"127.0.0.1:6379"};
  redis_mode mode = redis_mode::single;

  /// With a password and no user, the server's default user is meant.
  std::string user{};
  /// Empty: no AUTH is sent.
  std::string password{};
  redis_tls tls = redis_tls::off;
  /// For TLS; files are in PEM, and the constructor reads them. Certificates of the authorities
  /// that are trusted; empty: those that the system trusts.
  std::string tls_ca_file{};
  /// The client's certificate, followed by those that lead to its authority; for servers that ask
  /// for one.
  std::string tls_certificate_file{};
  /// The private key of that certificate, without a password.
  std::string tls_key_file{};
  /// For whom the servers' certificates must be, and the name that the servers are told (SNI).
  /// Empty: the host by which each server is reached.
  std::string tls_server_name{};
  redis_verification tls_verification = redis_verification::full;
  /// Without TLS, another machine is refused by the constructor; a cluster's node, or a master that
  /// sentinels name, when it is needed, with store_failed.
  redis_plaintext plaintext = redis_plaintext::this_machine;

  /// In the mode sentinel: the name by which the sentinels know the master.
  std::string sentinel_master{};
  /// What the sentinels themselves ask for, if anything.
  std::string sentinel_user{};
  std::string sentinel_password{};

  /// Where servers are reached that announce another address: `HOST:PORT` to `HOST:PORT`, or `HOST`
  /// to `HOST`. For clusters and sentinels in containers or behind an address translator. Applies
  /// to what nodes and sentinels say, not to `servers`.
  std::map<std::string, std::string> address_map{};
  /// The same as a function, for what is not in the map: receives `HOST:PORT`, `[IPv6]:PORT` for an
  /// IPv6 address, and returns where that is reached, or an empty text for no change. Called by any
  /// number of threads. What it throws is store_failed.
  std::function<std::string(std::string_view announced)> map_address{};

  /// Zero in a cluster, which has no others.
  int database = 0;
  /// Before every key. Two applications that share a server take different ones. In a cluster, a
  /// part in braces would put all sessions on one node.
  std::string key_prefix = "scs:";
  redis_records records = redis_records::scs;

  /// The longest that one call of the store takes, waiting for a connection, connecting and
  /// redirections included, and also the slow calls of one request together (timed_call); for_each
  /// and for_each_of_user take this for each step. A read that is not answered in half of it is
  /// repeated over another connection. The time that the system takes to resolve a host name is not
  /// limited by it.
  std::chrono::milliseconds timeout{2000};
  /// The longest that connecting may take, TLS and logging in included, as part of that.
  std::chrono::milliseconds connect_timeout{1000};
  /// Connections to each server. A call that finds all in use waits for one. One that was not used
  /// for a minute is closed when another is used.
  std::size_t max_connections = 16;
  /// After a failed connect, calls fail at once, with the same reason, until this has passed; it
  /// doubles with every further failure up to max_reconnect_pause.
  std::chrono::milliseconds reconnect_pause_min{20};
  std::chrono::milliseconds max_reconnect_pause{1000};

  /// How many replicas must have received a commit or an erasure before it counts as done; zero:
  /// none, so that a failover can lose what was acknowledged right before it. If too few confirm in
  /// time, the call fails although the master has the change.
  int wait_replicas = 0;
  std::chrono::milliseconds wait_timeout{500};

  /// A server whose clock differs from ours by more than this is refused when connecting, because
  /// its clock decides when sessions end. Zero: none is. By default, a quarter of the manager's
  /// idle timeout, at least five seconds; without an idle timeout, a minute. A second is already a
  /// warning (event_kind::store_warning). The clocks are compared again every two minutes.
  std::optional<std::chrono::milliseconds> max_clock_skew{};
};

/// Sessions in Redis, a Redis Cluster, or a Redis with Sentinel: for more than one web server. A
/// session is one string under PREFIX `s:` ID; the sessions of a user are a sorted set under PREFIX
/// `u:` USER. Redis itself removes what has expired; its clock decides, to the millisecond.
///
/// One round trip for find, touch and erase, and for a commit while the user stays the same. When
/// a commit names another user than before, two; three when the session was another user's. One to
/// load a session with its user's watermark; in a cluster, which may have them on two nodes, two.
///
/// Only a master is asked. A server says whether it is one when a connection is made, and again
/// after any sign of a change: an answer READONLY, LOADING or MASTERDOWN, or a connection that was
/// lost. A replica's connections are then closed, and nothing is read until a master answers. A
/// session and a watermark are read by a script that a replica refuses. With sentinels, an answer
/// counts only if no sentinel had named another master by then.
///
/// Any number of threads may use it. It connects when it is first used, and again, with pauses,
/// while a server is down: a failure ends with the server's return, without a restart. After a
/// fork(), the child makes its own connections.
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

  /// Connects if necessary and asks for a sign of life, in a cluster from every master: so that
  /// wrong options are found at the start of a program. Throws scs::error. Warns if a server evicts
  /// keys when memory is short, or does not say whether it does.
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
