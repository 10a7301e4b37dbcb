#pragma once

#include <thread>

#include <httplib.h>

#include "raw_http.hpp"

namespace scs::http::tests {

/// cpp-httplib builds tables at its first request. ThreadSanitizer cannot see into the library, and
/// would report that the threads of several first requests read them. So this makes one request, to
/// a server of its own, in the first call.
inline void build_tables_of_httplib() {
  [[maybe_unused]] static const bool built = [] {
    httplib::Server first;
    const int port = first.bind_to_any_port("127.0.0.1");
    std::thread thread([&first] { first.listen_after_bind(); });
    while (!first.is_running())
      std::this_thread::yield();
    http_get(port, "/");
    first.stop();
    thread.join();
    return true;
  }();
}

}  // namespace scs::http::tests
