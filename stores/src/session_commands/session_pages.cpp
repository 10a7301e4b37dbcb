#include "session_commands/session_pages.hpp"

#include <algorithm>
#include <utility>

#include <scs/session_manager.hpp>

namespace scs::stores {

namespace {

constexpr std::size_t max_page_sessions = 500;
constexpr std::size_t max_page_bytes = std::size_t{256} << 10U;

void write_moment(buntdb::control_reply& to, const std::optional<buntdb::time_point>& moment) {
  if (!moment || *moment == buntdb::time_point::max()) return to.null();
  to.integer(moment->time_since_epoch().count());
}

void write(const stored_session& session, bool values, buntdb::control_reply& to) {
  to.array(values ? 26 : 24);
  const auto text = [&to](std::string_view name, std::string_view value) {
    to.text(name);
    to.text(value);
  };
  const auto moment = [&to](std::string_view name, const std::optional<buntdb::time_point>& value) {
    to.text(name);
    write_moment(to, value);
  };
  text("id", session.id);
  text("state", name_of(session.state));
  text("user", session.user);
  text("where", session.where);
  moment("created_ns", session.created);
  moment("seen_ns", session.seen);
  moment("expires_at_ns", session.expires_at);
  moment("deadline_ns", session.deadline);
  text("prefix", session.prefix);
  to.text("key_is_token");
  to.integer(session.key_is_token ? 1 : 0);
  to.text("bytes");
  to.integer(static_cast<std::int64_t>(session.payload_bytes));
  to.text("value_count");
  to.integer(static_cast<std::int64_t>(session.value_count));
  if (!values) return;
  to.text("values");
  to.array(2 * session.values.size());
  for (const session_value& value : session.values)
    text(value.name, value.json);
}

std::size_t size_of(const stored_session& session) noexcept {
  std::size_t size = sizeof session + session.user.size() + session.where.size();
  for (const session_value& value : session.values)
    size += value.name.size() + value.json.size();
  return size;
}

}  // namespace

session_pages::session_pages(const buntdb::database& db,
                             const std::vector<operated_manager>& managers, wanted_sessions wanted)
    : view_(db.begin_read()), wanted_(std::move(wanted)) {
  for (const operated_manager& each : managers)
    if (!wanted_.prefix || *wanted_.prefix == each.prefix) left_.push_back(each);
  std::reverse(left_.begin(), left_.end());
}

bool session_pages::load() {
  page_.clear();
  page_bytes_ = 0;
  while (!left_.empty()) {
    if (load_of_manager()) return true;
    left_.pop_back();
    after_.clear();
  }
  return false;
}

/// Returns whether the page is full, so that the manager may have more sessions.
bool session_pages::load_of_manager() {
  const operated_manager& now = left_.back();
  bool is_full = false;
  session_scan scan{.prefix = now.prefix,
                    .values = wanted_.values ? values_wanted::yes : values_wanted::no,
                    .after = after_,
                    .codec = now.manager->options().codec.get()};
  if (!wanted_.ids.empty()) {
    scan.wants_id = [this](std::string_view id) { return is_wanted_id(id); };
  }
  for_each_session(view_, scan, [&](stored_session& session) {
    if (!is_wanted(session)) return true;
    after_ = session.key;
    page_bytes_ += size_of(session);
    page_.push_back(std::move(session));
    is_full = page_.size() >= max_page_sessions || page_bytes_ >= max_page_bytes;
    return !is_full;
  });
  return is_full;
}

bool session_pages::is_wanted(const stored_session& session) const {
  if (session.state == session_state::renewed && !wanted_.tombstones) return false;
  return !wanted_.user || session.user == *wanted_.user;
}

bool session_pages::is_wanted_id(std::string_view id) const {
  return std::any_of(wanted_.ids.begin(), wanted_.ids.end(),
                     [id](const std::string& beginning) { return id.starts_with(beginning); });
}

void session_pages::write(buntdb::control_reply& to) {
  to.array(page_.size());
  for (const stored_session& session : page_)
    stores::write(session, wanted_.values, to);
}

}  // namespace scs::stores
