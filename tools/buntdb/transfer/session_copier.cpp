#include "transfer/session_copier.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <scs/token.hpp>

namespace {

constexpr std::size_t at_once = 512;

}  // namespace

bool is_token(const scs::session_id& id) noexcept {
  return scs::token::parse(id.text()).has_value();
}

void count_read(const scs::session_id& id, copied_counts& counts) {
  if (scs::is_reserved(id)) {
    ++counts.revocations;
    return;
  }
  ++counts.sessions;
  if (is_token(id)) ++counts.tokens;
}

void session_copier::add(carried_session session) {
  waiting_.push_back(std::move(session));
  if (waiting_.size() == at_once) put_all();
}

void session_copier::finish() {
  put_all();
}

session_copier::fate session_copier::put(const carried_session& session) {
  using outcome = scs::commit_result::outcome;
  const auto& [id, record] = session;
  // The second attempt is for a record that has expired between the two calls.
  for (int i = 0; i < 2; ++i) {
    if (scs::clock::system().has_come(record.expiry)) return fate::expired;
    const scs::commit_result done =
        to_.commit(id, record.payload, record.expiry, std::nullopt, record.user);
    if (done.result == outcome::committed) return fate::added;
    const std::optional<scs::record> there = to_.find(id);
    if (!there) continue;
    if (there->payload != record.payload) return fate::kept;
    // A store rounds the expiry by up to a second.
    if (there->expiry + std::chrono::seconds{1} < record.expiry) to_.touch(id, record.expiry);
    return fate::present;
  }
  return fate::expired;
}

void session_copier::put_all() {
  std::vector<fate> fates(waiting_.size());
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < waiting_.size(); i = next++)
        fates[i] = put(waiting_[i]);
    } catch (...) {
      next = waiting_.size();
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < std::min(threads_, waiting_.size()); ++i)
    helpers.emplace_back(work);
  work();
  for (std::thread& each : helpers)
    each.join();
  if (failure) std::rethrow_exception(failure);
  for (const fate each : fates) {
    if (each == fate::added) ++counts_.added;
    if (each == fate::present) ++counts_.present;
    if (each == fate::kept) ++counts_.kept;
    if (each == fate::expired) ++counts_.expired;
  }
  waiting_.clear();
}
