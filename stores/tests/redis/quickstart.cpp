#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <scs/session_manager.hpp>
#include <scs/stores/near_cache.hpp>
#include <scs/stores/redis.hpp>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  auto redis = std::make_unique<scs::stores::redis>(scs::stores::redis_options{
      .servers = {argc > 1 ? argv[1] : "127.0.0.1:6379"}, .key_prefix = "shop:"});
  redis->check();  // wrong options are found here, not by the first visitor

  scs::session_manager sessions{std::make_unique<scs::stores::near_cache>(std::move(redis)),
                                {.lifetime = 24h, .idle_timeout = 20min}};

  std::string cookie;  // what a browser keeps and sends
  for (int request = 0; request < 3; ++request) {
    scs::session session = sessions.load(cookie);
    const int visits = session.get<int>("visits").value_or(0) + 1;
    session.put("visits", visits);
    for (const scs::header& line : sessions.commit(session)) {
      if (line.name == "Set-Cookie") cookie = line.value.substr(0, line.value.find(';'));
    }
    std::cout << "visit " << visits << '\n';
  }
}
