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
  /// One server, the only element of `servers`.
  single,
  /// A Redis Cluster. `servers` are some of its nodes: the store asks them first which node has
  /// which slot.
  cluster,
  /// One master, which Redis Sentinel replaces when it fails. `servers` are the sentinels. More
  /// than half of them must answer.
  sentinel,
};

enum class redis_tls {
  off,
  /// TLS 1.2 or 1.3 on every connection, also to sentinels and to all nodes of a cluster.
  required,
};

/// What the store checks of a server's certificate.
enum class redis_verification {
  /// The certificate is valid, comes from a trusted authority, and is for the server's name.
  full,
  /// Nothing. Anybody between the store and the server can read and change everything. Only for
  /// experiments.
  none,
};

/// Which servers the store may use without TLS. Without TLS, anybody between the two can read and
/// change the password and the sessions.
enum class redis_plaintext {
  /// Servers on this machine only: `localhost`, 127.0.0.0/8, ::1, and Unix sockets. The local end
  /// of a TLS tunnel is one of these.
  this_machine,
  /// Servers on any machine. Only for a network in which everybody is trusted.
  any_network,
};

/// The format of the sessions in Redis.
enum class redis_records {
  /// This library's format, which contains the user and a revision.
  scs,
  /// The format of Go's SCS v2 (packages redisstore and goredisstore): the payload, under a key of
  /// PREFIX and token. Use it as the old store of `moving`, or while servers in Go use the same
  /// sessions. It requires id_mode::raw and the key_prefix "scs:session:". A listing of a user's
  /// sessions reads all sessions. It finds the users only in payloads that gob_codec or json_codec
  /// wrote. A commit does not notice a payload that was changed and changed back.
  scs_v2,
};

/// The options of a redis store. Every member has a default.
struct BUNTSTORE_PUBLIC redis_options {
  /// Each is `host:port`, `[IPv6]:port`, the path of a Unix socket, which begins with `/`, or a
  /// URL. The URL `rediss://USER:PASSWORD@HOST:PORT/DATABASE` sets `user`, `password`, `database`
  /// and `tls`. Only its host is required. `redis://` is the same without TLS. In the mode
  /// sentinel, a URL must not have a user, password or database. Unix sockets are only for the mode
  /// single.
  std::vector<std::string> servers = {"127.0.0.1:6379"};
  redis_mode mode = redis_mode::single;

  /// Empty: the server's default user. A user needs a password.
  std::string user{};
  /// Empty: the store sends no AUTH.
  std::string password{};
  redis_tls tls = redis_tls::off;
  /// The certificates of the trusted authorities. Empty: those that the system trusts. This and the
  /// next two are paths of files in PEM, for TLS only. Only the constructor reads them.
  std::string tls_ca_file{};
  /// The client's certificate, followed by those of its chain. For servers that require one.
  std::string tls_certificate_file{};
  /// The private key of that certificate, without a password.
  std::string tls_key_file{};
  /// The name that the servers' certificates must have, which the store also sends to the servers
  /// (SNI). Empty: the host by which each server is reached.
  std::string tls_server_name{};
  redis_verification tls_verification = redis_verification::full;
  /// Without TLS, the constructor refuses servers on other machines. A cluster's node, or a master
  /// that sentinels name, is refused when it is needed, with store_failed.
  redis_plaintext plaintext = redis_plaintext::this_machine;

  /// In the mode sentinel: the name of the master in the sentinels' configuration.
  std::string sentinel_master{};
  /// The user and password for the sentinels, if they require any.
  std::string sentinel_user{};
  std::string sentinel_password{};

  /// Maps an announced address to the one at which the store reaches the server: `HOST:PORT` to
  /// `HOST:PORT`, or `HOST` to `HOST`. For clusters and sentinels in containers or in a network
  /// with address translation. Applies to the addresses that nodes and sentinels announce, not to
  /// `servers`.
  std::map<std::string, std::string> address_map{};
  /// Does the same for addresses that are not in the map. It receives `HOST:PORT`, or `[IPv6]:PORT`
  /// for an IPv6 address. It returns the address to use, or an empty text for no change. Several
  /// threads may call it at the same time. If it throws, the call of the store throws store_failed.
  std::function<std::string(std::string_view announced)> map_address{};

  /// Must be zero in a cluster.
  int database = 0;
  /// The beginning of every key. Applications that share a server need different ones. In a
  /// cluster, a part in braces would put all sessions on one node.
  std::string key_prefix = "scs:";
  redis_records records = redis_records::scs;

  /// The time limit of one call of the store. It includes the wait for a connection, connecting and
  /// redirections. It is also the limit of all slow calls of one request together (timed_call).
  /// for_each and for_each_of_user may take this time for each step. A read that is not answered in
  /// half of it is repeated over another connection. It does not limit the time in which the system
  /// resolves a host name.
  std::chrono::milliseconds timeout{2000};
  /// The time limit for connecting, which includes TLS and the login. It is part of `timeout`.
  std::chrono::milliseconds connect_timeout{1000};
  /// The maximum of connections to each server. A call waits when all are in use. A connection that
  /// was idle for a minute is closed when another one is used.
  std::size_t max_connections = 16;
  /// After a failed connect, calls fail immediately, with the same reason, for this time. Each
  /// further failure doubles it, up to max_reconnect_pause.
  std::chrono::milliseconds reconnect_pause_min{20};
  std::chrono::milliseconds max_reconnect_pause{1000};

  /// How many replicas must have received a commit or an erasure before the call returns. Zero:
  /// none, so that a failover can lose changes that were acknowledged right before it. If too few
  /// replicas confirm within wait_timeout, the call throws, although the master has the change.
  int wait_replicas = 0;
  std::chrono::milliseconds wait_timeout{500};

  /// The store refuses a server whose clock differs from that of this machine by more than this,
  /// because the server's clock decides when sessions end. Zero: it refuses none. The default is a
  /// quarter of the manager's idle timeout, but at least five seconds; without an idle timeout, one
  /// minute. A difference of a second causes a warning (event_kind::store_warning). The clocks are
  /// compared when a connection is made and every two minutes.
  std::optional<std::chrono::milliseconds> max_clock_skew{};
};

/// Keeps sessions in Redis, a Redis Cluster, or a Redis with Sentinel, for several web servers. A
/// session is one string under PREFIX `s:` ID. The sessions of a user are a sorted set under PREFIX
/// `u:` USER. Redis itself removes expired records. Its clock decides, to the millisecond.
///
/// find, touch and erase take one round trip, and so does a commit while the user stays the same. A
/// commit takes two if it names another user than before, and three if the session was another
/// user's. Loading a session with its user's watermark takes one; in a cluster, where they may be
/// on two nodes, two.
///
/// The store uses only masters. It asks a server for its role when a connection is made, and again
/// after any sign of a change: an answer READONLY, LOADING or MASTERDOWN, or a lost connection. It
/// then closes the connections to a replica and reads nothing until a master answers. A session and
/// its watermark are read by a script that a replica refuses. With sentinels, an answer counts only
/// if no sentinel had named another master by then.
///
/// Any number of threads may use it. It connects when it is first used. While a server is down, it
/// tries again with pauses, so that calls succeed again when the server is back, without a restart.
/// After a fork(), the child makes its own connections.
///
/// A call that fails throws scs::error within the timeout: store_failed, with the server and the
/// cause in a sentence, or store_full when the server is out of memory. The store does not repeat a
/// request that was sent and not answered, unless repeating it does no harm. The error then says
/// that the change may have taken place. docs/store-redis.md says what a crash and a failover can
/// lose.
class BUNTSTORE_PUBLIC redis final : public store,
                                     public store_clock,
                                     public watermark_finder,
                                     public user_index,
                                     public store_reports {
 public:
  /// Does not connect. Throws scs::error (invalid_options), which names the wrong option.
  explicit redis(redis_options options = {});
  ~redis() override;

  /// Connects if necessary, and checks that the server answers; in a cluster, that every master
  /// does. Call it when a program starts, to find wrong options. Throws scs::error. Warns
  /// (event_kind::store_warning) if a server evicts keys when memory is short, or if it does not
  /// say whether it does.
  void check();

  std::optional<record> find(const session_id& id) override;
  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override;
  bool touch(const session_id& id, time_point expiry) override;
  std::optional<record> erase(const session_id& id) override;

  session_with_watermark find_with_watermark(const session_id& id) override;

  /// Takes one round trip.
  void write_index_entry(const session_id& id, std::string_view user, time_point expiry) override;

  void on_warning(listener call, std::chrono::nanoseconds idle_timeout) override;

  /// Returns the time of the master that has the record. Throws scs::error.
  time_point engine_time(const session_id& id) override;

  /// Remembers the ids that it has visited, which takes about 100 bytes each. In a cluster it
  /// begins again if sessions moved between nodes meanwhile, without visiting a session twice. No
  /// connection is held while the visitor runs.
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;

 private:
  class client;
  std::unique_ptr<client> client_;
};

}  // namespace scs::stores
