#include "session/loaded_session.hpp"

#include <algorithm>

#include "basics/times.hpp"

namespace scs::detail {

const payload& loaded_session::contents() {
  if (!contents_are_current_) {
    contents_ = core_.decode(record_.payload);
    contents_are_current_ = true;
  }
  return contents_;
}

bool loaded_session::has_expired() {
  return core_.has_come(std::min(record_.expiry, contents().deadline));
}

bool loaded_session::is_old_tombstone() {
  const time_point renewed_at = earlier(contents().deadline, tombstone_lifetime);
  return time_between(renewed_at, core_.now()) > core_.options().old_token_grace;
}

void loaded_session::adopt(record&& stored) noexcept {
  record_ = std::move(stored);
  contents_are_current_ = false;
}

void loaded_session::adopt_live(const session_id& id) noexcept {
  id_ = id;
  kind_ = kind::live;
}

void loaded_session::adopt_tombstone(const session_id& id) noexcept {
  id_ = id;
  kind_ = kind::gone;
  fresh_deadline_ = end_of_lifetime();
}

void loaded_session::adopt_none() noexcept {
  adopt({});
  id_ = {};
  kind_ = kind::none;
  fresh_deadline_ = end_of_lifetime();
}

record loaded_session::take() noexcept {
  contents_are_current_ = false;
  return std::exchange(record_, {});
}

time_point loaded_session::end_of_lifetime() const noexcept {
  return later(core_.now(), core_.options().lifetime);
}

}  // namespace scs::detail
