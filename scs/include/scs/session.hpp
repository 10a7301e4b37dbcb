#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <buntstore/visibility.hpp>
#include <scs/clock.hpp>
#include <scs/csrf.hpp>
#include <scs/session/flash_message.hpp>
#include <scs/session/session_key.hpp>
#include <scs/session_id.hpp>
#include <scs/value.hpp>

namespace scs BUNTSTORE_PUBLIC {

namespace detail BUNTSTORE_PRIVATE {
class session_state;

/// Where a JSON text comes from. Text from user code must be checked before it goes into a payload.
enum class json_source { this_library, user };

template <class Value>
inline constexpr json_source source_of =
    built_in<Value> ? json_source::this_library : json_source::user;

}  // namespace detail

/// What a request has done to its session since its last commit or save(), if there was one. It
/// stays `destroyed` until a value is put.
enum class session_status { unmodified, modified, destroyed };

/// Whether a session loads itself from the store.
enum class load_policy {
  /// Loads when the session is first used.
  on_first_use,
  /// Loads only in session::load(), for servers whose threads must not block. Any other use before
  /// that throws errc::not_loaded.
  explicit_only,
};

/// A visitor's session, as one request sees it. session_manager::load() makes it, and
/// session_manager::commit() or abandon() ends it. The manager must outlive it. It can be moved. A
/// session that was moved from can only be assigned to or destroyed. One thread at a time may use
/// it.
///
/// The session asks the store on first use, and keeps changes in memory until the commit. Only
/// destroy() and, for a session that is already stored at the server, update() change the store
/// immediately. If the store fails, every function throws errc::store_failed, and so does the
/// commit, even if the handler caught the exception.
///
/// Keys are UTF-8 (otherwise errc::invalid_value). See value_traits for the types of values. A
/// value that alone is larger than session_options::max_payload_bytes is errc::too_large.
class session {
 public:
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  /// Asks the store now, if it has not been asked yet.
  void load();
  bool loaded() const noexcept;  ///< Whether the store has been asked.

  /// For operations that must not happen through a session that has just ended, such as changing a
  /// password or moving money. Asks the store now, even if the session is loaded already, and
  /// bypasses a near cache's copy. Changes of this request are kept. Throws session_gone if the
  /// session that was loaded before has ended since. Without a session it does the same as load(),
  /// and the session may have no user. If the session lives in its cookie, asks for the user's
  /// epoch again. Blocks as load() does.
  void load_fresh();

  /// Returns the value of a key. Returns an empty optional if there is no such key. Throws
  /// errc::wrong_type if the key holds another type than Value, or a number outside of its range.
  template <class Value>
  std::optional<Value> get(std::string_view key) {
    const std::optional<std::string_view> json = find_json(key);
    if (!json) return std::nullopt;
    // In place: a type that converts to anything would be asked for an optional.
    return std::optional<Value>(std::in_place, decode<Value>(key, *json));
  }

  /// The same, but returns `fallback` if there is no such key.
  template <class Value>
  auto get_or(std::string_view key, const Value& fallback) {
    using stored = stored_as<Value>;
    const std::optional<std::string_view> json = find_json(key);
    return json ? decode<stored>(key, *json) : stored(fallback);
  }

  /// get() and remove() in one, for messages that are shown once. An absent key changes nothing.
  template <class Value>
  std::optional<Value> pop(std::string_view key) {
    std::optional<Value> value = get<Value>(key);
    if (value) remove(key);
    return value;
  }

  /// The same functions with a session_key, which fixes the type of the value.
  template <class Value>
  std::optional<Value> get(const session_key<Value>& key) {
    return get<Value>(key.name);
  }
  template <class Value>
  Value get_or(const session_key<Value>& key, const std::type_identity_t<Value>& fallback) {
    return get_or<Value>(key.name, fallback);
  }
  template <class Value>
  std::optional<Value> pop(const session_key<Value>& key) {
    return pop<Value>(key.name);
  }
  template <class Value>
  void put(const session_key<Value>& key, const std::type_identity_t<Value>& value) {
    put<Value>(key.name, value);
  }
  template <class Value, class Function>
  Value update(const session_key<Value>& key, Function&& fn) {
    return update<Value>(key.name, std::forward<Function>(fn));
  }
  template <class Value>
  bool exists(const session_key<Value>& key) {
    return exists(key.name);
  }
  template <class Value>
  void remove(const session_key<Value>& key) {
    remove(key.name);
  }

  bool exists(std::string_view key);  ///< Whether there is such a key.

  std::vector<std::string> keys();  ///< All keys, in ascending order (bytewise).

  /// Sets the key's value. Literals and string views are kept as strings. Throws
  /// errc::invalid_value for NaN, infinities and text that is not UTF-8.
  template <class Value>
  void put(std::string_view key, const Value& value) {
    put_json(key, encode<stored_as<Value>>(value), detail::source_of<stored_as<Value>>);
  }

  void remove(std::string_view key);  ///< Removes the key, if it exists.

  /// Removes all keys and the session's user. At the commit, this includes keys that other requests
  /// have added in the meantime. Changes nothing in a session without keys and without a user.
  void clear();

  /// Replaces one key's value by the result of `fn`, without losing what other requests do to it at
  /// the same time. `fn` gets a std::optional<Value>, empty if there is no such key, and returns
  /// the new Value. It is called again after a conflict. The new value is stored before this
  /// function returns, and remains even if the handler throws later. For a session that is not
  /// stored yet, or lives in its cookie, this is a get() and a put(). Returns the stored value.
  /// What `fn` throws passes through, and nothing is stored.
  template <class Value, class Function>
  Value update(std::string_view key, Function&& fn) {
    std::optional<Value> stored;
    update_json(
        key,
        [&](std::optional<std::string_view> json) {
          std::optional<Value> current;
          if (json) current.emplace(decode<Value>(key, *json));
          stored.emplace(fn(std::move(current)));
          return encode<Value>(*stored);
        },
        detail::source_of<Value>);
    return std::move(*stored);
  }

  /// Keeps a message for the next page that shows flashes(), such as the page to which a form
  /// redirects. Beyond max_flashes unshown messages, the oldest are dropped. Concurrent requests
  /// lose no message, but may show the same one. In a session that lives in its cookie the last
  /// response wins. Throws errc::invalid_value unless both texts are UTF-8.
  void flash(std::string_view text, std::string_view kind = {});
  /// Returns the messages in order and removes them. Changes nothing if there are none.
  std::vector<flash_message> flashes();

  static constexpr std::size_t max_flashes = 16;  ///< How many messages are kept.
  /// The key under which flash() keeps the messages.
  static constexpr std::string_view flash_key = "flash messages";

  /// Gives the session a new token at the commit and keeps its data, except for csrf_token(). Call
  /// it when the visitor's rights change in either direction, so that a token known before becomes
  /// worthless. set_user() does it at a login. The lifetime starts again. A session that was never
  /// stored gets a new token anyway. If the session was renewed a moment ago and the browser does
  /// not know it yet, because the response of the first login was lost, the commit begins another
  /// session. Without renew() it would fail with session_gone.
  void renew();

  /// Does renew() and clear() in one step: no other request sees the new token with the old data.
  void renew_and_clear();

  /// What a login does to the session's token.
  enum class at_login {
    /// Calls renew(), so that a token that was known before becomes worthless.
    renew,
    /// Keeps the token: the login gives no new rights, or its client cannot accept a new token.
    keep_token,
  };

  /// Sets the session's user, so that session_manager::sessions_of() and revoke_all() find it. Call
  /// it at each login, after the password was checked. It renews the session unless told otherwise;
  /// a renew() in the same request changes nothing more. (In session_manager::iterate() it does not
  /// renew, because nobody would receive the token.) `where` describes the client in the list of
  /// sessions, so use something that the user will recognize: an address or a browser. It is cut to
  /// 256 bytes, and what is not UTF-8 becomes U+FFFD.
  ///
  /// An empty user removes the session's user. If the session belongs to another user, it loses
  /// that user's values as by clear(), including what this request has put. A session without a
  /// user keeps its values. Throws errc::invalid_value unless the user is UTF-8, and
  /// errc::too_large if it has more than store::max_user_size bytes.
  void set_user(std::string_view user, std::string_view where = {},
                at_login then = at_login::renew);

  std::string user();  ///< The session's user; empty if it has none.

  /// Returns when set_user() was last called, by the manager's clock. Empty if the session has no
  /// user. A renewal keeps it, and merge() takes it over with the user.
  std::optional<time_point> authenticated_at();

  /// Throws scs::error (login_required) unless the session has a user whose login is at most this
  /// long ago. Call it before passwords are changed, sessions are ended or money is moved. When the
  /// visitor has entered the password once more, call set_user() again.
  void require_login_within(std::chrono::nanoseconds age);

  /// Returns the token of this session's forms, for a hidden field or the header `X-CSRF-Token`. It
  /// has the size and alphabet of a session's token, and the visitor's own pages may know it. The
  /// session keeps it under the key csrf_key. renew(), set_user() and clear() drop it, and the next
  /// call returns another one. Returns an empty string for a visitor without a session, and does
  /// not begin one. The first call stores the token immediately, as update() does.
  std::string csrf_token();

  /// Returns whether the request may change something: its method is safe (GET, HEAD, OPTIONS,
  /// TRACE); or the visitor has a session and the request brings its csrf_token(); or the visitor
  /// has no session and request_is_same_origin() returns true. Compares in constant time, and
  /// stores nothing. A refusal is event_kind::cross_site_refused. Always true for a manager with a
  /// header_transport, because no browser sends that token by itself.
  bool allows_change(const csrf_request& request);

  /// The key under which the session keeps csrf_token().
  static constexpr std::string_view csrf_key = "csrf token";

  /// Merges another session into this one. Its token was kept elsewhere while this cookie was not
  /// sent, such as a strict cookie during a login at another site. The other session's values
  /// replace those of the same keys. Its user becomes this session's user if this session has none;
  /// then the earlier of both deadlines applies, otherwise this session's. After the commit has
  /// stored this session, the other one is destroyed as a renewed session is.
  ///
  /// Returns false and changes nothing if the text is no token, is this session's own, or opens no
  /// live session. Throws errc::invalid_value if the other session belongs to another user,
  /// errc::not_supported if sessions live in their cookies. Whoever has the token has the rights of
  /// its session: never take it from a link. Also call renew() if this gives the visitor more
  /// rights.
  bool merge(std::string_view token);

  /// Ends the session in the store immediately, and the session to which it was renewed, if any.
  /// The response clears the cookie, even an error's response. For a session that lives in its
  /// cookie, that is all. Values that are put later begin a new session.
  void destroy();

  /// Whether the cookie outlives the browser. Overrides cookie_options::persist for this session.
  enum class remember { until_deadline, until_browser_closes };
  /// Sets this choice for the session. It is stored with the session.
  void remember_me(remember choice = remember::until_deadline);

  /// Returns the token that the browser holds, or the cookie's whole value if the session lives in
  /// it. Empty for a session that is not stored (yet), and in session_manager::iterate(). A secret.
  std::string token();

  /// Returns the name of this session in events and lists. Empty for a session that is not stored
  /// (yet) or that lives in its cookie. It is not a secret, and changes with a renewal.
  session_id id();

  time_point deadline();  ///< The absolute end, however active the session is.
  /// Changes the deadline. A moment in the past, by the manager's clock, ends the session at the
  /// commit, or prevents it from beginning, and is reported as event_kind::deadline_passed.
  void set_deadline(time_point deadline);
  /// Changes the deadline, counted from now by the manager's clock: `expire_after(12h)`.
  void expire_after(std::chrono::nanoseconds duration);

  /// Ends the session after this time without a request, whatever idle time the options have. Zero:
  /// it has no idle timeout. An empty optional: the options apply again. It is stored with the
  /// session, and a renewal keeps it. It counts from this request on, and never extends beyond the
  /// deadline. Throws errc::invalid_value for a negative time.
  ///
  ///     if (remember) {
  ///       session.remember_me();  // for session_options::lifetime, 30 days for example
  ///     } else {
  ///       session.set_idle_timeout(30min);
  ///       session.expire_after(12h);
  ///     }
  void set_idle_timeout(std::optional<std::chrono::nanoseconds> timeout);
  /// Returns after which time without a request the session ends. Zero: it has no idle timeout.
  std::chrono::nanoseconds idle_timeout();

  session_status status() const noexcept;  ///< What this request has done.

  /// Returns how many changes were made to this session, stored or not, by put(), remove(),
  /// clear(), update(), flash(), flashes(), merge(), renew(), destroy(), set_user(),
  /// set_deadline(), expire_after(), set_idle_timeout() and remember_me(). Two equal numbers mean
  /// that nothing was changed in between, for example since a commit.
  std::uint64_t change_count() const noexcept;

  void touch();  ///< Counts this request as activity, as every use does.

  /// From now on nothing in this request counts as activity, not even touch(). For pages that a
  /// browser requests by itself, which must not keep a user logged in who has left. Changes are
  /// stored as usual, but do not extend the idle time. For a whole route, see
  /// request_info::activity and the adapters' options.
  void set_passive() noexcept;

  /// Stores the changes now, as the end of the request would do. They remain even if the handler
  /// throws later. The response gets its headers at the end as usual. For handlers that stream, or
  /// that start work which reads the session. Throws what a commit throws; nothing else can be done
  /// with the session then. In a store that waits for a network, the slow calls of one request
  /// share the timeout of one call (update() makes such calls). After save() this timeout starts
  /// again.
  void save();

  /// Returns the session as one JSON object, for logs and debugging: id, status, user, deadline,
  /// and the data with this request's changes. It never contains the token: anything that could be
  /// one, by its length and alphabet, is hidden, even in the data. The data may still be
  /// confidential.
  std::string debug_json();

 private:
  friend class session_manager;

  explicit session(std::unique_ptr<detail::session_state> state) noexcept;

  template <class Value>
  static constexpr auto stored_type() {
    if constexpr (detail::text<Value>) {
      return std::type_identity<std::string>{};
    } else {
      static_assert(
          session_value<Value>,
          "scs: this type cannot be kept in a session: specialise scs::value_traits for it, or "
          "include <scs/nlohmann.hpp> and give it to_json and from_json");
      return std::type_identity<Value>{};
    }
  }
  template <class Value>
  using stored_as = typename decltype(stored_type<Value>())::type;

  template <class Value, class From>
  static std::string encode(const From& value) {
    if constexpr (std::is_pointer_v<From>) {
      if (value == nullptr) throw_invalid_value();
    }
    if constexpr (detail::built_in<Value>) {
      return value_traits<Value>::to_json(value);
    } else {
      try {
        return value_traits<Value>::to_json(value);
      } catch (...) {
        throw_invalid_value();
      }
    }
  }

  template <class Value>
  static Value decode(std::string_view key, std::string_view json) {
    static_assert(session_value<Value>,
                  "scs: no value of this type can be kept in a session: specialise "
                  "scs::value_traits for it, or include <scs/nlohmann.hpp> and give it to_json "
                  "and from_json");
    std::optional<Value> value;
    if constexpr (detail::built_in<Value>) {
      value = value_traits<Value>::from_json(json);
    } else {
      try {
        value = value_traits<Value>::from_json(json);
      } catch (...) {
        throw_wrong_type(key, json, detail::name_of_type<Value>());
      }
    }
    if (!value) throw_wrong_type(key, json, detail::name_of_type<Value>());
    return std::move(*value);
  }

  /// Both nest the exception that is being handled, if there is one.
  [[noreturn]] static void throw_wrong_type(std::string_view key, std::string_view json,
                                            std::string_view wanted);
  [[noreturn]] static void throw_invalid_value();

  /// Valid until the session is next changed.
  std::optional<std::string_view> find_json(std::string_view key);
  void put_json(std::string_view key, std::string json, detail::json_source source);
  void update_json(std::string_view key,
                   const std::function<std::string(std::optional<std::string_view>)>& fn,
                   detail::json_source source);

  std::unique_ptr<detail::session_state> state_;
};

}  // namespace scs
