#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <scs/clock.hpp>
#include <scs/payload.hpp>

#include "manager/manager_core.hpp"
#include "session/loaded_session.hpp"
#include "session/request_changes.hpp"
#include "session/session_response.hpp"

namespace scs::detail {

/// A session as one request sees it: what was read, what the request changes, and what the response
/// has to say. A session_state shares it with the storage of its session.
class session_data {
 public:
  explicit session_data(manager_core& manager) noexcept
      : core(manager),
        start(manager.keeps_at_client() ? request_start{} : manager.start()),
        loaded(manager) {}

  /// The value that the request sees. Valid until the next change or commit.
  std::optional<std::string_view> find(std::string_view key);
  /// Changes the value. Throws scs::error (too_large), and has then changed nothing, if the new
  /// values alone are more than a payload may have: no commit would take them.
  void put(std::string_view key, std::string json);
  /// Whose session it is as the request sees it; empty for nobody's.
  std::string user();
  /// What the store said with these changes applied. Holds views into both.
  payload with(const request_changes& applied);
  payload merged() { return with(changes); }

  /// Where a new record expires, and one that replaces what was read.
  time_point expiry_of_new(time_point deadline) const noexcept;
  time_point expiry_of_replaced(time_point deadline);
  /// Rule 8: whether enough of the idle timeout has passed to write the new expiry.
  bool extension_is_due(time_point expiry) const noexcept;

  /// Rule 2.
  [[noreturn]] void throw_gone();

  manager_core& core;
  const request_start start;
  loaded_session loaded;
  request_changes changes{};
  session_response response{};
  /// Whether there is a visitor, who is active and can be given a token.
  bool has_visitor = true;

 private:
  void copy_user(payload& to, const payload& from) const;
};

}  // namespace scs::detail
