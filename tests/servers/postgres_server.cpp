#include "postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include "free_port.hpp"

namespace test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

void give_to(const std::string& user, const std::filesystem::path& folder) {
  const passwd* const entry = getpwnam(user.c_str());
  if (entry == nullptr || chown(folder.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
    throw std::runtime_error("cannot give " + folder.string() + " to " + user);
  }
}

std::string unprivileged_user() {
  if (geteuid() != 0) return {};
  return getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

}  // namespace

postgres_server::postgres_server() : user_(unprivileged_user()) {
  if (!user_.empty()) give_to(user_, folder_.path());
  const auto initdb =
      run({POSTGRES_BIN_DIR "/initdb", "--pgdata=data", "--username=app", "--auth=trust",
           "--no-sync", "--no-instructions", "--locale=C", "--encoding=UTF8"});
  if (initdb->wait() != 0) throw std::runtime_error("initdb failed: " + initdb->errors());
  std::ofstream{folder_.path() / "data" / "pg_hba.conf"}
      << "host all guarded 127.0.0.1/32 scram-sha-256\n"
         "host all all 127.0.0.1/32 trust\n"
         "host replication app 127.0.0.1/32 trust\n";
  port_ = free_port();
  start();
  sql("CREATE ROLE guarded LOGIN PASSWORD '" + std::string{guarded_password} + "'");
  sql("GRANT CREATE ON SCHEMA public TO guarded");
}

postgres_server::postgres_server(const postgres_server& primary, role, int replication_port)
    : user_(unprivileged_user()) {
  if (!user_.empty()) give_to(user_, folder_.path());
  // The folder of the server's link does not contain links to all of its programs.
  const auto folder = std::filesystem::canonical(POSTGRES_BIN_DIR "/postgres").parent_path();
  const int from = replication_port == 0 ? primary.port() : replication_port;
  const auto copy = run({folder / "pg_basebackup", "--pgdata=data", "--host=127.0.0.1",
                         "--port=" + std::to_string(from), "--username=app", "--checkpoint=fast",
                         "--write-recovery-conf", "--no-sync"});
  if (copy->wait() != 0) throw std::runtime_error("pg_basebackup failed: " + copy->errors());
  port_ = free_port();
  start();
  const auto give_up = steady_clock::now() + seconds{20};
  while (primary.sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "0") {
    if (steady_clock::now() > give_up) throw std::runtime_error("the standby does not follow");
    std::this_thread::sleep_for(milliseconds{10});
  }
}

postgres_server::~postgres_server() {
  try {
    if (running()) stop();
  } catch (...) {  // the process object kills it
  }
}

std::unique_ptr<process> postgres_server::run(std::vector<std::string> arguments) const {
  // At QUIT, PostgreSQL ends itself and its children immediately.
  std::vector<std::string> command{"setpriv", "--pdeathsig=QUIT"};
  if (!user_.empty()) {
    const passwd* const entry = getpwnam(user_.c_str());
    command.push_back("--reuid=" + std::to_string(entry->pw_uid));
    command.push_back("--regid=" + std::to_string(entry->pw_gid));
    command.emplace_back("--clear-groups");
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  return std::make_unique<process>(command, folder_.path());
}

std::string postgres_server::conninfo(std::string_view user) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) +
         " dbname=postgres user=" + std::string{user};
}

void postgres_server::start() {
  const auto give_up = steady_clock::now() + seconds{30};
  while (true) {
    if (!server_ || !server_->running()) {
      // Syncing to a disk is not relevant to the tests.
      server_ = run({POSTGRES_BIN_DIR "/postgres", "-D", "data", "-p", std::to_string(port_), "-c",
                     "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
                     "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c",
                     "max_connections=60", "-c", "autovacuum=off"});
    }
    if (PQping(conninfo().c_str()) == PQPING_OK) return;
    if (steady_clock::now() > give_up) {
      throw std::runtime_error("PostgreSQL does not start: " + server_->errors());
    }
    std::this_thread::sleep_for(milliseconds{10});
  }
}

void postgres_server::stop() {
  thaw();
  server_->send_signal(SIGINT);
  if (server_->wait(seconds{20}) == process::still_running) {
    throw std::runtime_error("PostgreSQL does not stop");
  }
}

void postgres_server::kill() {
  const std::vector<pid_t> all = processes();
  for (const pid_t id : all)  // the list was read before, because the first process starts others
    ::kill(id, SIGKILL);
  server_->wait();
}

bool postgres_server::running() const {
  return server_ && server_->running();
}

void postgres_server::promote() {
  if (sql("SELECT pg_promote()") != "t") throw std::runtime_error("PostgreSQL is not promoted");
}

std::vector<pid_t> postgres_server::processes() const {
  const std::string id = std::to_string(server_->id());
  std::vector<pid_t> all{server_->id()};
  std::ifstream children{"/proc/" + id + "/task/" + id + "/children"};
  for (pid_t child = 0; children >> child;)
    all.push_back(child);
  return all;
}

void postgres_server::freeze() {
  server_->send_signal(SIGSTOP);  // first, so that it starts no more children
  for (const pid_t id : processes())
    ::kill(id, SIGSTOP);
}

void postgres_server::thaw() {
  for (const pid_t id : processes())
    ::kill(id, SIGCONT);
}

void postgres_server::kill_backend(int pid) const {
  for (const pid_t id : processes()) {
    if (id == pid) ::kill(id, SIGKILL);
  }
}

void postgres_server::speak_tls(const tls_files& files) const {
  namespace fs = std::filesystem;
  const auto copy = [&](const std::string& from, const char* name) {
    const fs::path to = folder_.path() / "data" / name;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
    fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write);
    if (!user_.empty()) give_to(user_, to);
  };
  copy(files.certificate, "server.crt");  // PostgreSQL's default names
  copy(files.key, "server.key");
  sql("ALTER SYSTEM SET ssl = on");
  const std::string before = sql("SELECT pg_conf_load_time()::text");
  sql("SELECT pg_reload_conf()");
  const auto give_up = steady_clock::now() + seconds{20};
  while (sql("SELECT pg_conf_load_time()::text") == before) {
    if (steady_clock::now() > give_up) throw std::runtime_error("PostgreSQL does not reload");
    std::this_thread::sleep_for(milliseconds{10});
  }
}

std::string postgres_server::sql(const std::string& statement) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(conninfo().c_str()),
                                                                &PQfinish};
  const std::unique_ptr<PGresult, decltype(&PQclear)> result{
      PQexec(connection.get(), statement.c_str()), &PQclear};
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(statement + ": " + PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

postgres_server& shared_postgres() {
  static postgres_server server;
  return server;
}

}  // namespace test
