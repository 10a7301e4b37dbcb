#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <scs/session.hpp>

namespace scs::detail {

/// Returns `json` without white space around it, as it is stored in a payload. Throws scs::error
/// (invalid_value) unless it is exactly one JSON value.
std::string checked_json(std::string json, json_source source);

/// Computes a key's new value from its present value.
struct json_update {
  const std::function<std::string(std::optional<std::string_view>)>& make;
  json_source source;

  std::string operator()(std::optional<std::string_view> present) const {
    return checked_json(make(present), source);
  }
};

/// Where a request's session is kept: a store at the server has its record (stored_session), or it
/// lives in its cookie (cookie_session). It works on the session_data that it shares with its
/// session_state. Its functions throw scs::error only.
class session_storage {
 public:
  session_storage(const session_storage&) = delete;
  session_storage& operator=(const session_storage&) = delete;

  /// Looks for the session among what the browser sent. Rule 10: the first live session wins.
  virtual void open() = 0;

  /// Bypasses all copies, and reads the session again if it is open already. Throws session_gone if
  /// the session was live and has ended.
  virtual void open_fresh() = 0;

  /// Stores the changes and then forgets them. Does nothing if there are none.
  virtual void commit() = 0;
  /// Does commit() or, if there are no changes, extend(), if that does not block. Otherwise it
  /// returns false and changes nothing.
  virtual bool try_commit() = 0;

  /// Rule 8: extends the idle time, if that is due. A failure is reported as an event.
  virtual void extend() noexcept = 0;

  /// Rule 4: ends all sessions whose tokens the browser sent.
  virtual void end() = 0;

  /// Rule 6: changes one value, immediately if the session is in a store. Returns whether it was.
  virtual bool update(std::string_view key, const json_update& make) = 0;

  /// Takes over the values of another session. Returns false and changes nothing if there is no
  /// such session.
  virtual bool merge(std::string_view token_text) = 0;

  /// Returns what the browser gets for a live session. Empty if it gets nothing. Valid until the
  /// next call of another function.
  virtual std::string_view token_text() const noexcept = 0;

 protected:
  session_storage() = default;
  ~session_storage() = default;
};

}  // namespace scs::detail
