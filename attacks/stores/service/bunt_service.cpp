#include "stores/service/bunt_service.hpp"

#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <buntdb/database.hpp>
#include <scs/stores/bunt.hpp>

#include "stores/service/wire.hpp"

namespace buntdb::attacks::stores {

namespace {

constexpr std::string_view mark = "--serve-bunt";

void list(scs::stores::bunt& store, const std::optional<std::string>& user, wire_writer& answer) {
  wire_writer found;
  std::int64_t count = 0;
  const auto visit = [&](const scs::session_id& id, const scs::record& each) {
    found.text(id.text());
    found.record(each);
    ++count;
    return scs::visit::next;
  };
  if (user) {
    store.for_each_of_user(*user, visit);
  } else {
    store.for_each(visit);
  }
  answer.number(count);
  answer.text(found.bytes());
}

void commit(scs::stores::bunt& store, wire_reader& asked, wire_writer& answer) {
  const scs::session_id id = scs::session_id::from_text(asked.text());
  const std::string payload = asked.text();
  const scs::time_point expiry = asked.moment();
  std::optional<std::string> revision;
  if (asked.number() != 0) revision = asked.text();
  const std::string user = asked.text();
  const scs::commit_result done = store.commit(id, payload, expiry, revision, user);
  answer.number(static_cast<std::int64_t>(done.result));
  answer.text(done.revision);
}

void put(const std::optional<scs::record>& found, wire_writer& answer) {
  answer.number(found ? 1 : 0);
  if (found) answer.record(*found);
}

std::string answer_to(scs::stores::bunt& store, std::string_view message) {
  wire_reader asked(message);
  wire_writer answer;
  answer.number(1);
  switch (static_cast<wire_call>(asked.number())) {
    case wire_call::find:
      put(store.find(scs::session_id::from_text(asked.text())), answer);
      break;
    case wire_call::commit:
      commit(store, asked, answer);
      break;
    case wire_call::touch: {
      const scs::session_id id = scs::session_id::from_text(asked.text());
      answer.number(store.touch(id, asked.moment()) ? 1 : 0);
      break;
    }
    case wire_call::erase:
      put(store.erase(scs::session_id::from_text(asked.text())), answer);
      break;
    case wire_call::list:
      list(store, std::nullopt, answer);
      break;
    case wire_call::list_user:
      list(store, asked.text(), answer);
      break;
    case wire_call::sync:
      store.sync_erasures();
      break;
  }
  return answer.bytes();
}

void serve(scs::stores::bunt& store, int connection) {
  while (const std::optional<std::string> message = receive_message(connection)) {
    std::string answer;
    try {
      answer = answer_to(store, *message);
    } catch (const std::exception& failure) {
      wire_writer failed;
      failed.number(0);
      failed.text(failure.what());
      answer = failed.bytes();
    }
    if (!send_message(connection, answer)) break;
  }
  ::close(connection);
}

}  // namespace

bool is_bunt_service(int count, char** words) {
  return count == 5 && words[1] == mark;
}

int serve_bunt(char** words) {
  const std::string file = words[2];
  const std::string socket_path = words[3];
  try {
    database db = database::open(
        file, {.sync = std::string_view(words[4]) == "always" ? sync_policy::always
                                                              : sync_policy::every_second});
    scs::stores::bunt store(db);
    ::unlink(socket_path.c_str());
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    socket_path.copy(where.sun_path, sizeof where.sun_path - 1);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&where), sizeof where) == -1 ||
        ::listen(listener, 128) == -1) {
      std::cerr << "cannot listen at " << socket_path << std::endl;
      return 1;
    }
    for (;;) {
      const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection != -1) std::thread(serve, std::ref(store), connection).detach();
    }
  } catch (const std::exception& failure) {
    std::cerr << failure.what() << std::endl;
    return 1;
  }
}

}  // namespace buntdb::attacks::stores
