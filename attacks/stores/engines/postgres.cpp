// PostgreSQL: a primary with a standby, or with a PgBouncer in front of it.

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scs/stores/postgres.hpp>

#include "postgres_server.hpp"
#include "redis_server.hpp"
#include "stores/engines/engine.hpp"
#include "stores/engines/proxy.hpp"
#include "transaction_pooler.hpp"

namespace buntdb::attacks::stores {

namespace {

using namespace std::chrono_literals;

constexpr const char* pooler_program = "/usr/sbin/pgbouncer";

class postgres_pair final : public engine {
 public:
  postgres_pair() { require_program(POSTGRES_PROGRAM); }

  std::string prepare(model::random_source& random) override {
    if (!primary_) start_primary();
    primary_->sql("ALTER SYSTEM RESET synchronous_standby_names");
    primary_->sql("SELECT pg_reload_conf()");
    primary_->sql("SET client_min_messages = error; DROP TABLE IF EXISTS sessions");
    pooler_.reset();
    if (random.one_in(3) && std::filesystem::exists(pooler_program)) {
      synchronous_ = false;
      standby_.reset();
      pooler_.emplace(*primary_, 4, test::transaction_pooler::prepared_statements::pass);
      lead_network_to(port_of(pooler_->conninfo()));
      return "behind a pooler";
    }
    if (!standby_) start_standby();
    lead_network_to(primary_->port());
    synchronous_ = random.one_in(2);
    if (synchronous_) {
      primary_->sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
      primary_->sql("SELECT pg_reload_conf()");
    }
    return synchronous_ ? "with a synchronous standby" : "with an asynchronous standby";
  }

  std::unique_ptr<scs::store> store_for(std::size_t server) override {
    auto store = std::make_unique<scs::stores::postgres>(scs::stores::postgres_options{
        .connection = connection(server),
        .statements = pooler_ ? scs::stores::statement_mode::unprepared
                              : scs::stores::statement_mode::prepared,
        .timeout = 2s,
        // On one of them, whose clock may be wrong.
        .clean_every = server == 0 ? 0ms : 500ms});
    store->migrate();
    return store;
  }

  std::vector<fault> faults() override {
    std::vector<fault> all;
    add_server_faults(all);
    all.push_back(slightly_wrong_clock());
    add_wrong_clocks(all);
    add_network_faults(all, *network_);
    if (standby_) {
      all.push_back({"standby promoted", [this](round_state& round) { promote(round); }});
      all.push_back({"standby promoted that was behind",
                     [this](round_state& round) { promote_late(round); }});
    }
    return all;
  }

  void heal() override {
    heal_network(*network_);
    replication_->hold(false);
    primary_->thaw();
    if (!standby_) return;
    standby_->thaw();
    const bool follows = test::eventually([this] { return standby_follows(); });
    if (!follows) throw std::runtime_error("the standby does not follow again");
  }

  /// Sessions live so briefly that a clock that is wrong by a minute matters.
  std::chrono::seconds lifetime() const override { return 45s; }

 private:
  void start_primary() {
    primary_ = std::make_unique<test::postgres_server>();
    primary_->sql("ALTER SYSTEM SET wal_retrieve_retry_interval = '100ms'");
    primary_->sql("SELECT pg_reload_conf()");
  }

  void start_standby() {
    if (replication_) {
      replication_->lead_to(primary_->port());
    } else {
      replication_.emplace(primary_->port());
    }
    standby_ = std::make_unique<test::postgres_server>(
        *primary_, test::postgres_server::role::standby, replication_->port());
  }

  void lead_network_to(int port) {
    if (!replication_) replication_.emplace(primary_->port());
    if (network_) {
      network_->lead_to(port);
      network_->cut();
    } else {
      network_.emplace(port);
    }
  }

  static int port_of(const std::string& conninfo) {
    return std::stoi(conninfo.substr(conninfo.find("port=") + 5));
  }

  std::string connection(std::size_t server) const {
    if (pooler_) {
      return "host=127.0.0.1 dbname=postgres user=visitor port=" +
             std::to_string(server == 0 ? port_of(pooler_->conninfo()) : network_->port());
    }
    const int port = server == 0 ? primary_->port() : network_->port();
    return "host=127.0.0.1,127.0.0.1 dbname=postgres user=app target_session_attrs=read-write "
           "port=" +
           std::to_string(port) + "," + std::to_string(standby_->port());
  }

  bool standby_follows() const {
    try {
      return primary_->sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") !=
             "0";
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  void add_server_faults(std::vector<fault>& all) {
    all.push_back({"stands still", [this](round_state& round) {
                     primary_->freeze();
                     round.let_run(round.some(100, 2500));
                     primary_->thaw();
                   }});
    all.push_back({"connections ended", [this](round_state& round) {
                     for (int i = 0; i < 5 && !round.is_over(); ++i) {
                       primary_->sql(end_clients);
                       round.let_run(round.some(10, 100));
                     }
                   }});
    all.push_back({"backend killed", [this](round_state& round) {
                     const std::string pid = primary_->sql(any_client);
                     if (!pid.empty()) primary_->kill_backend(std::stoi(pid));
                     test::eventually([this] { return answers(); });
                     round.let_run(round.some(0, 300));
                   }});
    all.push_back({"restarted", [this](round_state&) {
                     primary_->stop();
                     primary_->start();
                   }});
    all.push_back({"killed", [this](round_state& round) {
                     primary_->kill();
                     round.let_run(round.some(0, 300));
                     primary_->start();
                   }});
    all.push_back({"table locked", [this](round_state& round) {
                     primary_->sql(
                         "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(" +
                         std::to_string(static_cast<double>(round.some(200, 2500).count()) / 1000) +
                         "); COMMIT");
                   }});
  }

  bool answers() const {
    try {
      return primary_->sql("SELECT 1") == "1";
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  /// Loses the primary permanently, and lets the standby replace it.
  void promote(round_state& round) {
    if (!standby_) return;
    if (!synchronous_)
      round.model().losses_begin(now() - 1s, "the promotion of an asynchronous standby");
    primary_->kill();
    replace_primary();
    if (!synchronous_) round.model().losses_end(now());
  }

  void replace_primary() {
    standby_->thaw();
    standby_->promote();
    primary_ = std::move(standby_);
    network_->lead_to(primary_->port());
    synchronous_ = false;
  }

  /// Does the same, but the standby has received nothing for a while. Before the primary is lost,
  /// it crashes, which makes visible what no standby has confirmed.
  void promote_late(round_state& round) {
    if (!standby_) return;
    const bool loses = !synchronous_;
    if (loses) round.model().losses_begin(now() - 1s, "the promotion of an asynchronous standby");
    replication_->drop(true);
    round.let_run(round.some(300, 1500));
    const std::string pid = primary_->sql(any_client);
    if (!pid.empty()) primary_->kill_backend(std::stoi(pid));
    test::eventually([this] { return answers(); });
    round.let_run(round.some(1500, 3500));
    primary_->kill();
    replication_->cut();
    replication_->drop(false);
    replace_primary();
    if (loses) round.model().losses_end(now());
  }

  static constexpr const char* end_clients =
      "SET client_min_messages = error; SELECT count(pg_terminate_backend(pid)) FROM "
      "pg_stat_activity WHERE backend_type = 'client "
      "backend' AND pid <> pg_backend_pid()";
  static constexpr const char* any_client =
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
      "pg_backend_pid() LIMIT 1";

  bool synchronous_ = false;
  std::optional<proxy> network_;      // of the second web server
  std::optional<proxy> replication_;  // of the standby
  std::unique_ptr<test::postgres_server> primary_;
  std::unique_ptr<test::postgres_server> standby_;
  std::optional<test::transaction_pooler> pooler_;
};

}  // namespace

std::unique_ptr<engine> make_postgres() {
  return std::make_unique<postgres_pair>();
}

}  // namespace buntdb::attacks::stores
