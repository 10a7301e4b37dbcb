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

/// The cookie's attribute SameSite.
enum class same_site_policy {
  /// No attribute: the browser decides.
  unset,
  lax,
  strict,
  /// Allowed only together with secure.
  none,
};

/// The cookie that carries the token.
struct cookie_options {
  /// The cookie's name. If it is empty, the name is `__Host-Http-session`. Browsers that know this
  /// prefix accept the cookie from a server only, not from a script. All other browsers recognize
  /// the prefix `__Host-` in it, which pages of sibling domains cannot set. Where the other options
  /// do not allow that name, it is `__Host-session` without http_only, and `session` without
  /// secure, with a domain, or with a path other than `/`.
  std::string name{};
  /// Empty: the cookie is sent to this host only, not to subdomains.
  std::string domain{};
  /// The cookie is sent for this path and those below it.
  std::string path = "/";
  /// Whether scripts of the page cannot read the cookie.
  bool http_only = true;
  /// Whether the browser sends the cookie over https only.
  bool secure = true;
  /// On which requests from other sites the browser sends the cookie.
  same_site_policy same_site = same_site_policy::lax;
  /// Whether browsers keep a separate cookie for each top-level site (CHIPS). Allowed only together
  /// with secure.
  bool partitioned = false;
  /// Whether the cookie remains when the browser is closed. If so, the cookie has Expires and
  /// Max-Age, which follow the absolute deadline. session::remember_me() overrides this for one
  /// session.
  bool persist = true;
};

/// Sends the token in a header instead of a cookie, for clients that keep it themselves, such as
/// other servers and apps. A browser that keeps the token exposes it to every script of the page. A
/// cookie is better there.
struct header_transport {
  /// The name of the header in requests and responses. The response to a new session carries the
  /// token, and the response to a destroyed session carries an empty value. Other responses do not
  /// carry the header.
  std::string name = "X-Session";
  /// Whether requests may also send `Authorization: Bearer TOKEN`.
  bool authorization_bearer = true;
};

/// What happens when a user who has max_sessions_per_user sessions logs in once more.
enum class user_limit_policy {
  /// The session with the oldest login ends. A user who knows the password is never locked out by
  /// sessions that they forgot.
  end_oldest,
  /// The commit of the new login throws errc::too_many_sessions, and the session remains as it was
  /// before the login. Anybody who has the password can then keep its owner out. If several
  /// processes store logins at the same moment, all of them may be refused.
  refuse_new,
};

/// What happens when a request brings a token that was renewed earlier (event_kind::old_token).
enum class old_token_policy {
  /// Reports the event only.
  report,
  /// Also ends the session to which the token was renewed. Choose it if a stolen token is worse
  /// than a visitor who has to log in again because a response was lost. Sessions are then loaded
  /// only on threads that may block.
  revoke,
};

/// How sessions behave. Every member has a default.
struct session_options {
  /// The time from the request that begins or renews a session to the session's end, however active
  /// it is. At most a hundred years. At most 400 days if the cookie persists, because browsers keep
  /// no cookie for longer.
  std::chrono::nanoseconds lifetime = std::chrono::hours{24};
  /// The session ends after this time without a request. Zero: never. At most the lifetime.
  /// session::set_idle_timeout() overrides it for one session. The precision is a twentieth of it:
  /// a session may end that much too early, but never too late.
  std::chrono::nanoseconds idle_timeout{0};
  /// The idle timeout of a session without a user, if it is shorter than idle_timeout. Zero: there
  /// is no separate one. It soon removes the sessions that a flood of visitors leaves in the store.
  /// A session that loses its user keeps its remaining time.
  std::chrono::nanoseconds anonymous_idle_timeout{0};
  /// The cookie that carries the token.
  cookie_options cookie{};
  /// If set, the token travels in a header, and no cookie is set or read.
  std::optional<header_transport> transport{};
  /// How a token becomes the id in the store.
  id_mode ids = id_mode::hashed;

  /// How many sessions a user may have at the same time (session::set_user()). Zero: any number.
  /// The new session is stored before the sessions are counted. If they cannot be counted, it is
  /// erased again and the login fails.
  std::size_t max_sessions_per_user = 0;
  /// What happens at a login beyond max_sessions_per_user.
  user_limit_policy beyond_user_limit = user_limit_policy::end_oldest;

  /// A renewed token may still come with requests that were sent before the renewal. After this
  /// time it is reported as event_kind::old_token. A renewed token is remembered for 60 seconds.
  std::chrono::nanoseconds old_token_grace = std::chrono::seconds{10};
  /// What happens when such a token comes.
  old_token_policy old_tokens = old_token_policy::report;

  /// Whether the response to a logout tells the browser to drop what it has cached of this site
  /// (`Clear-Site-Data: "cache"`). That may take the browser seconds.
  bool clears_browser_cache = false;

  /// Whether the answer to a logout or a revocation waits until the change is on disk. It matters
  /// for stores that make writes durable some time later (buntdb under sync_policy::every_second).
  /// The sessions end immediately in any case.
  bool durable_logouts = true;

  /// Origins other than the request's own host whose pages may change something for visitors
  /// without a session. Write them as browsers do: `https://login.example.com`, with the port if it
  /// is not the scheme's default, and without a path. See session::allows_change().
  std::vector<std::string> trusted_origins{};

  /// How long a commit that conflicts with others is tried again before it fails with
  /// errc::store_timeout.
  std::chrono::nanoseconds store_timeout = std::chrono::seconds{5};
  /// How many commits may wait for the store at the same time. Zero: any number. While a disk or a
  /// server is slow, further commits are refused with errc::store_busy before they have changed
  /// anything, and the idle time of sessions is not extended. So waiting commits do not occupy all
  /// threads, and reading continues. A commit that has begun is not refused, and neither are
  /// logouts and revocations. The limit must be less than the number of threads that commit:
  /// serve_options::threads, or listener_options::store_threads for handlers that run there.
  std::size_t max_waiting_commits = 0;
  /// A session whose stored size exceeds this many bytes is refused with errc::too_large.
  std::size_t max_payload_bytes = std::size_t{1} << 20;

  /// Called for each event that event_kind lists, on the thread in which it happens. Exceptions
  /// that it throws are dropped.
  ///
  /// If it is empty, the events that an operator must know (payload_undecodable, touch_failed,
  /// cleanup_failed, store_full, logout_not_durable, store_warning) are written to standard error
  /// as `scs: ` and log_line(), without user and request, at most once a minute for each kind. A
  /// line is dropped if standard error would block. `.on_event = scs::ignore_event` switches this
  /// off.
  std::function<void(const event&)> on_event{};
  /// Whether event_kind::expired is also reported when the store itself removes an expired session.
  /// Only `bunt` and `memory` can report that. With other stores, the manager's constructor throws
  /// invalid_options.
  bool report_expired_sessions = false;
  /// Counts events and measures the store's calls, for to_prometheus(). Null: nothing is counted.
  std::shared_ptr<scs::metrics> metrics{};
  /// Begins a span of OpenTelemetry or of another tracing library around each load, each commit and
  /// each call to the store. Empty: nothing is traced.
  scs::tracer tracer{};

  /// How sessions are encoded. Null: json_codec.
  std::shared_ptr<const payload_codec> codec{};
  /// The clock of sessions. Null: the system's clock. It must outlive the manager.
  const scs::clock* clock = nullptr;
  /// Waits between two attempts of a commit. Null: std::this_thread::sleep_for.
  std::function<void(std::chrono::nanoseconds)> sleep{};
};

}  // namespace scs
