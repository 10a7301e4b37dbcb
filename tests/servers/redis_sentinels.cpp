#include "redis_sentinels.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "free_port.hpp"

namespace test {

using std::chrono::milliseconds;

redis_sentinels::redis_sentinels(milliseconds down_after, std::optional<tls_files> tls,
                                 std::vector<std::string> server_arguments)
    : tls_(std::move(tls)) {
  for (int i = 0; i < 2; ++i)
    servers_.push_back(std::make_unique<redis_server>(server_arguments, tls_));
  servers_[1]->command({"REPLICAOF", "127.0.0.1", std::to_string(servers_[0]->port())});
  if (!eventually([&] {
        return servers_[1]->info("master_sync_in_progress") == 0 &&
               servers_[1]->command({"ROLE"}).find("connected") != std::string::npos;
      })) {
    throw std::runtime_error("the replica does not follow");
  }
  sentinels_.resize(count);
  for (sentinel& each : sentinels_)
    each.port = free_port();
  write_configurations(down_after);
  for (std::size_t i = 0; i < count; ++i)
    start_sentinel(i);
  // A sentinel must ask the master for its replicas before it can replace it.
  for (std::size_t i = 0; i < count; ++i) {
    if (!eventually([&] {
          const std::string seen = ask(i, {"SENTINEL", "MASTER", name});
          return seen.find("num-slaves 1 num-other-sentinels 2") != std::string::npos &&
                 seen.find("flags master ") != std::string::npos &&
                 ask(i, {"SENTINEL", "CKQUORUM", name}).starts_with("OK");
        })) {
      throw std::runtime_error("the sentinels do not see each other: " +
                               ask(i, {"SENTINEL", "MASTER", name}));
    }
  }
}

void redis_sentinels::write_configurations(milliseconds down_after) {
  const auto id = [](std::size_t index) {
    return std::string(39, 'b') + static_cast<char>('0' + index);
  };
  for (std::size_t i = 0; i < count; ++i) {
    sentinel& each = sentinels_[i];
    each.configuration = folder_.file("sentinel" + std::to_string(i) + ".conf");
    each.socket = folder_.file("socket" + std::to_string(i));
    std::ofstream file{each.configuration};
    if (tls_) {
      file << "port 0\ntls-port " << each.port << "\ntls-cert-file " << tls_->certificate
           << "\ntls-key-file " << tls_->key << "\ntls-ca-cert-file " << tls_->authority
           << "\ntls-auth-clients no\ntls-replication yes\n";
    } else {
      file << "port " << each.port << '\n';
    }
    file << "unixsocket " << each.socket << "\nbind 127.0.0.1\ndaemonize no\ndir " << folder_.path()
         << "\nsentinel myid " << id(i) << "\nsentinel monitor " << name << " 127.0.0.1 "
         << servers_[0]->port() << " 2\nsentinel down-after-milliseconds " << name << ' '
         << down_after.count() << "\nsentinel failover-timeout " << name << " 3000\n";
    file << "sentinel known-replica " << name << " 127.0.0.1 " << servers_[1]->port() << '\n';
    for (std::size_t j = 0; j < count; ++j) {
      if (j != i) {
        file << "sentinel known-sentinel " << name << " 127.0.0.1 " << sentinels_[j].port << ' '
             << id(j) << '\n';
      }
    }
  }
}

std::vector<std::string> redis_sentinels::addresses() const {
  std::vector<std::string> all;
  for (const sentinel& each : sentinels_)
    all.push_back("127.0.0.1:" + std::to_string(each.port));
  return all;
}

std::string redis_sentinels::ask(std::size_t index, const std::vector<std::string>& words) const {
  return redis_command(sentinels_[index].socket, words);
}

std::optional<std::size_t> redis_sentinels::master_seen_by(std::size_t index) const {
  std::istringstream place{ask(index, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name})};
  std::string host;
  int port = 0;
  place >> host >> port;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i]->port() == port) return i;
  }
  return std::nullopt;
}

std::size_t redis_sentinels::master() const {
  std::optional<std::size_t> agreed;
  const bool found = eventually([&] {
    agreed = master_seen_by(0);
    for (std::size_t i = 1; i < count; ++i) {
      if (!agreed || master_seen_by(i) != agreed) return false;
    }
    return agreed.has_value();
  });
  if (!found) throw std::runtime_error("the sentinels do not agree");
  return *agreed;
}

bool redis_sentinels::whole(milliseconds limit) const {
  return eventually(
      [&] {
        try {
          const std::optional<std::size_t> agreed = master_seen_by(0);
          if (!agreed || master_seen_by(1) != agreed || master_seen_by(2) != agreed) return false;
          const redis_server& replica = *servers_[1 - *agreed];
          const std::string port = std::to_string(servers_[*agreed]->port());
          const std::string role = replica.command({"ROLE"});
          return servers_[*agreed]->command({"ROLE"}).starts_with("master") &&
                 role.starts_with("slave 127.0.0.1 " + port + " connected") &&
                 ask(0, {"SENTINEL", "MASTER", name}).find("flags master ") != std::string::npos;
        } catch (const std::runtime_error&) {
          return false;
        }
      },
      limit);
}

void redis_sentinels::freeze_sentinel(std::size_t index) {
  sentinels_[index].running->send_signal(SIGSTOP);
}

void redis_sentinels::thaw_sentinel(std::size_t index) {
  sentinels_[index].running->send_signal(SIGCONT);
}

void redis_sentinels::kill_sentinel(std::size_t index) {
  sentinels_[index].running->send_signal(SIGKILL);
  sentinels_[index].running->wait();
}

void redis_sentinels::start_sentinel(std::size_t index) {
  sentinel& each = sentinels_[index];
  each.running = std::make_unique<process>(
      std::vector<std::string>{"setpriv", "--pdeathsig", "KILL", redis_program(),
                               each.configuration, "--sentinel"},
      folder_.path());
  const bool answers = eventually([&] {
    try {
      return ask(index, {"PING"}) == "PONG";
    } catch (const std::runtime_error&) {
      return !each.running->running();
    }
  });
  if (!answers || !each.running->running()) {
    throw std::runtime_error("a sentinel does not start:\n" + each.running->output() +
                             each.running->errors());
  }
}

}  // namespace test
