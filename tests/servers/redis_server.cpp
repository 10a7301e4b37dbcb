#include "redis_server.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <hiredis/hiredis.h>
#include <unistd.h>

#include "free_port.hpp"

namespace test {

using std::chrono::milliseconds;

bool eventually(const std::function<bool()>& holds, milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds{2});  // between two polls
  }
  return true;
}

std::string redis_program() {
  const char* const chosen = std::getenv("BUNTSTORE_REDIS_SERVER");
  return chosen != nullptr ? chosen : REDIS_PROGRAM;
}

redis_server::redis_server(std::vector<std::string> arguments, std::optional<tls_files> tls)
    : arguments_(std::move(arguments)), tls_(std::move(tls)) {
  for (int tries = 3;; --tries) {
    port_ = free_port();
    try {
      launch();
      return;
    } catch (const std::runtime_error&) {
      if (tries == 1) throw;  // or another process has taken the port
    }
  }
}

redis_server::redis_server(std::vector<std::string> arguments, int port,
                           const std::string& nodes_conf, std::optional<tls_files> tls)
    : arguments_(std::move(arguments)), tls_(std::move(tls)), port_(port) {
  std::ofstream{folder_.file("nodes.conf")} << nodes_conf;
  launch();
}

redis_server::~redis_server() = default;  // the process object kills it

std::vector<std::string> redis_server::listening_arguments() const {
  const std::string port = std::to_string(port_);
  if (!tls_) return {"--port", port};
  return {"--port",
          "0",
          "--tls-port",
          port,
          "--tls-cert-file",
          tls_->certificate,
          "--tls-key-file",
          tls_->key,
          "--tls-ca-cert-file",
          tls_->authority,
          "--tls-auth-clients",
          "no",
          "--tls-replication",
          "yes",
          "--tls-cluster",
          "yes"};
}

void redis_server::launch() {
  // With setpriv, no server outlives a test that crashes.
  std::vector<std::string> words{"setpriv", "--pdeathsig", "KILL", redis_program()};
  for (const std::string& word : listening_arguments())
    words.push_back(word);
  for (const std::string& word :
       std::vector<std::string>{"--bind", "127.0.0.1", "--dir", folder_.path(), "--unixsocket",
                                socket_path(), "--save", "", "--daemonize", "no", "--hz", "100",
                                "--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes"})
    words.push_back(word);
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<process>(words, folder_.path());
  if (!eventually([&] { return ready() || !process_->running(); }) || !process_->running()) {
    throw std::runtime_error(redis_program() + " does not start:\n" + process_->output() +
                             process_->errors());
  }
}

bool redis_server::ready() const {
  try {
    const std::string answer = command({"PING"});
    return answer == "PONG" || answer.starts_with("ERROR NOAUTH");
  } catch (const std::runtime_error&) {
    return false;
  }
}

void redis_server::stop() {
  process_->send_signal(SIGTERM);
  process_->wait();
}

void redis_server::kill() {
  process_->send_signal(SIGKILL);
  process_->wait();
}

void redis_server::start() {
  launch();
}

void redis_server::freeze() {
  process_->send_signal(SIGSTOP);
  const std::string path = "/proc/" + std::to_string(process_->id()) + "/stat";
  eventually([&] {
    std::string text;
    std::getline(std::ifstream(path), text);
    return text.find(") T ") != std::string::npos;
  });
}

void redis_server::thaw() {
  process_->send_signal(SIGCONT);
}

namespace {

std::string text_of(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (std::size_t i = 0; i < reply.elements; ++i)
        text += (i == 0 ? "" : " ") + text_of(*reply.element[i]);
      return text;
    }
    case REDIS_REPLY_ERROR:
      return "ERROR " + std::string{reply.str, reply.len};
    default:
      return {reply.str, reply.len};
  }
}

}  // namespace

namespace {

using hiredis_connection = std::unique_ptr<redisContext, decltype(&redisFree)>;

std::string run(const hiredis_connection& connection, const std::vector<std::string>& command) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : command) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  auto* const reply = static_cast<redisReply*>(redisCommandArgv(
      connection.get(), static_cast<int>(texts.size()), texts.data(), sizes.data()));
  if (reply == nullptr) throw std::runtime_error("redis does not answer");
  const std::unique_ptr<redisReply, decltype(&freeReplyObject)> owner{reply, &freeReplyObject};
  return text_of(*reply);
}

hiredis_connection connected(redisContext* made) {
  hiredis_connection connection{made, &redisFree};
  if (!connection || connection->err != 0) throw std::runtime_error("cannot connect to redis");
  redisSetTimeout(connection.get(), {5, 0});
  return connection;
}

}  // namespace

std::string redis_command(const std::string& socket, const std::vector<std::string>& words) {
  return run(connected(redisConnectUnixWithTimeout(socket.c_str(), {5, 0})), words);
}

std::string redis_server::command(const std::vector<std::string>& words) const {
  // Plain hiredis has no TLS.
  const hiredis_connection connection =
      connected(tls_ ? redisConnectUnixWithTimeout(socket_path().c_str(), {5, 0})
                     : redisConnectWithTimeout("127.0.0.1", port_, {5, 0}));
  if (!password_.empty()) run(connection, {"AUTH", password_});
  return run(connection, words);
}

long long redis_server::info(const std::string& field) const {
  std::istringstream lines{command({"INFO", "everything"})};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(field + ":")) continue;
    const std::string_view rest = std::string_view{line}.substr(field.size() + 1);
    const auto equals = rest.find('=');  // cmdstat_get:calls=3,...
    const std::string_view digits =
        equals == std::string_view::npos ? rest : rest.substr(equals + 1);
    long long value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  return 0;
}

bool redis_server::has_unread_bytes() const {
  std::ifstream table{"/proc/net/tcp"};
  for (std::string line; std::getline(table, line);) {
    unsigned int port = 0;
    unsigned int state = 0;
    unsigned int unread = 0;
    if (std::sscanf(line.c_str(), " %*d: %*x:%x %*x:%*x %x %*x:%x", &port, &state, &unread) == 3 &&
        port == static_cast<unsigned int>(port_) && state == 1 && unread != 0) {
      return true;
    }
  }
  return false;
}

// --- cluster ---

namespace {

/// Everything that a cluster's node needs to know before it starts, so that the nodes need not
/// discover each other.
struct planned_node {
  int port = free_port();
  int bus_port = free_port();
  std::string id;
};

std::string nodes_conf(const std::vector<planned_node>& nodes, std::size_t self) {
  constexpr std::size_t slots = 16384;
  const std::size_t masters = nodes.size() / 2;
  std::ostringstream text;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    text << nodes[i].id << " 127.0.0.1:" << nodes[i].port << '@' << nodes[i].bus_port << ' '
         << (i == self ? "myself," : "");
    if (i < masters) {
      text << "master - 0 0 " << i + 1 << " connected " << i * slots / masters << '-'
           << (i + 1) * slots / masters - 1 << '\n';
    } else {
      text << "slave " << nodes[i - masters].id << " 0 0 " << i - masters + 1 << " connected\n";
    }
  }
  text << "vars currentEpoch " << masters << " lastVoteEpoch 0\n";
  return text.str();
}

}  // namespace

redis_cluster::redis_cluster(milliseconds node_timeout, std::optional<tls_files> tls,
                             std::vector<std::string> more_arguments)
    : tls_(std::move(tls)), more_arguments_(std::move(more_arguments)) {
  for (int tries = 3;; --tries) {
    try {
      form(node_timeout);
      return;
    } catch (const std::runtime_error&) {
      if (tries == 1) throw;  // or another process has taken a port
      nodes_.clear();
    }
  }
}

void redis_cluster::form(milliseconds node_timeout) {
  std::vector<planned_node> planned(2 * masters);
  for (std::size_t i = 0; i < planned.size(); ++i)
    planned[i].id = std::string(39, 'a') + static_cast<char>('0' + i);
  for (std::size_t i = 0; i < planned.size(); ++i) {
    std::vector<std::string> arguments{"--cluster-enabled",
                                       "yes",
                                       "--cluster-node-timeout",
                                       std::to_string(node_timeout.count()),
                                       "--cluster-port",
                                       std::to_string(planned[i].bus_port),
                                       "--cluster-replica-validity-factor",
                                       "0",
                                       "--cluster-allow-replica-migration",
                                       "no"};
    arguments.insert(arguments.end(), more_arguments_.begin(), more_arguments_.end());
    nodes_.push_back(std::make_unique<redis_server>(std::move(arguments), planned[i].port,
                                                    nodes_conf(planned, i), tls_));
  }
  const auto require_all = [&](const std::vector<std::string>& question, const std::string& part,
                               std::size_t first) {
    for (std::size_t i = first; i < size(); ++i) {
      if (!eventually([&] { return node(i).command(question).find(part) != std::string::npos; })) {
        throw std::runtime_error("the cluster does not form: not " + part + "\n" +
                                 node(i).command({"CLUSTER", "NODES"}));
      }
    }
  };
  require_all({"CLUSTER", "INFO"}, "cluster_state:ok", 0);
  require_all({"INFO", "replication"}, "master_link_status:up", masters);
}

std::vector<std::size_t> redis_cluster::masters_seen_by(std::size_t index) const {
  std::istringstream lines{nodes_[index]->command({"CLUSTER", "NODES"})};
  std::vector<std::size_t> found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("master") == std::string::npos || line.find("fail") != std::string::npos)
      continue;
    std::istringstream words{line};
    std::vector<std::string> fields;
    for (std::string word; words >> word;)
      fields.push_back(word);
    if (fields.size() < 9) continue;  // without slots
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (fields[1].find(":" + std::to_string(nodes_[i]->port()) + "@") != std::string::npos) {
        found.push_back(i);
      }
    }
  }
  return found;
}

std::size_t redis_cluster::owner_of(const std::string& key, std::size_t seen_by) const {
  const std::string answer = nodes_[seen_by]->command({"GET", key});
  if (!answer.starts_with("ERROR MOVED")) return seen_by;
  const std::string port = answer.substr(answer.rfind(':') + 1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (std::to_string(nodes_[i]->port()) == port) return i;
  }
  throw std::runtime_error("a node that is none of ours: " + answer);
}

void let_pass(redis_server& server, milliseconds duration) {
  // Changes the times as stores/src/redis/record_format.hpp and script.cpp store them.
  constexpr const char* script = R"(
local d = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key) - d
  if redis.call('TYPE', key).ok == 'string' then
    for _, at in ipairs({16, 29}) do
      local time = tonumber(redis.call('GETRANGE', key, at, at + 12))
      if time > 0 then redis.call('SETRANGE', key, at, string.format('%.0f', time - d)) end
    end
  else
    local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #entries, 2 do
      redis.call('ZADD', key, string.format('%.0f', entries[i + 1] - d), entries[i])
    end
  end
  if left <= 0 then redis.call('DEL', key) else redis.call('PEXPIRE', key, left) end
end
return 'done'
)";
  const std::string answer =
      server.command({"EVAL", script, "0", std::to_string(duration.count())});
  if (answer != "done") throw std::runtime_error("let_pass: " + answer);
}

}  // namespace test
