#include <utility>

#include <scs/session_manager.hpp>

#include "cookie.hpp"
#include "manager_core.hpp"
#include "session_state.hpp"

namespace scs {

session_manager::session_manager(std::unique_ptr<scs::store> store, session_options options)
    : core_(std::make_unique<detail::manager_core>(std::move(store), std::move(options))) {}
session_manager::session_manager(std::unique_ptr<client_store> store, session_options options)
    : core_(std::make_unique<detail::manager_core>(std::move(store), std::move(options))) {}
session_manager::~session_manager() = default;

session session_manager::load(std::span<const std::string_view> cookie_header_lines,
                              load_policy policy) {
  if (core_->keeps_at_client()) {
    return session{std::make_unique<detail::session_state>(
        *core_,
        find_values(cookie_header_lines, core_->options().cookie.name,
                    client_store::value_size_max),
        policy)};
  }
  return session{std::make_unique<detail::session_state>(
      *core_, find_tokens(cookie_header_lines, core_->options().cookie.name), policy)};
}

std::vector<header> session_manager::commit(session& session) {
  return session.state_->commit();
}
std::vector<header> session_manager::abandon(session& session) {
  return session.state_->abandon();
}
void session_manager::revoke(const session_id& id) {
  core_->destroy(id);
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
