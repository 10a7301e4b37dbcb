#pragma once

#include <thread>

#include <httplib.h>

#include "raw_http.hpp"

namespace scs::http::tests {

/// Makes one request to a temporary server at the first call. cpp-httplib builds tables at its
/// first request. ThreadSanitizer does not see the library's code, and would report that the
/// threads of several first requests read these tables.
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
