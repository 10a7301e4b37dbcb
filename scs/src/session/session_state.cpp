#include "session/session_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <scs/error.hpp>

#include "payload/json_string.hpp"

namespace scs::detail {

namespace {

std::optional<std::string_view> find_in(const std::vector<payload::member>& data,
                                        std::string_view key) {
  const auto found = std::lower_bound(
      data.begin(), data.end(), key,
      [](const payload::member& member, std::string_view k) { return member.key < k; });
  if (found == data.end() || found->key != key) return std::nullopt;
  return found->json;
}

}  // namespace

void session_state::load() {
  if (failure_) std::rethrow_exception(failure_);
  if (!loaded()) ask_store();
}

void session_state::require_loaded() {
  if (failure_) std::rethrow_exception(failure_);
  if (loaded()) return;
  if (policy_ == load_policy::explicit_only) {
    throw error(errc::not_loaded, "call load() on the session before anything else");
  }
  ask_store();
}

void session_state::use() {
  require_loaded();
  used_ = true;
}

// Rule 10: the first live one wins. Rule 11: a failure sticks.
void session_state::ask_store() {
  if (client_) {
    fresh_deadline_ = core_.now() + core_.options().lifetime;
    return open_candidates();
  }
  try {
    session_id tombstone;
    record tombstones_record;
    for (std::size_t i = 0; i < candidates_.count && kind_ != kind::live; ++i) {
      const session_id id = candidates_.tokens[i]->id(core_.options().ids);
      if (take(*candidates_.tokens[i], id)) return;
      if (tombstone.empty() && !id_.empty()) {
        tombstone = std::exchange(id_, {});
        tombstones_record = std::move(record_);
      }
    }
    id_ = tombstone;
    if (!tombstone.empty()) tombstone_ = std::move(tombstones_record);
    kind_ = tombstone.empty() ? kind::none : kind::gone;
    fresh_deadline_ = core_.now() + core_.options().lifetime;
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

/// Whether the candidate is live, and held then. Otherwise id_ is set if it is a tombstone.
bool session_state::take(const token& candidate, const session_id& id) {
  std::optional<record> found = core_.find(id);
  if (!found) return false;
  record_ = std::move(*found);
  try {
    base_ = core_.decode(record_.payload);
  } catch (...) {
    core_.report(event_kind::payload_undecodable, id, std::current_exception());
    return false;
  }
  if (core_.has_come(std::min(record_.expiry, base_.deadline))) {  // rule 7 (expiry)
    core_.report(event_kind::expired, id);
    return false;
  }
  id_ = id;
  if (!base_.moved_to.empty()) return false;
  token_ = candidate;
  base_is_current_ = true;
  kind_ = kind::live;
  core_.report(event_kind::loaded, id);
  return true;
}

std::unique_ptr<session_state> session_state::of_record(manager_core& core, const session_id& id,
                                                        const record& found) {
  auto made = std::make_unique<session_state>(core, token_candidates{}, load_policy::on_first_use);
  made->fresh_deadline_ = core.now() + core.options().lifetime;
  made->id_ = id;
  made->record_ = found;
  try {
    made->base();
  } catch (const error&) {
    core.report(event_kind::payload_undecodable, id, std::current_exception());
    return nullptr;
  }
  if (!made->base_.moved_to.empty()) return nullptr;
  if (core.has_come(std::min(found.expiry, made->base_.deadline))) return nullptr;
  made->kind_ = kind::live;
  made->of_request_ = false;
  return made;
}

/// After a commit record_ is ahead of base_ until somebody asks.
payload& session_state::base() {
  if (!base_is_current_) {
    base_ = core_.decode(record_.payload);
    base_is_current_ = true;
  }
  return base_;
}

std::optional<std::string_view> session_state::find_json(std::string_view key) {
  use();
  if (const auto change = changes_.find(key); change != changes_.end()) return change->second;
  if (kind_ != kind::live || cleared_) return std::nullopt;
  return find_in(base().data, key);
}

std::vector<std::string> session_state::keys() {
  use();
  const payload contents = merged();
  std::vector<std::string> found;
  found.reserve(contents.data.size());
  for (const payload::member& member : contents.data)
    found.emplace_back(member.key);
  return found;
}

std::string session_state::token_text() {
  use();
  if (kind_ != kind::live) return {};
  if (client_) return client_->value;
  return token_ ? std::string{token_->text()} : std::string{};
}

session_id session_state::public_id() {
  use();
  return kind_ == kind::live ? core_.public_id(id_) : session_id{};
}

session_id session_state::stored_id() {
  use();
  return id_;
}

std::string session_state::user() {
  use();
  if (new_user_) return new_user_->user;
  return kind_ == kind::live && !cleared_ ? std::string{base().user} : std::string{};
}

std::string session_state::debug_json() {
  use();
  constexpr std::array<std::string_view, 4> kinds{"unknown", "new", "stored", "gone"};
  const payload contents = merged();
  std::string out = R"({"state":")";
  out += kinds.at(static_cast<std::size_t>(kind_));
  out += R"(","status":)";
  switch (status()) {
    case session_status::unmodified:
      out += R"("unmodified")";
      break;
    case session_status::modified:
      out += R"("modified")";
      break;
    case session_status::destroyed:
      out += R"("destroyed")";
      break;
  }
  const session_id id = public_id();
  out.append(R"(,"id":)")
      .append(id.empty() ? "null" : value_traits<std::string>::to_json(id.text()));
  out.append(R"(,"user":)");
  out += contents.user.empty() ? "null" : value_traits<std::string>::to_json(contents.user);
  out.append(R"(,"deadline":)").append(value_traits<time_point>::to_json(contents.deadline));
  out += R"(,"data":{)";
  for (const payload::member& member : contents.data) {
    if (out.back() != '{') out += ',';
    append_json_string(out, member.key);
    out.append(1, ':').append(member.json);
  }
  out += "}}";
  if (token_) {
    for (std::size_t at; (at = out.find(token_->text())) != std::string::npos;)
      out.replace(at, token::size, "(the token)");
  }
  return out;
}

time_point session_state::deadline() {
  use();
  if (new_deadline_) return *new_deadline_;
  return kind_ == kind::live ? base().deadline : fresh_deadline_;
}

session_status session_state::status() const noexcept {
  if (changed() || updated_ || !merged_sessions_.empty()) return session_status::modified;
  return destroyed_ ? session_status::destroyed : session_status::unmodified;
}

}  // namespace scs::detail
