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
/// must contain. A session_state shares it with the storage of its session.
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
  /// Changes the value. Throws scs::error (too_large), and changes nothing, if the new values alone
  /// exceed the limit of a payload, because no commit would accept them.
  void put(std::string_view key, std::string json);
  /// flash() adds a message to those that the request sees. take_flashes() removes and returns all
  /// of them.
  void flash(flash_message message);
  std::vector<flash_message> take_flashes();
  /// Call it after another record was adopted. Messages that other requests have added stay, and
  /// those that they have shown do not return.
  void reapply_flashes();
  /// The session's user as the request sees it. Empty if it has none.
  std::string user();
  /// Whether the request sees neither values nor a user.
  bool is_empty();
  /// The idle timeout as the request sees it. Zero: there is none.
  std::chrono::nanoseconds idle_timeout();
  /// Returns the stored session with these changes applied. Its views point into both.
  payload with(const request_changes& applied);
  payload merged() { return with(changes); }

  /// The expiry of a new record, of the record of a renewed session, and of one that replaces what
  /// was read.
  time_point expiry_of_new(const payload& contents) const noexcept;
  time_point expiry_of_renewed(const payload& contents);
  time_point expiry_of_replaced(const payload& contents);
  /// Rule 8: whether this request extends the idle time of the live session.
  bool extends_idle_time();
  /// Whether enough of the idle time has passed to write the new expiry.
  bool extension_is_due(time_point expiry);

  /// Reports an event with the session's user, if it is known, and the request.
  void report(event_kind kind, const session_id& id, std::exception_ptr cause = {}) noexcept;
  /// What an event contains about the request.
  event_source source() const noexcept {
    if (!request_) return {};
    return {.user = {}, .method = request_->method, .path = request_->path};
  }

  /// Rule 2.
  [[noreturn]] void throw_gone();

  manager_core& core;
  const request_start start;
  loaded_session loaded;
  request_changes changes;  // no braces: they would zero it first
  session_response response;
  /// Whether there is a visitor, who can receive a token.
  bool has_visitor = true;
  /// Whether the request counts as activity.
  bool is_active = true;
  /// Whether the answer must wait until the erasures are durable.
  bool owes_sync = false;
  /// The time that the request's calls to the store have taken, as far as it counts (timed_call).
  std::chrono::nanoseconds store_time{0};

 private:
  std::optional<std::string_view> find_stored(std::string_view key);
  bool is_visited() const noexcept { return has_visitor && is_active; }
  /// Zero: there is none.
  std::chrono::nanoseconds idle_timeout_of(const payload& contents) const noexcept;
  time_point expiry_without_activity(const payload& contents);
  void copy_user(payload& to, const payload& from) const;
  void describe(const request_info& request);

  std::unique_ptr<request_line> request_{};  // null if events are not reported
};

}  // namespace scs::detail
