#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <scs/session.hpp>

namespace scs::detail {

/// The JSON that `json` holds, without white space around it: what goes into a payload. Throws
/// scs::error (invalid_value) unless that is one value.
std::string checked_json(std::string json, json_source source);

/// Makes a key's new value of the present one.
struct json_update {
  const std::function<std::string(std::optional<std::string_view>)>& make;
  json_source source;

  std::string operator()(std::optional<std::string_view> present) const {
    return checked_json(make(present), source);
  }
};

/// Where a request's session is kept: a store at the server has its record (stored_session), or it
/// lives in its cookie (cookie_session). Works on the session_data that it shares with its
/// session_state. What these functions throw is scs::error.
class session_storage {
 public:
  session_storage(const session_storage&) = delete;
  session_storage& operator=(const session_storage&) = delete;

  /// Looks for the session among what the browser sent; rule 10: the first live one wins.
  virtual void open() = 0;

  /// Looks past all copies; if the session is open already, once more. Throws session_gone if it
  /// was live and has ended.
  virtual void open_fresh() = 0;

  /// Stores the changes, and forgets them then. Does nothing if there are none.
  virtual void commit() = 0;
  /// commit() or, if there are no changes, extend(), if that does not block. Otherwise false, and
  /// nothing was changed.
  virtual bool try_commit() = 0;

  /// Rule 8: writes how long the session lives without a request, if that is due. A failure is an
  /// event.
  virtual void extend() noexcept = 0;

  /// Rule 4: whatever the browser sent is no session any more.
  virtual void end() = 0;

  /// Rule 6: changes one value, at once if the session is in a store. Returns whether it was.
  virtual bool update(std::string_view key, const json_update& make) = 0;

  /// Takes over the values of another session. False, and nothing was changed, if there is none.
  virtual bool merge(std::string_view token_text) = 0;

  /// What the browser is given for a live session; empty if that is nothing. Valid until the next
  /// call of another function.
  virtual std::string_view token_text() const noexcept = 0;

 protected:
  session_storage() = default;
  ~session_storage() = default;
};

}  // namespace scs::detail
