#include "server.hpp"

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include <sys/socket.h>

int take_port(httplib::Server& server, int port) {
  // cpp-httplib's own choice, SO_REUSEPORT, would let two servers share a port without a word.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  errno = 0;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
    if (port > 0) return port;
  } else if (server.bind_to_port("127.0.0.1", port)) {
    return port;
  }
  const std::error_code code{errno != 0 ? errno : EADDRINUSE, std::generic_category()};
  throw std::system_error(code, "cannot listen on 127.0.0.1:" + std::to_string(port));
}

void serve(httplib::Server& server, stop_on_signal& signals) {
  std::atomic<bool> ended = false;
  // A browser's idle connection must not hold up the stop for longer than this.
  server.set_keep_alive_timeout(1);
  signals.start([&server, &ended] {
    // stop() does nothing before the server runs, which is a moment away when it does not yet.
    while (!server.is_running() && !ended)
      std::this_thread::yield();
    server.stop();
  });
  server.listen_after_bind();
  ended = true;
  signals.finish();
}
