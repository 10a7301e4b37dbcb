#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <scs/store/request_time.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres/caller.hpp"
#include "postgres/checked_options.hpp"
#include "postgres/cleaner.hpp"
#include "postgres/database_clock.hpp"
#include "postgres/pool.hpp"
#include "postgres/revision.hpp"
#include "postgres/table.hpp"
#include "scs_v2/user_of.hpp"

namespace scs::stores {

namespace {

using postgres_detail::cleaning_clock;
using postgres_detail::deadline;
using postgres_detail::failure;
using postgres_detail::new_revision;
using postgres_detail::parameter;
using postgres_detail::repeatable;
using postgres_detail::result;
using postgres_detail::revision_number;
using postgres_detail::revision_text;
using postgres_detail::statement_id;
using std::chrono::milliseconds;

/// How many records for_each() reads at a time.
constexpr std::int64_t records_per_step = 100;

/// The greatest delay of another server's clock that is tolerated.
constexpr std::chrono::nanoseconds cleaning_delay = std::chrono::minutes{1};

std::int64_t number_of(time_point moment) {
  return moment.time_since_epoch().count();
}

}  // namespace

class postgres::implementation {
 public:
  explicit implementation(postgres_options options)
      : options_(postgres_detail::checked(std::move(options))),
        statements_(options_.table, options_.payload,
                    options_.clock == nullptr ? cleaning_clock::database : cleaning_clock::caller,
                    options_.records),
        time_(options_.clock),
        pool_(options_, time_, watch_),
        caller_(pool_, options_.timeout),
        table_(options_, statements_, caller_) {}

  const postgres_options& options() const noexcept { return options_; }

  /// One call of the store: its time limit, and the database's time.
  class call {
   public:
    explicit call(implementation& owner) : owner_(owner), timed_(owner.options_.timeout) {
      if (!owner.time_.is_known()) owner.pool_.take(timed_.deadline());  // which reads the time
      now_ = number_of(owner.time_.now());
    }

    std::int64_t now() const noexcept { return now_; }

    result run(statement_id id, std::span<const parameter> parameters, repeatable again) {
      return owner_.table_.run(work_of(id, parameters), again, timed_.deadline());
    }
    /// Runs a statement that does not name the table.
    result run_without_table(statement_id id) {
      return owner_.caller_.run(work_of(id, {}), repeatable::yes, timed_.deadline());
    }

   private:
    postgres_detail::caller::work work_of(statement_id id,
                                          std::span<const parameter> parameters) const {
      return [&what = owner_.statements_[id], parameters](postgres_detail::connection& with,
                                                          deadline end) {
        return with.execute(what, parameters, end);
      };
    }

    implementation& owner_;
    const timed_call timed_;
    std::int64_t now_ = 0;
  };

  void migrate() {
    const timed_call timed{options_.timeout};
    table_.migrate(timed.deadline());
  }

  /// Returns the record in three columns of a row, starting with this one.
  record record_of(const result& from, int row, int first = 0) const {
    table_.require_payload_type(from);
    std::string_view payload = from.bytes(row, first);
    if (options_.payload == payload_column::jsonb && !payload.empty()) payload.remove_prefix(1);
    return {std::string{payload}, time_point{std::chrono::nanoseconds{from.number(row, first + 1)}},
            revision_text(from.number(row, first + 2))};
  }

  std::optional<record> find(const session_id& id) {
    call asked{*this};
    return find(asked, id);
  }

  std::optional<record> find(call& asked, const session_id& id) {
    const result found = asked.run(
        statement_id::find, std::array{parameter::bytes(id.text()), parameter::number(asked.now())},
        repeatable::yes);
    if (found.rows() == 0) return std::nullopt;
    return record_of(found, 0);
  }

  session_with_watermark find_with_watermark(const session_id& id) {
    if (is_scs_v2()) return {.session = find(id)};
    call asked{*this};
    const result found =
        asked.run(statement_id::find_with_watermark,
                  std::array{parameter::bytes(id.text()), parameter::number(asked.now()),
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
    call asked{*this};
    const std::int64_t revision = new_revision();
    // A record that has expired already is not written: reading is enough.
    if (number_of(expiry) <= asked.now()) {
      return find(asked, id) ? commit_result{} : committed(revision);
    }
    std::string kept;
    const result done =
        asked.run(statement_id::create,
                  std::array{parameter::bytes(id.text()), payload_parameter(payload, kept),
                             parameter::number(number_of(expiry)), parameter::number(revision),
                             user_parameter(user), parameter::number(asked.now())},
                  repeatable::no);
    return done.changed_rows() > 0 ? committed(revision_of(done, revision)) : commit_result{};
  }

  commit_result replace(const session_id& id, std::string_view payload, time_point expiry,
                        std::int64_t expected, std::string_view user) {
    using outcome = commit_result::outcome;
    call asked{*this};
    const std::int64_t revision = new_revision();
    if (number_of(expiry) <= asked.now()) {
      const result erased = asked.run(
          statement_id::erase_at,
          std::array{parameter::bytes(id.text()), parameter::number(expected)}, repeatable::no);
      if (live_record_of(erased, asked)) return committed(revision);
    } else {
      std::string kept;
      const result done =
          asked.run(statement_id::replace,
                    std::array{parameter::bytes(id.text()), payload_parameter(payload, kept),
                               parameter::number(number_of(expiry)), parameter::number(revision),
                               user_parameter(user), parameter::number(asked.now()),
                               parameter::number(expected)},
                    repeatable::no);
      if (done.changed_rows() > 0) return committed(revision_of(done, revision));
    }
    return {find(asked, id) ? outcome::conflict : outcome::gone, {}};
  }

  bool touch(const session_id& id, time_point expiry) {
    call asked{*this};
    const std::array parameters{parameter::bytes(id.text()), parameter::number(number_of(expiry)),
                                parameter::number(asked.now())};
    return asked.run(statement_id::touch, parameters, repeatable::yes).changed_rows() > 0;
  }

  time_point engine_time() {
    call asked{*this};
    const result found = asked.run_without_table(statement_id::time);
    return time_point{std::chrono::microseconds{found.number(0, 0)}};
  }

  std::optional<record> erase(const session_id& id) {
    call asked{*this};
    const result erased =
        asked.run(statement_id::erase, std::array{parameter::bytes(id.text())}, repeatable::no);
    if (erased.rows() == 0) confirm_absence(asked);
    return live_record_of(erased, asked);
  }

  /// Returns what was erased. Empty if it had expired.
  std::optional<record> live_record_of(const result& erased, const call& asked) const {
    if (erased.rows() == 0) return std::nullopt;
    record found = record_of(erased, 0);
    if (number_of(found.expiry) <= asked.now()) return std::nullopt;
    return found;
  }

  /// A statement that has erased nothing does not wait for a standby, although an earlier statement
  /// may have erased the record without the standby's confirmation. So this waits for the standby.
  static void confirm_absence(call& asked) {
    try {
      asked.run_without_table(statement_id::confirm);
    } catch (const failure& failed) {
      if (!failed.is_missing_function()) throw;  // a database that is not PostgreSQL
    }
  }

  /// Returns the payload in the column's format. The result is valid as long as `payload` and
  /// `kept`.
  parameter payload_parameter(std::string_view payload, std::string& kept) const {
    if (options_.payload == payload_column::bytea) return parameter::bytes(payload);
    kept.reserve(payload.size() + 1);
    kept.assign(1, parameter::jsonb_version).append(payload);
    return parameter::jsonb(kept);
  }

  /// In a table of SCS v2, the payload contains the user.
  std::string user_in(const result& found, int row, const session_id& id,
                      const record& from) const {
    constexpr int column = 4;
    if (!found.is_null(row, column)) return std::string{found.bytes(row, column)};
    return is_scs_v2() && !is_reserved(id) ? scs_v2::user_of(from.payload) : std::string{};
  }

  void visit_all_of(std::string_view user, const visitor& visit_record) {
    if (!is_scs_v2()) return visit_all(statement_id::list_user, user, visit_record);
    visit_all(statement_id::list, std::nullopt, [&](const session_id& id, const record& found) {
      if (is_reserved(id) || !scs_v2::may_be_of(found.payload, user)) return visit::next;
      return visit_record(id, found);
    });
  }

  /// Visits the records in steps. Each step begins after the id that was visited last.
  void visit_all(statement_id step, const std::optional<std::string_view>& user,
                 const visitor& visit_record) {
    session_id last;
    while (true) {
      const session_id after = last;
      const result found = list(step, after, user);
      for (int row = 0; row < found.rows(); ++row) {
        last = session_id::from_text(found.bytes(row, 3));
        record visited = record_of(found, row);
        visited.user = user_in(found, row, last, visited);
        if (visit_record(last, visited) == visit::stop) return;
      }
      if (found.rows() < records_per_step) return;
    }
  }

  result list(statement_id step, const session_id& after,
              const std::optional<std::string_view>& user) {
    call asked{*this};
    std::vector<parameter> parameters{parameter::bytes(after.text()),
                                      parameter::number(asked.now()),
                                      parameter::number(records_per_step)};
    if (user) parameters.push_back(parameter::bytes(*user));
    return asked.run(step, parameters, repeatable::yes);
  }

  std::uint64_t count() {
    call asked{*this};
    const result found =
        asked.run(statement_id::count, std::array{parameter::number(asked.now())}, repeatable::yes);
    return static_cast<std::uint64_t>(found.number(0, 0));
  }

  std::size_t remove_expired() {
    call asked{*this};
    return asked
        .run(statement_id::clean,
             std::array{parameter::number(asked.now() - cleaning_delay.count()),
                        parameter::number(static_cast<std::int64_t>(options_.clean_batch))},
             repeatable::yes)
        .changed_rows();
  }

  void on_warning(store_reports::listener listener, std::chrono::nanoseconds idle_timeout) {
    watch_.listen(std::move(listener), idle_timeout);
  }

  void start_cleaning() {
    if (options_.clean_every == milliseconds{0}) return;
    cleaner_.emplace(options_.clean_every, [this] { return clean(); });
  }

 private:
  bool is_scs_v2() const noexcept { return options_.records == postgres_records::scs_v2; }

  /// Returns the revision of a record that was written. `made` is the one that the store has
  /// generated for it.
  std::int64_t revision_of(const result& written, std::int64_t made) const {
    return is_scs_v2() ? written.number(0, 0) : made;
  }

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

  postgres_options options_;
  postgres_detail::statements statements_;
  server_watch watch_;
  postgres_detail::database_clock time_;
  postgres_detail::pool pool_;
  postgres_detail::caller caller_;
  postgres_detail::table table_;
  std::optional<postgres_detail::cleaner> cleaner_;  // last, because it uses the other members
};

postgres::postgres(postgres_options options)
    : impl_(std::make_unique<implementation>(std::move(options))) {
  impl_->start_cleaning();
}

postgres::~postgres() = default;

void postgres::migrate() {
  impl_->migrate();
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
  if (!user.empty()) impl_->visit_all_of(user, visit_record);
}

std::optional<std::uint64_t> postgres::count() {
  return impl_->count();
}

void postgres::on_warning(listener call, std::chrono::nanoseconds idle_timeout) {
  impl_->on_warning(std::move(call), idle_timeout);
}

std::size_t postgres::remove_expired() {
  return impl_->remove_expired();
}

}  // namespace scs::stores
