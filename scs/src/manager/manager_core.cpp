#include "manager/manager_core.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/store/expiry_reports.hpp>
#include <scs/token.hpp>

#include "headers/transport.hpp"
#include "manager/checked_options.hpp"
#include "manager/nested_causes.hpp"
#include "manager/traced.hpp"
#include "platform/coarse_steady_time.hpp"

namespace scs::detail {

namespace {

constexpr const char* failed_text = "the session store failed";

/// Measures one call to the store, if metrics are enabled.
class stopwatch {
 public:
  stopwatch(metrics* figures, store_call call) noexcept : figures_(figures), call_(call) {
    if (figures_ != nullptr) begun_ = std::chrono::steady_clock::now();
  }
  ~stopwatch() {
    if (figures_ != nullptr) figures_->observe(call_, std::chrono::steady_clock::now() - begun_);
  }
  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

  /// The call does not count: the store would have blocked.
  void forget() noexcept { figures_ = nullptr; }

  void failed() const noexcept {
    if (figures_ != nullptr) figures_->count_failure(call_);
  }

 private:
  metrics* figures_;
  const store_call call_;
  std::chrono::steady_clock::time_point begun_{};
};

constexpr traced_operation operation_of(store_call call) noexcept {
  switch (call) {
    case store_call::find:
      return traced_operation::store_find;
    case store_call::commit:
      return traced_operation::store_commit;
    case store_call::touch:
      return traced_operation::store_touch;
    case store_call::erase:
      return traced_operation::store_erase;
    case store_call::list:
      break;
  }
  return traced_operation::store_list;
}

}  // namespace

manager_core::manager_core(std::unique_ptr<scs::store> store, session_options options)
    : store_(std::move(store)),
      nonblocking_(dynamic_cast<nonblocking_store*>(store_.get())),
      store_clock_(dynamic_cast<scs::store_clock*>(store_.get())),
      watermark_finder_(dynamic_cast<scs::watermark_finder*>(store_.get())),
      caching_store_(dynamic_cast<scs::caching_store*>(store_.get())),
      counting_store_(dynamic_cast<scs::counting_store*>(store_.get())),
      user_index_(dynamic_cast<user_index*>(store_.get())),
      options_(checked_options(std::move(options))),
      writes_values_whole_(dynamic_cast<const json_codec*>(options_.codec.get()) != nullptr),
      header_names_(request_headers(options_)),
      waiting_commits_(options_.max_waiting_commits) {
  if (!store_) refuse_options("store: there is none");
  if (options_.durable_logouts) durable_ = dynamic_cast<durable_erasures*>(store_.get());
  listen_to_store();
}

void manager_core::listen_to_store() {
  if (auto* const reports = dynamic_cast<store_reports*>(store_.get())) {
    const std::chrono::nanoseconds idle = options_.idle_timeout;
    const std::chrono::nanoseconds anonymous = options_.anonymous_idle_timeout;
    const bool either = idle.count() == 0 || anonymous.count() == 0;
    reports->on_warning(
        [this](const std::string& warning) {
          report(event_kind::store_warning, {},
                 std::make_exception_ptr(error(errc::store_failed, warning)));
        },
        either ? std::max(idle, anonymous) : std::min(idle, anonymous));
  }
  if (!options_.report_expired_sessions) return;
  auto* const reports = dynamic_cast<expiry_reports*>(store_.get());
  if (reports == nullptr)
    refuse_options("report_expired_sessions: this store does not tell what it removes");
  reports->on_expired(
      [this](const session_id& id, std::string_view payload) { report_expired(id, payload); });
}

manager_core::manager_core(std::unique_ptr<client_store> store, session_options options)
    : client_(std::move(store)),
      options_(checked_options(std::move(options))),
      writes_values_whole_(dynamic_cast<const json_codec*>(options_.codec.get()) != nullptr),
      header_names_(request_headers(options_)),
      waiting_commits_(0) {
  if (!client_) refuse_options("store: there is none");
  if (options_.transport)
    refuse_options("transport: sessions that live in cookies need the cookie");
  if (options_.max_sessions_per_user != 0) {
    refuse_options("max_sessions_per_user: sessions that live in cookies cannot be counted");
  }
  if (options_.report_expired_sessions) {
    refuse_options(
        "report_expired_sessions: sessions that live in cookies are not removed by anybody");
  }
}

manager_core::~manager_core() {
  if (auto* const reports = dynamic_cast<store_reports*>(store_.get())) reports->on_warning({}, {});
  if (!options_.report_expired_sessions) return;
  if (auto* const reports = dynamic_cast<expiry_reports*>(store_.get())) reports->on_expired({});
}

scs::store& manager_core::store() {
  if (store_) return *store_;
  throw error(errc::not_supported,
              "sessions live in their cookies: there is no store at the server to look into");
}

// If the options have a clock, it is the only one, unless the store has its own. The steady clock
// is used with the system's clock, which may be set while a request runs.
std::chrono::nanoseconds manager_core::moment() const noexcept {
  if (options_.clock != &clock::system() && store_clock_ == nullptr)
    return options_.clock->now().time_since_epoch();
  return std::chrono::steady_clock::now().time_since_epoch();
}

// If one process has the store to itself, it knows all revocations, and an exact time would slow
// down every request. The coarse clock is late by some milliseconds at most, so that a login seems
// to have begun slightly earlier than it did.
request_start manager_core::start() const noexcept {
  if (store_clock_ != nullptr || options_.clock != &clock::system()) {
    return {moment(), last_revocation()};
  }
  return {platform::coarse_steady_time(), last_revocation()};
}

std::chrono::nanoseconds manager_core::elapsed_since(const request_start& start) const noexcept {
  return std::max(moment() - start.moment, std::chrono::nanoseconds{0});
}

time_point manager_core::engine_time(const session_id& id) {
  if (store_clock_ == nullptr) return now();
  return guarded(store_call::find, [&] { return store_clock_->engine_time(id); });
}

time_point manager_core::last_revocation() const noexcept {
  return time_point{std::chrono::nanoseconds{last_revocation_.load()}};
}

void manager_core::note_revocation(time_point moment) noexcept {
  const time_point::rep reached = moment.time_since_epoch().count();
  time_point::rep last = last_revocation_.load();
  while (last < reached && !last_revocation_.compare_exchange_weak(last, reached)) {
  }
}

/// Whether it is enough to open a session.
bool manager_core::is_secret(quotable given) const noexcept {
  switch (given) {
    case quotable::id:
      return options_.ids == id_mode::raw;
    case quotable::sealed_session:
      return true;
    case quotable::nothing_secret:
      break;
  }
  return false;
}

template <manager_core::if_empty Empty, class Call>
auto manager_core::guarded(store_call kind, Call call, quotable given) -> decltype(call()) {
  const auto declined = []([[maybe_unused]] const auto& result) {
    if constexpr (Empty == if_empty::is_no_call) {
      return !result;
    } else {
      return false;
    }
  };
  return traced(
      options_.tracer, operation_of(kind), [&] { return measured<Empty>(kind, call, given); },
      declined);
}

// An exception of another library may quote the arguments of the call. If they are secret, neither
// the text nor the exception is passed on, because logs contain both (describe()).
template <manager_core::if_empty Empty, class Call>
auto manager_core::measured(store_call kind, Call call, quotable given) -> decltype(call()) {
  stopwatch observed{options_.metrics.get(), kind};
  try {
    if constexpr (Empty == if_empty::counts) {
      return call();
    } else {
      auto result = call();
      if (!result) observed.forget();
      return result;
    }
  } catch (const error& failure) {
    observed.failed();
    if (is_secret(given) && nests_another(failure)) throw error{failure};  // nests nothing
    throw;
  } catch (const std::exception& cause) {
    observed.failed();
    if (is_secret(given)) throw error(errc::store_failed, failed_text);
    std::throw_with_nested(
        error(errc::store_failed, std::string{failed_text} + ": " + cause.what()));
  } catch (...) {
    observed.failed();
    if (is_secret(given)) throw error(errc::store_failed, failed_text);
    std::throw_with_nested(error(errc::store_failed, failed_text));
  }
}

std::optional<record> manager_core::find(const session_id& id) {
  return guarded(store_call::find, [&] { return store().find(id); });
}

session_with_watermark manager_core::find_session(const session_id& id, read_from from) {
  if (from == read_from::engine) forget(id);
  if (watermark_finder_ == nullptr) return {.session = find(id)};
  return guarded(store_call::find, [&] { return watermark_finder_->find_with_watermark(id); });
}

void manager_core::forget(const session_id& id) {
  if (caching_store_ != nullptr) caching_store_->forget(id);
}

commit_result manager_core::commit(const session_id& id, std::string_view text, time_point expiry,
                                   const std::optional<std::string>& expected_revision,
                                   std::string_view user) {
  return guarded(store_call::commit,
                 [&] { return store().commit(id, text, expiry, expected_revision, user); });
}

std::optional<commit_result> manager_core::try_commit(
    const session_id& id, std::string_view text, time_point expiry,
    const std::optional<std::string>& expected_revision, std::string_view user) {
  return guarded<if_empty::is_no_call>(store_call::commit, [&] {
    return nonblocking_->try_commit(id, text, expiry, expected_revision, user);
  });
}

std::optional<bool> manager_core::try_touch(const session_id& id, time_point expiry) {
  return guarded<if_empty::is_no_call>(store_call::touch,
                                       [&] { return nonblocking_->try_touch(id, expiry); });
}

commit_result manager_core::create(const session_id& id, std::string_view text, time_point expiry,
                                   std::string_view user) {
  try {
    return commit(id, text, expiry, std::nullopt, user);
  } catch (...) {
    clean_up(id);
    throw;
  }
}

bool manager_core::touch(const session_id& id, time_point expiry) {
  return guarded(store_call::touch, [&] { return store().touch(id, expiry); });
}

void manager_core::write_index_entry(const session_id& id, std::string_view user,
                                     time_point expiry) {
  if (user_index_ == nullptr) return;
  guarded(store_call::commit, [&] { user_index_->write_index_entry(id, user, expiry); });
}

std::optional<record> manager_core::erase(const session_id& id) {
  return guarded(store_call::erase, [&] { return store().erase(id); });
}

std::optional<std::uint64_t> manager_core::count() {
  if (counting_store_ == nullptr || options_.ids == id_mode::raw) return std::nullopt;
  return guarded(store_call::list, [&] { return counting_store_->count(); });
}

void manager_core::for_each(const store::visitor& visit_record) {
  visit_records(visit_record, [&](const store::visitor& careful) { store().for_each(careful); });
}

void manager_core::for_each_of_user(std::string_view user, const store::visitor& visit_record) {
  visit_records(visit_record,
                [&](const store::visitor& careful) { store().for_each_of_user(user, careful); });
}

/// Distinguishes exceptions of the visitor from those of the store.
void manager_core::visit_records(const store::visitor& visit_record,
                                 const std::function<void(const store::visitor&)>& visit_all) {
  std::exception_ptr thrown;
  guarded(store_call::list, [&] {
    visit_all([&](const session_id& id, const record& found) {
      if (is_reserved(id)) return scs::visit::next;
      try {
        return visit_record(id, found);
      } catch (...) {
        thrown = std::current_exception();
        return scs::visit::stop;
      }
    });
  });
  if (thrown) std::rethrow_exception(thrown);
}

session_id manager_core::public_id(const session_id& id) const {
  if (options_.ids == id_mode::hashed) return id;
  const std::optional<token> known = token::parse(id.text());
  return known ? known->id(id_mode::hashed) : session_id{};
}

open_result manager_core::open(std::string_view value) {
  return guarded(
      store_call::find, [&] { return client_->open(options_.cookie.name, value, now()); },
      quotable::sealed_session);
}

std::string manager_core::seal(const sealed_session& session) {
  return guarded(
      store_call::commit, [&] { return client_->seal(options_.cookie.name, session); },
      quotable::sealed_session);
}

std::uint64_t manager_core::epoch_of(std::string_view user) {
  return guarded(
      store_call::find, [&] { return client_->epoch_of(user); }, quotable::nothing_secret);
}

void manager_core::sync_erasures() {
  if (durable_ != nullptr) guarded(store_call::erase, [&] { durable_->sync_erasures(); });
}

void manager_core::report_expired(const session_id& id, std::string_view text) const noexcept {
  if (is_reserved(id)) return;
  payload contents;
  try {
    contents = decode(text);
  } catch (const error&) {  // NOLINT(bugprone-empty-catch): it has expired, whatever it was
  }
  if (contents.moved_to.empty()) report(event_kind::expired, id, {}, {.user = contents.user});
}

void manager_core::report(event_kind kind, const session_id& id, std::exception_ptr cause,
                          const event_source& source) const noexcept {
  if (options_.metrics) options_.metrics->count(kind);
  if (!options_.on_event) {
    if (default_warnings::covers(kind)) {
      warnings_.warn(kind, options_.ids == id_mode::hashed ? id : session_id{}, cause);
    }
    return;
  }
  try {
    event happened{.kind = kind,
                   .id = {},
                   .cause = std::move(cause),
                   .user = std::string{source.user},
                   .method = std::string{source.method},
                   .path = std::string{source.path}};
    if (options_.ids == id_mode::hashed && !id.empty()) happened.id = id;
    options_.on_event(happened);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a hook must not stop a logout
  }
}

}  // namespace scs::detail
