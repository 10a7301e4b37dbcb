#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <scs/stores/postgres.hpp>

#include "postgres/cleaner.hpp"
#include "postgres/pool.hpp"
#include "postgres/revision.hpp"

namespace scs::stores {

namespace {

using postgres_detail::deadline;
using postgres_detail::failure;
using postgres_detail::new_revision;
using postgres_detail::parameter;
using postgres_detail::result;
using postgres_detail::revision_number;
using postgres_detail::revision_text;
using postgres_detail::statement_id;
using std::chrono::milliseconds;

/// Records that for_each() asks for at once.
constexpr std::int64_t records_per_step = 100;

/// How much another server's clock may be behind.
constexpr std::chrono::minutes cleaning_delay{1};

postgres_options checked(postgres_options options) {
  const auto refuse = [](const char* what) { throw error(errc::invalid_options, what); };
  if (options.max_connections == 0) refuse("max_connections: it must be at least 1");
  if (options.timeout <= milliseconds{0}) refuse("timeout: it must be more than zero");
  if (options.timeout > std::chrono::hours{1}) refuse("timeout: at most an hour");
  if (options.clean_every < milliseconds{0}) refuse("clean_every: it must not be negative");
  if (options.clean_batch == 0) refuse("clean_batch: it must be at least 1");
  char* message = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(options.connection.c_str(), &message);
  // libpq's message may have a part of a password in it.
  PQfreemem(message);
  if (parsed == nullptr) {
    refuse(
        "connection: not what libpq reads, like \"host=localhost dbname=app\" or "
        "\"postgresql://localhost/app\"");
  }
  PQconninfoFree(parsed);
  if (options.clock == nullptr) options.clock = &scs::clock::system();
  return options;
}

std::int64_t number_of(time_point moment) {
  return moment.time_since_epoch().count();
}

void pause_after_conflict() {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::this_thread::sleep_for(
      std::chrono::microseconds{std::uniform_int_distribution<int>{500, 10'000}(random)});
}

}  // namespace

class postgres::implementation {
 public:
  explicit implementation(postgres_options options)
      : options_(checked(std::move(options))),
        statements_(options_.table, options_.payload),
        pool_(options_.connection, options_.statements, options_.max_connections) {}

  const postgres_options& options() const noexcept { return options_; }
  std::int64_t now() const noexcept { return number_of(options_.clock->now()); }

  /// Whether a statement may be carried out twice.
  enum class repeatable { no, yes };

  result run(statement_id id, std::span<const parameter> parameters, repeatable again) {
    const postgres_detail::statement& what = statements_[id];
    return run([&](postgres_detail::connection& with,
                   deadline until) { return with.execute(what, parameters, until); },
               again, options_.if_missing, new_deadline());
  }

  deadline new_deadline() const noexcept {
    return std::chrono::steady_clock::now() + options_.timeout;
  }

  void create_table(deadline until) {
    const auto create = [&](postgres_detail::connection& with, deadline end) {
      with.execute_script(statements_.schema(), end);
      result looked = with.execute(statements_[statement_id::find],
                                   std::array{parameter::bytes(""), parameter::number(0)}, end);
      require_payload_type(looked);
      return looked;
    };
    constexpr int tries = 10;  // each time, another server may have been faster
    for (int i = 1;; ++i) {
      try {
        run(create, repeatable::yes, missing_table::refuse, until);
        return;
      } catch (const failure& failed) {
        if (!failed.is_already_there() || i == tries) throw;
        pause_after_conflict();
      }
    }
  }

  /// The column of an older table may be of the other type.
  void require_payload_type(const result& from) const {
    const bool jsonb = options_.payload == payload_column::jsonb;
    if (from.type(0) == (jsonb ? postgres_detail::jsonb_type : postgres_detail::bytea_type)) return;
    throw error(errc::store_failed, std::string{"the table's column payload is not of type "} +
                                        (jsonb ? "jsonb" : "bytea") +
                                        "; see postgres_options::payload");
  }

  /// Three columns of a row, from this one on.
  record record_of(const result& from, int row, int first = 0) const {
    require_payload_type(from);
    std::string_view payload = from.bytes(row, first);
    if (options_.payload == payload_column::jsonb && !payload.empty()) payload.remove_prefix(1);
    return {std::string{payload}, time_point{std::chrono::nanoseconds{from.number(row, first + 1)}},
            revision_text(from.number(row, first + 2))};
  }

  std::optional<record> find(const session_id& id) {
    const result found =
        run(statement_id::find, std::array{parameter::bytes(id.text()), parameter::number(now())},
            repeatable::yes);
    if (found.rows() == 0) return std::nullopt;
    return record_of(found, 0);
  }

  session_with_watermark find_with_watermark(const session_id& id) {
    const result found = run(statement_id::find_with_watermark,
                             std::array{parameter::bytes(id.text()), parameter::number(now()),
                                        parameter::bytes(plain_watermark_prefix)},
                             repeatable::yes);
    if (found.rows() == 0) return {};
    session_with_watermark both{.session = record_of(found, 0)};
    constexpr int user = 3;
    constexpr int watermark = 4;
    if (!has_plain_watermark_id(found.bytes(0, user))) return both;
    both.user = found.bytes(0, user);
    if (!found.is_null(0, watermark)) both.watermark = record_of(found, 0, watermark);
    return both;
  }

  commit_result create(const session_id& id, std::string_view payload, time_point expiry,
                       std::string_view user) {
    const std::int64_t now = this->now();
    const std::int64_t revision = new_revision();
    // What has ended already is not written: looking is enough.
    if (number_of(expiry) <= now) return find(id) ? commit_result{} : committed(revision);
    std::string kept;
    const result done =
        run(statement_id::create,
            std::array{parameter::bytes(id.text()), payload_parameter(payload, kept),
                       parameter::number(number_of(expiry)), parameter::number(revision),
                       user_parameter(user), parameter::number(now)},
            repeatable::no);
    return done.changed_rows() > 0 ? committed(revision) : commit_result{};
  }

  commit_result replace(const session_id& id, std::string_view payload, time_point expiry,
                        std::int64_t expected, std::string_view user) {
    const std::int64_t now = this->now();
    const std::int64_t revision = new_revision();
    std::string kept;
    const result done =
        number_of(expiry) <= now
            ? run(statement_id::erase_at,
                  std::array{parameter::bytes(id.text()), parameter::number(now),
                             parameter::number(expected)},
                  repeatable::no)
            : run(statement_id::replace,
                  std::array{parameter::bytes(id.text()), payload_parameter(payload, kept),
                             parameter::number(number_of(expiry)), parameter::number(revision),
                             user_parameter(user), parameter::number(now),
                             parameter::number(expected)},
                  repeatable::no);
    if (done.changed_rows() > 0) return committed(revision);
    using outcome = commit_result::outcome;
    return {find(id) ? outcome::conflict : outcome::gone, {}};
  }

  bool touch(const session_id& id, time_point expiry) {
    const std::array parameters{parameter::bytes(id.text()), parameter::number(number_of(expiry)),
                                parameter::number(now())};
    return run(statement_id::touch, parameters, repeatable::yes).changed_rows() > 0;
  }

  time_point engine_time() {
    const result found = run(statement_id::time, std::span<const parameter>{}, repeatable::yes);
    return time_point{std::chrono::microseconds{found.number(0, 0)}};
  }

  std::optional<record> erase(const session_id& id) {
    const result erased =
        run(statement_id::erase, std::array{parameter::bytes(id.text()), parameter::number(now())},
            repeatable::no);
    if (erased.rows() == 0) return std::nullopt;
    return record_of(erased, 0);
  }

  /// The payload as it goes into the column; the text is valid as long as both.
  parameter payload_parameter(std::string_view payload, std::string& kept) const {
    if (options_.payload == payload_column::bytea) return parameter::bytes(payload);
    kept.reserve(payload.size() + 1);
    kept.assign(1, parameter::jsonb_version).append(payload);
    return parameter::jsonb(kept);
  }

  /// Visits in steps whatever comes after the id that was visited last.
  void visit_all(statement_id step, const std::optional<std::string_view>& user,
                 const visitor& visit_record) {
    session_id last;
    while (true) {
      const session_id after = last;
      std::vector<parameter> parameters{parameter::bytes(after.text()), parameter::number(now()),
                                        parameter::number(records_per_step)};
      if (user) parameters.push_back(parameter::bytes(*user));
      const result found = run(step, parameters, repeatable::yes);
      for (int row = 0; row < found.rows(); ++row) {
        last = session_id::from_text(found.bytes(row, 3));
        if (visit_record(last, record_of(found, row)) == visit::stop) return;
      }
      if (found.rows() < records_per_step) return;
    }
  }

  std::size_t remove_expired() {
    const time_point expired_by = options_.clock->now() - cleaning_delay;
    return run(statement_id::clean,
               std::array{parameter::number(number_of(expired_by)),
                          parameter::number(static_cast<std::int64_t>(options_.clean_batch))},
               repeatable::yes)
        .changed_rows();
  }

  void start_cleaning() {
    if (options_.clean_every == milliseconds{0}) return;
    cleaner_.emplace(options_.clean_every, [this] { return clean(); });
  }

 private:
  static commit_result committed(std::int64_t revision) {
    return {commit_result::outcome::committed, revision_text(revision)};
  }

  static parameter user_parameter(std::string_view user) noexcept {
    return user.empty() ? parameter::null(postgres_detail::bytea_type) : parameter::bytes(user);
  }

  bool clean() noexcept {
    try {
      return remove_expired() >= options_.clean_batch;
    } catch (...) {
      report_failed_cleaning(std::current_exception());
      return false;
    }
  }

  void report_failed_cleaning(const std::exception_ptr& cause) const noexcept {
    try {
      if (options_.on_cleaning_failed) options_.on_cleaning_failed(cause);
    } catch (...) {  // NOLINT(bugprone-empty-catch): as promised
    }
  }

  /// What a call has tried already.
  struct attempts {
    bool lost_one = false;
    bool created_table = false;
    bool on_fresh_connection = false;
  };

  /// Repeats what the server took back, what may be done twice, what a fresh connection may do
  /// better, and, once the table is there, what found it missing.
  template <class Work>
  result run(const Work& work, repeatable again, missing_table if_missing, deadline until) {
    attempts so_far;
    while (true) {
      try {
        postgres_detail::pool::lease leased = pool_.take(until);
        so_far.on_fresh_connection = leased.is_fresh();
        return run_on(leased, work, until);
      } catch (const failure& failed) {
        const bool repeat_lost = failed.reason() == failure::kind::lost &&
                                 again == repeatable::yes && !std::exchange(so_far.lost_one, true);
        // It was opened to what has become a standby.
        const bool repeat_fresh = failed.is_read_only() && !so_far.on_fresh_connection;
        if (repeat_lost || repeat_fresh) continue;
        if (failed.is_conflict() && std::chrono::steady_clock::now() < until) {
          pause_after_conflict();
        } else if (failed.is_missing_table() && if_missing == missing_table::create &&
                   !std::exchange(so_far.created_table, true)) {
          create_table(until);
        } else {
          throw;
        }
      }
    }
  }

  template <class Work>
  static result run_on(postgres_detail::pool::lease& leased, const Work& work, deadline until) {
    try {
      return work(*leased, until);
    } catch (const failure& failed) {
      // The connection to a standby stays one; a new one may find the primary.
      const bool stays = failed.reason() == failure::kind::refused && !failed.is_read_only() &&
                         !(*leased).has_refused_name();
      if (!stays) leased.discard();
      throw;
    } catch (...) {
      leased.discard();  // in the middle of something
      throw;
    }
  }

  postgres_options options_;
  postgres_detail::statements statements_;
  postgres_detail::pool pool_;
  std::optional<postgres_detail::cleaner> cleaner_;  // the last one: uses the others
};

postgres::postgres(postgres_options options)
    : impl_(std::make_unique<implementation>(std::move(options))) {
  impl_->start_cleaning();
}

postgres::~postgres() = default;

void postgres::migrate() {
  impl_->create_table(impl_->new_deadline());
}

std::optional<record> postgres::find(const session_id& id) {
  return impl_->find(id);
}

session_with_watermark postgres::find_with_watermark(const session_id& id) {
  return impl_->find_with_watermark(id);
}

commit_result postgres::commit(const session_id& id, std::string_view payload, time_point expiry,
                               const std::optional<std::string>& expected_revision,
                               std::string_view user) {
  return expected_revision
             ? impl_->replace(id, payload, expiry, revision_number(*expected_revision), user)
             : impl_->create(id, payload, expiry, user);
}

bool postgres::touch(const session_id& id, time_point expiry) {
  return impl_->touch(id, expiry);
}

std::optional<record> postgres::erase(const session_id& id) {
  return impl_->erase(id);
}

time_point postgres::engine_time(const session_id&) {
  return impl_->engine_time();
}

void postgres::for_each(const visitor& visit_record) {
  impl_->visit_all(statement_id::list, std::nullopt, visit_record);
}

void postgres::for_each_of_user(std::string_view user, const visitor& visit_record) {
  if (!user.empty()) impl_->visit_all(statement_id::list_user, user, visit_record);
}

std::size_t postgres::remove_expired() {
  return impl_->remove_expired();
}

}  // namespace scs::stores
