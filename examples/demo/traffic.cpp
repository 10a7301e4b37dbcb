#include "traffic.hpp"

#include <condition_variable>
#include <exception>
#include <iostream>
#include <mutex>
#include <string>

#include <scs/session.hpp>

namespace {

using namespace std::chrono_literals;

}  // namespace

bool traffic::start() {
  if (running_.exchange(true)) return false;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    run(stop);
    running_ = false;
  });
  return true;
}

void traffic::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  const auto begin = std::chrono::steady_clock::now();
  try {
    for (auto next = begin; next < begin + duration && !stop.stop_requested();
         next += 10ms) {
      visit_a_few_times();
      std::unique_lock lock(mutex);
      never.wait_until(lock, stop, next + 10ms, [] { return false; });
    }
  } catch (const std::exception& problem) {
    std::cerr << "demo: the visitors left: " + std::string(problem.what()) + "\n";
  }
}

void traffic::visit_a_few_times() {
  scs::session first_visit = sessions_.load("");  // there is no Cookie header
  first_visit.put("uses", 1);
  sessions_.commit(first_visit);
  const std::string cookie = sessions_.cookie_name() + "=" + first_visit.token();
  for (int visits = 2; visits < 6; ++visits) {
    scs::session next_visit = sessions_.load(cookie);
    if (visits == 5) next_visit.put("uses", visits);
    next_visit.exists("uses");
    sessions_.commit(next_visit);
  }
}
