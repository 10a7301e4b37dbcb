#include "stores/service/remote_store.hpp"

#include <utility>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <scs/error.hpp>

#include "stores/machine_clock.hpp"
#include "stores/service/wire.hpp"

namespace buntdb::attacks::stores {

namespace {

wire_writer message_of(wire_call what) {
  wire_writer message;
  message.number(static_cast<std::int64_t>(what));
  return message;
}

wire_writer message_of(wire_call what, std::string_view text) {
  wire_writer message = message_of(what);
  message.text(text);
  return message;
}

/// Returns a reader that begins after the mark of success.
wire_reader contents_of(const std::string& answer) {
  wire_reader read(answer);
  if (read.number() == 0) throw scs::error(scs::errc::store_failed, "the service: " + read.text());
  return read;
}

std::optional<scs::record> record_in(const std::string& answer) {
  wire_reader read = contents_of(answer);
  if (read.number() == 0) return std::nullopt;
  return read.record();
}

}  // namespace

remote_store::~remote_store() {
  for (const int each : idle_)
    ::close(each);
}

int remote_store::connect_to() const {
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path_.copy(where.sun_path, sizeof where.sun_path - 1);
  const timeval limit{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&where), sizeof where) == -1) {
    ::close(connection);
    ::usleep(2000);  // otherwise the load would only count failures
    throw scs::error(scs::errc::store_failed, "the service is not there");
  }
  return connection;
}

std::string remote_store::ask(const std::string& message) {
  int connection = -1;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      connection = idle_.back();
      idle_.pop_back();
    }
  }
  if (connection == -1) connection = connect_to();
  std::optional<std::string> answer;
  if (send_message(connection, message)) answer = receive_message(connection);
  if (!answer) {
    ::close(connection);
    throw scs::error(scs::errc::store_failed, "the service did not answer");
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(connection);
  return std::move(*answer);
}

std::optional<scs::record> remote_store::find(const scs::session_id& id) {
  return record_in(ask(message_of(wire_call::find, id.text()).bytes()));
}

scs::commit_result remote_store::commit(const scs::session_id& id, std::string_view payload,
                                        scs::time_point expiry,
                                        const std::optional<std::string>& expected_revision,
                                        std::string_view user) {
  wire_writer message = message_of(wire_call::commit, id.text());
  message.text(payload);
  message.moment(expiry);
  message.number(expected_revision ? 1 : 0);
  if (expected_revision) message.text(*expected_revision);
  message.text(user);
  const std::string answer = ask(message.bytes());
  wire_reader read = contents_of(answer);
  const auto result = static_cast<scs::commit_result::outcome>(read.number());
  return {result, read.text()};
}

bool remote_store::touch(const scs::session_id& id, scs::time_point expiry) {
  wire_writer message = message_of(wire_call::touch, id.text());
  message.moment(expiry);
  const std::string answer = ask(message.bytes());
  return contents_of(answer).number() != 0;
}

std::optional<scs::record> remote_store::erase(const scs::session_id& id) {
  return record_in(ask(message_of(wire_call::erase, id.text()).bytes()));
}

void remote_store::visit_all(const std::string& answer, const visitor& visit_record) {
  wire_reader read = contents_of(answer);
  const std::int64_t count = read.number();
  const std::string all = read.text();
  wire_reader each(all);
  for (std::int64_t i = 0; i < count; ++i) {
    const scs::session_id id = scs::session_id::from_text(each.text());
    if (visit_record(id, each.record()) == scs::visit::stop) return;
  }
}

void remote_store::for_each(const visitor& visit_record) {
  visit_all(ask(message_of(wire_call::list).bytes()), visit_record);
}

void remote_store::for_each_of_user(std::string_view user, const visitor& visit_record) {
  visit_all(ask(message_of(wire_call::list_user, user).bytes()), visit_record);
}

void remote_store::sync_erasures() {
  const std::string answer = ask(message_of(wire_call::sync).bytes());
  contents_of(answer);
}

scs::time_point remote_store::engine_time(const scs::session_id&) {
  return machine_clock::right_time();
}

}  // namespace buntdb::attacks::stores
