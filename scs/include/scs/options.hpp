#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/event.hpp>
#include <scs/metrics.hpp>
#include <scs/payload_codec.hpp>
#include <scs/session/tracing.hpp>
#include <scs/token.hpp>

namespace scs BUNTSTORE_PUBLIC {

enum class same_site_policy {
  /// No attribute: the browser decides.
  unset,
  lax,
  strict,
  /// Only together with secure.
  none,
};

/// The cookie that carries the token.
struct cookie_options {
  /// Empty: `__Host-Http-session`, which browsers that know the prefix take from a server only, and
  /// not from a script; all others see `__Host-` in it, which pages of sister domains cannot set.
  /// Where the other options rule that out: `__Host-session` without http_only; `session` if not
  /// secure, with a domain, or with another path than `/`.
  std::string name{};
  /// Empty: this host only, no subdomains.
  std::string domain{};
  std::string path = "/";
  bool http_only = true;
  bool secure = true;
  same_site_policy same_site = same_site_policy::lax;
  /// Kept apart for each top-level site (CHIPS). Only together with secure.
  bool partitioned = false;
  /// Whether the cookie outlives the browser (Expires and Max-Age, which follow the absolute
  /// deadline); session::remember_me() decides it for one session.
  bool persist = true;
};

/// The token in a header instead of a cookie, for programs that keep it themselves: other servers,
/// apps. A browser that keeps it hands it to every script of the page; there a cookie is better.
struct header_transport {
  /// Of requests and responses. A new session's response carries the token, a destroyed one's an
  /// empty value; other responses do not carry it.
  std::string name = "X-Session";
  /// Requests may also say `Authorization: Bearer TOKEN`.
  bool authorization_bearer = true;
};

/// What happens when a user has as many sessions as they may have, and logs in once more.
enum class user_limit_policy {
  /// The session whose login is the longest ago ends: whoever has a password is not locked out by
  /// sessions that they forgot.
  end_oldest,
  /// The commit of the new login throws errc::too_many_sessions, and the session stays what it was
  /// before the login. Whoever has the password can then keep its owner out. Of logins that several
  /// processes store at the same moment, all may be refused.
  refuse_new,
};

/// What is done about a token that was renewed away and comes again (event_kind::old_token).
enum class old_token_policy {
  report,
  /// Also ends the session to which it was renewed: for whom a stolen token is worse than a visitor
  /// who must log in again because an answer was lost. Sessions are then loaded on threads that may
  /// block only.
  revoke,
};

/// How sessions behave. Every member has a default.
struct session_options {
  /// From the request that begins a session, or renews it, to its end, however active it is. At
  /// most a hundred years; 400 days if the cookie persists, as browsers keep none for longer.
  std::chrono::nanoseconds lifetime = std::chrono::hours{24};
  /// Without a request for this long, the session ends; zero: never; at most the lifetime.
  /// session::set_idle_timeout() decides it for one session. Kept to a twentieth: a session
  /// may end that much too early, but never too late.
  std::chrono::nanoseconds idle_timeout{0};
  /// The same for a session without a user, if that is shorter; zero: no other. So that what a
  /// flood of visitors leaves in the store goes soon. A session that loses its user keeps the time
  /// that it has left.
  std::chrono::nanoseconds anonymous_idle_timeout{0};
  cookie_options cookie{};
  /// Set: no cookie is set or read.
  std::optional<header_transport> transport{};
  id_mode ids = id_mode::hashed;

  /// How many sessions a user may have at once (session::set_user()); zero: any number. The new
  /// session is stored before it is counted, and erased again if it cannot be counted: then the
  /// login fails.
  std::size_t max_sessions_per_user = 0;
  user_limit_policy beyond_user_limit = user_limit_policy::end_oldest;

  /// A token that was renewed away may come with requests that were under way; after this time that
  /// is event_kind::old_token. A token is remembered for 60 seconds.
  std::chrono::nanoseconds old_token_grace = std::chrono::seconds{10};
  old_token_policy old_tokens = old_token_policy::report;

  /// Whether the response to a logout tells the browser to drop what it has cached of this site
  /// (`Clear-Site-Data: "cache"`), which may take it seconds.
  bool clears_browser_cache = false;

  /// Whether a logout or a revocation is answered only when it is on disk, where the store makes
  /// writes durable some time later (buntdb under sync_policy::every_second). What it ends has
  /// ended at once in any case.
  bool durable_logouts = true;

  /// Other origins than the request's own host whose pages may change something here for visitors
  /// without a session, as browsers write them: `https://login.example.com`, with the port if it is
  /// not the scheme's, and without a path. See session::allows_change().
  std::vector<std::string> trusted_origins{};

  /// How long a commit that meets others tries again before it gives up with errc::store_timeout.
  std::chrono::nanoseconds store_timeout = std::chrono::seconds{5};
  /// How many commits may wait for the store at the same time; zero: any number. While a disk or a
  /// server is slow, a commit beyond this is refused with errc::store_busy before it has changed
  /// anything, and the idle time of sessions is not extended, so that waiting commits do not take
  /// all threads, and reading goes on. A commit that has begun is waited for. Logouts and
  /// revocations are not refused. It must be less than the number of threads that commit:
  /// serve_options::threads, or listener_options::store_threads for handlers that run there.
  std::size_t max_waiting_commits = 0;
  /// A session that takes more than this when stored is refused with errc::too_large.
  std::size_t max_payload_bytes = std::size_t{1} << 20;

  /// Called for what event_kind lists, from whichever thread it happens in; what it throws is
  /// dropped.
  ///
  /// Empty: what an operator must know (payload_undecodable, touch_failed, cleanup_failed,
  /// store_full, logout_not_durable, store_warning) is written to standard error as
  /// `scs: ` and log_line(), without user and request, of each kind at most once a minute; the line
  /// is left out if standard error would block. `.on_event = scs::ignore_event` switches that off.
  std::function<void(const event&)> on_event{};
  /// Whether event_kind::expired is also reported when the store removes an expired session by
  /// itself. Of a store that does not tell, invalid_options: only `bunt` and `memory` do.
  bool report_expired_sessions = false;
  /// Counts events and times the store, for to_prometheus(). Null: nothing is counted.
  std::shared_ptr<scs::metrics> metrics{};
  /// Begins a span of OpenTelemetry, or of another tracing library, around each load, commit and
  /// call of the store. Empty: nothing is traced.
  scs::tracer tracer{};

  /// Null: json_codec.
  std::shared_ptr<const payload_codec> codec{};
  /// Null: the system's. Must outlive the manager.
  const scs::clock* clock = nullptr;
  /// Waits between two tries of a commit. Null: std::this_thread::sleep_for.
  std::function<void(std::chrono::nanoseconds)> sleep{};
};

}  // namespace scs
