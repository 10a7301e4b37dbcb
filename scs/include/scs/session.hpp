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

/// Who wrote a JSON text, and so whether it must be checked before it goes into a payload.
enum class json_source { this_library, user };

template <class Value>
inline constexpr json_source source_of =
    built_in<Value> ? json_source::this_library : json_source::user;

}  // namespace detail

/// What a request has done to its session, since its last commit or save() if there was one.
/// `destroyed` stays until something is put.
enum class session_status { unmodified, modified, destroyed };

/// Whether a session asks the store by itself.
enum class load_policy {
  /// When it is first used.
  on_first_use,
  /// Only in session::load(); any other use before that is errc::not_loaded. For servers whose
  /// threads must not block.
  explicit_only,
};

/// A visitor's session, as one request sees it: made by session_manager::load(), used by one thread
/// at a time, ended by session_manager::commit() or abandon(). Its manager outlives it. It can be
/// moved; a session that was moved from can only be assigned to or destroyed.
///
/// The store is asked on first use. Changes are kept here until the commit; only destroy() and, on
/// a session that is already stored at the server, update() act on the store at once. When the
/// store cannot be asked, every function throws errc::store_failed, and so does the commit, even if
/// the handler caught it.
///
/// What alone has more bytes than session_options::max_payload_bytes cannot be put:
/// errc::too_large. Keys are UTF-8 (else errc::invalid_value). What a value can be says
/// value_traits.
class session {
 public:
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  /// Asks the store now, if it has not been asked.
  void load();
  bool loaded() const noexcept;

  /// For what must not be done through a session that has just ended, such as changing a password
  /// or moving money: asks the store now, past any copy that a near cache has, also if the session
  /// is loaded already. What the request has changed stays. Throws session_gone if the session that
  /// was loaded before has ended since. Without one it is load(), and the session may be nobody's.
  /// Asks for the epoch of its user once more if the session lives in its cookie. Blocks as load()
  /// does.
  void load_fresh();

  /// Empty if there is no such key; errc::wrong_type if it holds something else than a Value, or a
  /// number outside of its range.
  template <class Value>
  std::optional<Value> get(std::string_view key) {
    const std::optional<std::string_view> json = find_json(key);
    if (!json) return std::nullopt;
    // In place: a type that converts to anything would be asked for an optional.
    return std::optional<Value>(std::in_place, decode<Value>(key, *json));
  }

  /// The same, but `fallback` if there is no such key.
  template <class Value>
  auto get_or(std::string_view key, const Value& fallback) {
    using stored = stored_as<Value>;
    const std::optional<std::string_view> json = find_json(key);
    return json ? decode<stored>(key, *json) : stored(fallback);
  }

  /// get() and remove() in one: for messages that are shown once. An absent key changes nothing.
  template <class Value>
  std::optional<Value> pop(std::string_view key) {
    std::optional<Value> value = get<Value>(key);
    if (value) remove(key);
    return value;
  }

  /// These by a session_key, whose type the value has.
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

  bool exists(std::string_view key);

  /// All keys, in ascending order (bytewise).
  std::vector<std::string> keys();

  /// Sets the key. Literals and string views are kept as strings. errc::invalid_value for NaN,
  /// infinities and text that is not UTF-8.
  template <class Value>
  void put(std::string_view key, const Value& value) {
    put_json(key, encode<stored_as<Value>>(value), detail::source_of<stored_as<Value>>);
  }

  /// An absent key changes nothing.
  void remove(std::string_view key);

  /// Removes every key that is there at the commit, also those which other requests add until then,
  /// and whose session it is. Changes nothing in a session without keys and without a user.
  void clear();

  /// Replaces the value of one key by what `fn` makes of it, without losing what other requests do
  /// to it at the same time: `fn` is called with a std::optional<Value> (empty if there is no such
  /// key) and returns the new Value, as often as needed. Stored before this function returns, and
  /// kept even if the handler throws later; on a session that is not yet stored, or lives in its
  /// cookie, it is a get() and a put(). Returns what was stored. What `fn` throws passes through,
  /// and nothing is stored.
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

  /// Keeps a message for the next page that shows flashes(), such as the one that a form redirects
  /// to. Of more than max_flashes that nobody has shown, the oldest go. Requests that run at the
  /// same time lose none, and may show the same one; in a session that lives in its cookie the last
  /// response wins. errc::invalid_value unless both texts are UTF-8.
  void flash(std::string_view text, std::string_view kind = {});
  /// The messages in order, which are in the session no longer. Without any, nothing is changed.
  std::vector<flash_message> flashes();

  static constexpr std::size_t max_flashes = 16;
  /// The key under which they are kept.
  static constexpr std::string_view flash_key = "flash messages";

  /// Gives the session a new token at the commit and keeps its data but the csrf_token(): to be
  /// called when the visitor's rights change (more rights, fewer rights; set_user() does it at a
  /// login), so that a token known before is worth nothing. Starts the lifetime anew. Without
  /// effect on a session that was never stored: it gets a new token anyway. If the session was
  /// renewed a moment ago and the browser does not know it yet (the first login's answer was lost),
  /// the commit begins another session; without renew() it would fail with session_gone.
  void renew();

  /// renew() and clear(), in one step for everybody else: no request sees the new token with the
  /// old data.
  void renew_and_clear();

  /// What a login does to the session's token.
  enum class at_login {
    /// renew(): whoever knew the token before has nothing now.
    renew,
    /// Nothing: for a login that gives no new rights, or whose client cannot take a new token.
    keep_token,
  };

  /// Says whose session it is, so that session_manager::sessions_of() and revoke_all() find it; to
  /// be called at each login, after the password was checked. Renews the session, unless told
  /// otherwise; a renew() in the same request changes nothing more. (In session_manager::iterate()
  /// it renews nothing: nobody would get the token.) `where` is shown in the list of sessions, so
  /// say what the user will recognize: an address, a browser; of more than 256 bytes the rest is
  /// dropped, and what is not UTF-8 becomes U+FFFD. An empty user takes the session from its user.
  /// A session that is another user's loses that user's values, as by clear(), with what this
  /// request has put; one that is nobody's keeps its values. errc::invalid_value unless the user is
  /// UTF-8, errc::too_large if it has more than store::max_user_size bytes.
  void set_user(std::string_view user, std::string_view where = {},
                at_login then = at_login::renew);

  /// Empty if it is nobody's.
  std::string user();

  /// When set_user() was last called, by the manager's clock; empty if the session is nobody's. A
  /// renewal keeps it, and merge() takes it over with the user.
  std::optional<time_point> authenticated_at();

  /// Throws scs::error (login_required) unless the session has a user whose login is at most this
  /// long ago: to be called before passwords are changed, sessions ended or money moved. After the
  /// password was checked once more, call set_user() again.
  void require_login_within(std::chrono::nanoseconds age);

  /// The token of this session's forms, for a hidden field or the header `X-CSRF-Token`: of the
  /// size and alphabet of a session's token, and no secret to the visitor's own pages. Kept in the
  /// session under the key csrf_key; renew(), set_user() and clear() drop it: the next call returns
  /// another one. Empty for a visitor without a session, for whom no session begins. The first call
  /// stores it at once, as update() does.
  std::string csrf_token();

  /// Whether the request may change something: it is one of a safe method (GET, HEAD, OPTIONS,
  /// TRACE); or the visitor has a session, and the request brings its csrf_token(); or the visitor
  /// has none, and request_is_same_origin(). Compares in constant time; stores nothing. False is
  /// event_kind::cross_site_refused. Always true for a manager with a header_transport, whose token
  /// no browser sends by itself.
  bool allows_change(const csrf_request& request);

  /// The key under which csrf_token() is kept.
  static constexpr std::string_view csrf_key = "csrf token";

  /// Takes over another session, whose token was kept somewhere else while this cookie was out of
  /// reach (a strict cookie during a login at another site): its values are put into this session,
  /// over those of the same keys; its user becomes this session's, if this is nobody's; at the
  /// commit, after this session is stored, the other is destroyed, as a session that was renewed
  /// is. Deadlines stay as they are, but with a user comes the earlier one of both. False, and
  /// nothing changes, if the text is no token, this session's own, or that of no live session.
  /// errc::invalid_value if the other is another user's, errc::not_supported if sessions live in
  /// their cookies. Whoever has the token has the rights of its session: never take it from a link.
  /// Call renew() too if this gives the visitor more rights.
  bool merge(std::string_view token);

  /// Ends the session in the store at once, and what it was renewed to; the cookie is cleared with
  /// the response, be it an error. Of a session that lives in its cookie that is all. What is put
  /// afterwards begins a new session.
  void destroy();

  /// Whether the cookie outlives the browser; overrides cookie_options::persist for this session.
  enum class remember { until_deadline, until_browser_closes };
  void remember_me(remember choice = remember::until_deadline);

  /// The token that the browser holds, or the cookie's whole value if the session lives in it;
  /// empty for a session that is not stored (yet), and in session_manager::iterate(). A secret.
  std::string token();

  /// How events and lists name this session; empty for one that is not stored (yet), or lives in
  /// its cookie. No secret, and another one after a renewal.
  session_id id();

  /// The absolute end of the session, however active it is.
  time_point deadline();
  /// Changes it. A moment that has passed, by the manager's clock, ends the session at the commit,
  /// or keeps it from beginning: that is event_kind::deadline_passed.
  void set_deadline(time_point deadline);
  /// The same, counted from now, by the manager's clock: `expire_after(12h)`.
  void expire_after(std::chrono::nanoseconds duration);

  /// Without a request for this long, the session ends, whatever session_options says of idle
  /// times; zero: it does not. Without a value, the options decide again. Stored with the session;
  /// a renewal keeps it. Counts from this request on, and never beyond the deadline. Throws
  /// errc::invalid_value for a time of less than zero.
  ///
  ///     if (remember) {
  ///       session.remember_me();  // for session_options::lifetime, 30 days for example
  ///     } else {
  ///       session.set_idle_timeout(30min);
  ///       session.expire_after(12h);
  ///     }
  void set_idle_timeout(std::optional<std::chrono::nanoseconds> timeout);
  /// How long the session may be without a request; zero: for ever.
  std::chrono::nanoseconds idle_timeout();

  session_status status() const noexcept;

  /// How often this session was changed, stored or not, by put(), remove(), clear(), update(),
  /// flash(), flashes(), merge(), renew(), destroy(), set_user(), set_deadline(), expire_after(),
  /// set_idle_timeout() and remember_me(). Two equal numbers mean that nothing was changed in
  /// between, after a commit for example.
  std::uint64_t change_count() const noexcept;

  /// Counts this request as activity, as every use of the session does.
  void touch();

  /// From here on nothing in this request counts as activity, touch() neither: for pages that a
  /// browser asks for by itself, which must not keep somebody logged in who has left. What the
  /// request changes is stored as usual, without another idle expiry. For a whole route: see
  /// request_info::activity and the adapters' options.
  void set_passive() noexcept;

  /// Stores the changes now, as the end of the request would, and keeps them even if the handler
  /// throws later; the response gets its headers at the end as usual. For a handler that hands work
  /// to somebody who will look at the session, or streams. Throws what a commit throws; nothing
  /// else can be done with the session then. Of a store that waits for a network, slow calls of one
  /// request share the time of one call (update() is such calls): after save() it begins anew.
  void save();

  /// The session as one JSON object, for logs and debugging: id, status, user, deadline, and the
  /// data with this request's changes. Never holds the token, not even if a value does: whatever in
  /// the data may be one, by its length and alphabet, is hidden. The data may well be confidential.
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

  /// Both nest the exception being handled, if there is one.
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
