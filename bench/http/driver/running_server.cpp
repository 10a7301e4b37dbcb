#include "http/driver/running_server.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <unistd.h>

#include "free_port.hpp"
#include "harness/child.hpp"
#include "http/driver/simple_client.hpp"

namespace bench::http {

namespace {

using namespace std::chrono_literals;

template <class Condition>
bool becomes_true(Condition condition, std::chrono::seconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

int port_for(const program& program) {
  if (program.port == 0) return test::free_port();
  if (!becomes_true([&] { return !is_listening(program.port); }, 30s)) {
    throw std::runtime_error("something else serves on port " + std::to_string(program.port) +
                             ", which " + program.name + " needs: stop it first");
  }
  return program.port;
}

std::vector<std::string> command(const program& program, int port) {
  std::vector<std::string> words{program.file};
  for (std::string& argument : program.arguments(port))
    words.push_back(std::move(argument));
  return words;
}

/// Returns a value that looks like a session's cookie, for servers that ignore it.
std::string made_up_cookie(std::size_t number) {
  constexpr std::size_t token_size = 43;
  const std::string digits = std::to_string(number);
  return "session=" + std::string(token_size - digits.size(), 'x') + digits;
}

}  // namespace

running_server::running_server(const program& program)
    : program_(program),
      folder_(std::filesystem::temp_directory_path()),
      port_(port_for(program)),
      process_(command(program, port_), folder_.path()) {
  const bool over = becomes_true([&] { return process_.has_ended() || is_listening(port_); }, 10s);
  if (!over || process_.has_ended()) throw std::runtime_error(program.name + " does not start");
}

double running_server::cpu_ns() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process_.pid(), &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    throw std::runtime_error(program_.name + " has ended");
  }
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double running_server::resident_bytes() const {
  return bench::resident_bytes(process_.pid());
}

std::vector<std::string> running_server::make_sessions(std::size_t count) {
  simple_client visitor(port_);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    const response answer = program_.has_sessions ? visitor.get("/put", "") : response{};
    all.push_back(program_.has_sessions ? answer.cookie : made_up_cookie(i));
    if (all.back().empty()) throw std::runtime_error(program_.name + ": /put sent no cookie");
  }
  if (count > 0 && visitor.get("/get", all.back()).body != "Hello world!") {
    throw std::runtime_error(program_.name + ": /get does not show what /put stored");
  }
  return all;
}

}  // namespace bench::http
