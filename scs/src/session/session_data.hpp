#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scs/clock.hpp>
#include <scs/event.hpp>
#include <scs/payload.hpp>
#include <scs/session/flash_message.hpp>
#include <scs/session_manager.hpp>

#include "manager/manager_core.hpp"
#include "session/loaded_session.hpp"
#include "session/request_changes.hpp"
#include "session/session_response.hpp"

namespace scs::detail {

/// A session as one request sees it: what was read, what the request changes, and what the response
/// has to say. A session_state shares it with the storage of its session.
class session_data {
 public:
  session_data(manager_core& manager, const request_info& request)
      : core(manager),
        start(manager.keeps_at_client() ? request_start{} : manager.start()),
        loaded(manager),
        is_active(request.activity == request_activity::counts) {
    if (manager.tells_events()) describe(request);
  }

  /// The value that the request sees. Valid until the next change or commit.
  std::optional<std::string_view> find(std::string_view key);
  /// Changes the value. Throws scs::error (too_large), and has then changed nothing, if the new
  /// values alone are more than a payload may have: no commit would take them.
  void put(std::string_view key, std::string json);
  /// Adds a message to those that the request sees, and takes them all.
  void flash(flash_message message);
  std::vector<flash_message> take_flashes();
  /// After another record was adopted: the messages that other requests have added stay, and those
  /// that they have shown do not come back.
  void reapply_flashes();
  /// Whose session it is as the request sees it; empty for nobody's.
  std::string user();
  /// Whether the request sees no values, and nobody whose session it is.
  bool is_empty();
  /// How long the session may idle as the request sees it; zero: for ever.
  std::chrono::nanoseconds idle_timeout();
  /// What the store said with these changes applied. Holds views into both.
  payload with(const request_changes& applied);
  payload merged() { return with(changes); }

  /// Where a new record expires, one that the session is renewed to, and one that replaces what was
  /// read.
  time_point expiry_of_new(const payload& contents) const noexcept;
  time_point expiry_of_renewed(const payload& contents);
  time_point expiry_of_replaced(const payload& contents);
  /// Rule 8: whether the live session has an idle timeout that this request extends.
  bool extends_idle_time();
  /// And whether enough of it has passed to write the new expiry.
  bool extension_is_due(time_point expiry);

  /// With the session's user, if it is known, and the request.
  void report(event_kind kind, const session_id& id, std::exception_ptr cause = {}) noexcept;
  /// What an event says of the request alone.
  event_source source() const noexcept {
    if (!request_) return {};
    return {.user = {}, .method = request_->method, .path = request_->path};
  }

  /// Rule 2.
  [[noreturn]] void throw_gone();

  manager_core& core;
  const request_start start;
  loaded_session loaded;
  request_changes changes;  // without braces, which would fill it with zeros first
  session_response response;
  /// Whether there is a visitor, who can be given a token.
  bool has_visitor = true;
  /// Whether the request counts as activity.
  bool is_active = true;
  /// Whether the answer must wait until what was erased is durable.
  bool owes_sync = false;
  /// What the request's calls of the store have taken, as far as it counts (timed_call).
  std::chrono::nanoseconds store_time{0};

 private:
  std::optional<std::string_view> find_stored(std::string_view key);
  bool is_visited() const noexcept { return has_visitor && is_active; }
  /// Zero: none.
  std::chrono::nanoseconds idle_timeout_of(const payload& contents) const noexcept;
  time_point expiry_without_activity(const payload& contents);
  void copy_user(payload& to, const payload& from) const;
  void describe(const request_info& request);

  std::unique_ptr<request_line> request_{};  // null if nobody is told of events
};

}  // namespace scs::detail
