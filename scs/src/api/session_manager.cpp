#include <utility>

#include <scs/error.hpp>
#include <scs/session_manager.hpp>

#include "headers/cookie.hpp"
#include "headers/transport.hpp"
#include "manager/manager_core.hpp"
#include "manager/user_sessions.hpp"
#include "session/session_state.hpp"

namespace scs {

session_manager::session_manager(std::unique_ptr<scs::store> store, session_options options)
    : core_(std::make_unique<detail::manager_core>(std::move(store), std::move(options))) {}
session_manager::session_manager(std::unique_ptr<client_store> store, session_options options)
    : core_(std::make_unique<detail::manager_core>(std::move(store), std::move(options))) {}
session_manager::~session_manager() = default;

session session_manager::load(std::span<const std::string_view> header_lines,
                              const request_info& request) {
  if (core_->keeps_at_client()) {
    return session{std::make_unique<detail::session_state>(
        *core_,
        find_values(header_lines, core_->options().cookie.name, client_store::max_value_size),
        request)};
  }
  token_candidates offered = core_->options().transport
                                 ? find_header_tokens(header_lines)
                                 : find_tokens(header_lines, core_->options().cookie.name);
  return session{std::make_unique<detail::session_state>(*core_, std::move(offered), request)};
}

bool session_manager::try_load(session& session) {
  if (!session.loaded()) {
    const bool may_end_sessions = core_->options().old_tokens == old_token_policy::revoke;
    if (may_end_sessions || !core_->has_nonblocking_store()) return false;
    session.load();
  }
  return true;
}

std::vector<header> session_manager::commit(session& session) {
  return session.state_->commit();
}
std::optional<std::vector<header>> session_manager::try_commit(session& session) {
  return session.state_->try_commit();
}
void session_manager::announce_commit(session& session) {
  session.state_->announce_commit();
}
std::vector<header> session_manager::abandon(session& session) {
  return session.state_->abandon();
}
std::optional<std::vector<header>> session_manager::try_abandon(session& session) {
  return session.state_->try_abandon();
}
void session_manager::revoke(const session_id& id) {
  core_->destroy(id);
  core_->sync_erasures();
}

std::vector<user_session> session_manager::sessions_of(std::string_view user) {
  if (user.empty()) return {};
  return detail::list_sessions(*core_, user).sessions;
}

std::vector<user_session> session_manager::sessions_of(session& current) {
  std::vector<user_session> listed = sessions_of(current.user());
  const session_id id = current.id();
  for (user_session& session : listed)
    session.current = !id.empty() && session.id == id;
  return listed;
}

std::size_t session_manager::count(std::string_view user) {
  return sessions_of(user).size();
}

std::optional<std::uint64_t> session_manager::count() {
  return core_->count();
}

bool session_manager::revoke(std::string_view user, const session_id& id) {
  session_id stored = id;
  if (core_->options().ids == id_mode::raw) {  // the listed id is not the store's
    stored = {};
    const detail::user_listing listing = detail::list_sessions(*core_, user);
    for (std::size_t i = 0; i < listing.ids.size(); ++i) {
      if (listing.sessions[i].id == id) stored = listing.ids[i];
    }
  }
  if (stored.empty()) return false;
  const std::optional<record> found = core_->find_fresh(stored);
  if (found && !core_->belongs_to(*found, user)) return false;
  const bool ended = !core_->destroy(stored, {.others_than = user}).empty();
  core_->sync_erasures();
  return ended;
}

std::size_t session_manager::revoke_all(std::string_view user) {
  if (user.empty()) return 0;
  const std::size_t count = detail::revoke_sessions(*core_, user, {}).count;
  core_->sync_erasures();
  return count;
}

std::size_t session_manager::revoke_everybody() {
  const std::size_t count = detail::revoke_everybody(*core_);
  core_->sync_erasures();
  return count;
}

std::size_t session_manager::revoke_others(session& current) {
  const std::string user = current.user();
  if (user.empty()) return 0;
  current.renew();
  const detail::revoked_sessions revoked =
      detail::revoke_sessions(*core_, user, current.state_->stored_id());
  current.state_->spare(user, revoked.until);
  current.state_->owe_sync();
  return revoked.count;
}

void session_manager::iterate(const std::function<visit(session&)>& visit_session) {
  core_->for_each(visiting(visit_session));
  core_->sync_erasures();
}

void session_manager::iterate(std::string_view user,
                              const std::function<visit(session&)>& visit_session) {
  if (user.empty()) return;
  core_->for_each_of_user(user, visiting(visit_session));
  core_->sync_erasures();
}

std::function<visit(const session_id&, const record&)> session_manager::visiting(
    const std::function<visit(session&)>& visit_session) {
  return [this, &visit_session](const session_id& id, const record& found) {
    auto state = detail::session_state::of_record(*core_, id, found);
    if (!state) return visit::next;
    session session{std::move(state)};
    const visit next = visit_session(session);
    try {
      session.state_->commit_changes_only();
    } catch (const error& failure) {
      if (failure.code() != errc::session_gone) throw;  // it ended meanwhile
    }
    return next;
  };
}

std::span<const std::string> session_manager::request_header_names() const noexcept {
  return core_->request_header_names();
}

const std::string& session_manager::cookie_name() const noexcept {
  return core_->options().cookie.name;
}
const session_options& session_manager::options() const noexcept {
  return core_->options();
}
scs::store& session_manager::store() {
  return core_->store();
}

}  // namespace scs
