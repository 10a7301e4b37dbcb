#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <scs/store.hpp>
#include <scs/store/counting_store.hpp>
#include <scs/testing.hpp>

namespace scs::testing {

namespace {

class still_clock final : public clock {
 public:
  time_point now() const noexcept override { return now_; }
  void advance(std::chrono::nanoseconds duration) noexcept { now_ += duration; }

 private:
  time_point now_ = clock::system().now();
};

/// Keeps records in a map. For one thread.
class map_store final : public store, public counting_store {
 public:
  explicit map_store(const clock& clock) : clock_(clock) {}

  std::optional<record> find(const session_id& id) override {
    const auto found = live(id);
    if (found == records_.end()) return std::nullopt;
    return found->second;
  }

  commit_result commit(const session_id& id, std::string_view payload, time_point expiry,
                       const std::optional<std::string>& expected_revision,
                       std::string_view user) override {
    const auto found = live(id);
    if (found == records_.end() && expected_revision) return {commit_result::outcome::gone, {}};
    if (found != records_.end() && found->second.revision != expected_revision) {
      return {commit_result::outcome::conflict, {}};
    }
    std::string revision = std::to_string(++last_revision_);
    records_[id] = {std::string{payload}, expiry, revision, std::string{user}};
    return {commit_result::outcome::committed, std::move(revision)};
  }

  bool touch(const session_id& id, time_point expiry) override {
    const auto found = live(id);
    if (found == records_.end()) return false;
    found->second.expiry = std::max(found->second.expiry, expiry);
    return true;
  }

  std::optional<record> erase(const session_id& id) override {
    const auto found = live(id);
    if (found == records_.end()) return std::nullopt;
    record erased = std::move(found->second);
    records_.erase(found);
    return erased;
  }

  std::optional<std::uint64_t> count() override {
    std::uint64_t found = 0;
    for_each([&](const session_id& id, const record&) {
      if (!is_reserved(id)) ++found;
      return visit::next;
    });
    return found;
  }

  void for_each(const visitor& visit_record) override {
    const auto copies = records_;  // the visitor may change them
    for (const auto& [id, entry] : copies) {
      if (entry.expiry <= clock_.now()) continue;
      if (visit_record(id, entry) == visit::stop) return;
    }
  }

  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    const auto copies = records_;
    for (const auto& [id, entry] : copies) {
      if (user.empty() || entry.user != user || entry.expiry <= clock_.now()) continue;
      if (visit_record(id, entry) == visit::stop) return;
    }
  }

 private:
  std::map<session_id, record>::iterator live(const session_id& id) {
    const auto found = records_.find(id);
    if (found == records_.end() || found->second.expiry > clock_.now()) return found;
    records_.erase(found);
    return records_.end();
  }

  const clock& clock_;
  std::map<session_id, record> records_;
  std::uint64_t last_revision_ = 0;
};

}  // namespace

class visitor::parts {
 public:
  explicit parts(session_options options)
      : sessions(std::make_unique<map_store>(clock), with_own(std::move(options))) {}

  session_options with_own(session_options options) {
    options.clock = &clock;
    options.sleep = [](std::chrono::nanoseconds) {};
    options.on_event = [this](const event& happened) { events.push_back(happened); };
    return options;
  }

  still_clock clock;
  std::vector<event> events;
  session_manager sessions;
  std::string token;
  std::optional<session> current;
  std::size_t events_before = 0;  // those of the current request start here
  std::optional<session> looking;
};

visitor::visitor(session_options options) : parts_(std::make_unique<parts>(std::move(options))) {}
visitor::~visitor() = default;

session visitor::load() {
  session_manager& sessions = parts_->sessions;
  if (sessions.options().transport) return sessions.load(parts_->token);
  return sessions.load(sessions.cookie_name() + "=" + parts_->token);
}

outcome visitor::visit(const std::function<void(session&)>& handler) {
  session& current = begin();
  try {
    handler(current);
  } catch (...) {
    outcome done = concluded(parts_->sessions.abandon(current), parts_->events_before,
                             std::current_exception());
    parts_->current.reset();
    return done;
  }
  return finish();
}

void visitor::arrange(const std::function<void(session&)>& prepare) {
  const outcome done = visit(prepare);
  if (done.failure) std::rethrow_exception(done.failure);
}

session& visitor::begin() {
  parts_->looking.reset();
  parts_->events_before = parts_->events.size();
  return parts_->current.emplace(load());
}

outcome visitor::finish() {
  if (!parts_->current) return {};
  outcome done;
  try {
    std::vector<header> headers = parts_->sessions.commit(*parts_->current);
    done = concluded(std::move(headers), parts_->events_before, nullptr);
  } catch (...) {
    done = concluded(parts_->sessions.abandon(*parts_->current), parts_->events_before,
                     std::current_exception());
  }
  parts_->current.reset();
  return done;
}

/// Makes the outcome of a request and applies its headers to the browser.
outcome visitor::concluded(std::vector<header> headers, std::size_t events_before,
                           std::exception_ptr failure) {
  outcome done;
  const session_options& options = parts_->sessions.options();
  for (const header& sent : headers) {
    std::string_view value = sent.value;
    if (options.transport ? sent.name != options.transport->name : sent.name != "Set-Cookie") {
      continue;
    }
    if (!options.transport) {
      value.remove_prefix(options.cookie.name.size() + 1);
      value = value.substr(0, value.find(';'));
    }
    parts_->token = value;
    done.sets_token = !value.empty();
    done.clears_token = value.empty();
  }
  for (std::size_t i = events_before; i < parts_->events.size(); ++i) {
    const event_kind kind = parts_->events[i].kind;
    done.created = done.created || kind == event_kind::created;
    done.renewed = done.renewed || kind == event_kind::renewed;
    done.destroyed = done.destroyed || kind == event_kind::destroyed;
  }
  done.headers = std::move(headers);
  done.failure = std::move(failure);
  return done;
}

/// Loads a session that is never committed.
session& visitor::look() {
  return parts_->looking.emplace(load());
}

bool visitor::has_session() {
  return !look().id().empty();
}
bool visitor::exists(std::string_view key) {
  return look().exists(key);
}
std::vector<std::string> visitor::keys() {
  return look().keys();
}
std::string visitor::user() {
  return look().user();
}
time_point visitor::deadline() {
  return look().deadline();
}
std::string visitor::json() {
  return look().debug_json();
}

const std::string& visitor::token() const noexcept {
  return parts_->token;
}
void visitor::set_token(std::string_view token) {
  parts_->token = token;
}
time_point visitor::now() const noexcept {
  return parts_->clock.now();
}
void visitor::advance(std::chrono::nanoseconds duration) noexcept {
  parts_->clock.advance(duration);
}
session_manager& visitor::manager() noexcept {
  return parts_->sessions;
}
const std::vector<event>& visitor::events() const noexcept {
  return parts_->events;
}

}  // namespace scs::testing
