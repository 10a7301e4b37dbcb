#include "manager/revocations.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <scs/error.hpp>
#include <scs/payload_codec.hpp>
#include <scs/store/watermark.hpp>
#include <scs/value.hpp>

#include "basics/times.hpp"
#include "manager/retry.hpp"

namespace scs::detail {

namespace {

constexpr std::string_view member_name = "revoked_until";

/// The text does not depend on the sessions' codec. Go's SCS reads it as an empty session.
std::string text_of(time_point until, time_point expiry) {
  return R"({"data":{},"deadline":)" + std::to_string(expiry.time_since_epoch().count()) + ",\"" +
         std::string{member_name} + "\":" + std::to_string(until.time_since_epoch().count()) + '}';
}

time_point moment_of(const record& found) {
  const payload contents = json_codec{}.decode(found.payload);
  for (const payload::member& member : contents.others) {
    if (member.key != member_name) continue;
    if (const auto moment = value_traits<std::int64_t>::from_json(member.json)) {
      return time_point{std::chrono::nanoseconds{*moment}};
    }
  }
  throw error(errc::payload_undecodable, "a watermark does not say which sessions have ended");
}

/// A watermark that cannot be read is store_failed. It is not treated as an undecodable session,
/// which would only begin another session.
time_point moment_or_failure(const record& found) {
  try {
    return moment_of(found);
  } catch (const error&) {
    std::throw_with_nested(
        error(errc::store_failed, "the record of a user's revocation cannot be read"));
  }
}

}  // namespace

time_point revoked_until(manager_core& core, std::string_view user) {
  const std::optional<record> found = core.find(watermark_id(user));
  return found ? moment_or_failure(*found) : time_point::min();
}

time_point fresh_revoked_until(manager_core& core, std::string_view user) {
  core.forget(watermark_id(user));
  return revoked_until(core, user);
}

time_point revoked_until(manager_core& core, std::string_view user,
                         const session_with_watermark& read, read_from from) {
  if (user.empty()) return time_point::min();
  if (read.user == user) {
    return read.watermark ? moment_or_failure(*read.watermark) : time_point::min();
  }
  return from == read_from::engine ? fresh_revoked_until(core, user) : revoked_until(core, user);
}

bool is_revoked(const payload& contents, time_point until) noexcept {
  if (contents.user.empty() || until == time_point::min()) return false;
  return contents.begun.value_or(time_point::min()) <= until;
}

bool is_revoked(manager_core& core, const payload& contents) {
  return !contents.user.empty() && is_revoked(contents, revoked_until(core, contents.user));
}

raised_watermark raise_watermark(manager_core& core, std::string_view user) {
  const session_id id = watermark_id(user);
  for (retry again{core};; again.wait()) {
    const std::optional<record> found = core.find_fresh(id);
    const time_point before = found ? moment_or_failure(*found) : time_point::min();
    constexpr std::chrono::nanoseconds step{1};
    time_point now = std::max(core.engine_time(id), later(core.last_revocation(), step));
    if (found) now = std::max(now, later(before, step));
    time_point expiry = later(core.now(), core.options().lifetime);
    if (found) expiry = std::max(expiry, found->expiry);
    const std::optional<std::string> revision =
        found ? std::optional(found->revision) : std::nullopt;
    const auto result = core.commit(id, text_of(now, expiry), expiry, revision, {}).result;
    if (result != commit_result::outcome::committed) continue;
    core.note_revocation(now);
    return {before, now};
  }
}

void keep_watermark(manager_core& core, std::string_view user, time_point until) {
  if (until > later(core.now(), core.options().lifetime)) core.touch(watermark_id(user), until);
}

time_point began(manager_core& core, std::string_view user, const request_start& start) {
  const time_point now = core.engine_time(watermark_id(user));
  // A revocation that this process completed before the request was loaded came before the session,
  // whatever the clock says.
  return std::max(earlier(now, core.elapsed_since(start)),
                  later(start.last_revocation, std::chrono::nanoseconds{1}));
}

}  // namespace scs::detail
