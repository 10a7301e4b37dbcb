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

#include <scs/clock.hpp>
#include <scs/payload.hpp>
#include <scs/session/flash_message.hpp>
#include <scs/session_id.hpp>

namespace scs::detail {

/// What a request changes in its session. It is kept separate from the stored session until the
/// commit, so that after a conflict it can be applied to the session that is stored then. Used by
/// one thread at a time.
class request_changes {
 public:
  /// The keys' new values. Empty for a removed key.
  using key_changes = std::map<std::string, std::optional<std::string>, std::less<>>;

  struct user_change {
    std::string user;
    std::string where;
    time_point created;
    /// When the session began. Empty until the commit asks the store.
    std::optional<time_point> begun{};
  };

  /// A revocation of the user's sessions that this session survives, as if it had begun later.
  struct spared_session {
    std::string user;
    time_point begun;
  };

  /// Messages that the request adds, and stored messages that it has shown.
  struct flash_changes {
    std::vector<flash_message> added{};
    std::vector<flash_message> shown{};
  };

  /// A session that merge() has read.
  struct merged_session {
    session_id id;
    std::string revision;
  };

  /// Sets or removes the key's value.
  void set(std::string_view key, std::optional<std::string> json);
  void clear();
  void set_user(user_change change) { user_ = std::make_unique<user_change>(std::move(change)); }
  void set_user_begun(time_point begun) { user_->begun = begun; }
  void spare(spared_session session) {
    spared_ = std::make_unique<spared_session>(std::move(session));
  }
  /// Empty: the manager's idle timeout applies.
  void set_idle_timeout(std::optional<std::chrono::nanoseconds> timeout) {
    idle_timeout_ = std::make_unique<std::optional<std::chrono::nanoseconds>>(timeout);
  }
  void set_deadline(time_point deadline) { deadline_ = deadline; }
  void set_remember_me(bool persist) { remember_me_ = persist; }
  /// How the new value of session::flash_key came about, so that it can be repeated on another
  /// record's value. Any other change of that key drops it.
  void set_flashes(flash_changes changes) {
    flashes_ = std::make_unique<flash_changes>(std::move(changes));
  }
  void renew() { renews_ = true; }

  /// Merges another session: sets its values, and its user unless this session belongs to `user`.
  /// Throws scs::error (invalid_value), and changes nothing, if the sessions belong to different
  /// users. If the user is taken over, the deadline becomes the earlier one of the other's and
  /// `deadline`, the present one.
  void take_over(const payload& other, std::string_view user, time_point deadline, time_point now);

  /// The key's value was stored, so its pending change is done. After clear() it must be put once
  /// more.
  void settle(std::string_view key, std::string&& json);

  /// Forgets all but `merged`: the changes were stored or dropped.
  void forget() noexcept;

  /// Whether forget() would forget anything.
  bool any() const noexcept;
  /// Whether a session begins with these changes. A session without values and without a user is
  /// not stored.
  bool puts_something() const noexcept;

  /// The key's new value. Null if the key was not changed. Valid until the next change.
  const std::optional<std::string>* find(std::string_view key) const noexcept;
  const key_changes& keys() const noexcept { return keys_; }
  /// Returns the size in bytes of all keys and new values if this key's value had this size.
  std::size_t size_with(std::string_view key, std::size_t value_size) const noexcept;
  /// Whether clear() was called. It takes effect before keys().
  bool cleared() const noexcept { return cleared_; }
  const std::optional<time_point>& deadline() const noexcept { return deadline_; }
  const std::optional<bool>& remember_me() const noexcept { return remember_me_; }
  /// This function and the next three return null if there is no such change.
  const std::optional<std::chrono::nanoseconds>* idle_timeout() const noexcept {
    return idle_timeout_.get();
  }
  const flash_changes* flashes() const noexcept { return flashes_.get(); }
  const user_change* user() const noexcept { return user_.get(); }
  bool renews() const noexcept { return renews_; }
  const spared_session* spared() const noexcept { return spared_.get(); }

  /// To be destroyed after the commit.
  std::vector<merged_session> merged{};

 private:
  key_changes keys_{};
  std::size_t size_ = 0;  // of all keys and values in keys_
  bool cleared_ = false;
  std::optional<time_point> deadline_{};
  std::optional<bool> remember_me_{};
  // Few requests have these.
  std::unique_ptr<std::optional<std::chrono::nanoseconds>> idle_timeout_{};
  std::unique_ptr<flash_changes> flashes_{};
  std::unique_ptr<user_change> user_{};
  std::unique_ptr<spared_session> spared_{};
  bool renews_ = false;
};

}  // namespace scs::detail
