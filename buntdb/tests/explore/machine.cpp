#include "machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

namespace explore {

namespace {

constexpr std::string_view name_of(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    case std::memory_order_seq_cst:
      return "seq_cst";
  }
  return "?";
}

}  // namespace

machine::machine(search& decisions) : search_(decisions) {
  if (current_ != nullptr) throw std::logic_error("two machines");
  current_ = this;
  search_.restart();
  model_.tick(outside);
}

machine::~machine() {
  current_ = nullptr;
}

void machine::add_thread(std::string name, std::function<void()> body) {
  const auto number = static_cast<unsigned>(threads_.size());
  if (number == outside) throw std::length_error("too many threads");
  auto run = [this, number, inner = std::move(body)] {
    inner();
    threads_[number].ended = true;
    threads_[number].next.reset();
    chosen_ = pick();
  };
  threads_.push_back({.name = std::move(name),
                      .body = std::make_unique<test::fiber>(std::move(run)),
                      .next = operation{},
                      .ended = false});
}

bool machine::run() {
  for (unsigned thread = 0; thread < threads_.size(); ++thread) {
    model_.learn(thread, outside);
    model_.tick(thread);
  }
  chosen_ = pick();
  while (chosen_ != outside) {
    running_ = chosen_;
    threads_[running_].body->resume();
  }
  running_ = outside;
  for (unsigned thread = 0; thread < threads_.size(); ++thread)
    model_.learn(outside, thread);
  return !redundant_;
}

/// Returns the thread that runs next; `outside` when all have ended.
unsigned machine::pick() {
  bool all_ended = true;
  std::array<std::optional<operation>, max_threads> next;
  for (unsigned thread = 0; thread < threads_.size(); ++thread) {
    all_ended = all_ended && threads_[thread].ended;
    if (can_run(threads_[thread])) next[thread] = threads_[thread].next;
  }
  if (all_ended) return outside;
  if (!redundant_) {
    const auto picked = search_.pick({next.data(), threads_.size()});
    if (picked) return *picked;
    redundant_ = true;
  }
  for (unsigned thread = 0; thread < threads_.size(); ++thread) {
    if (next[thread]) return thread;
  }
  violation("a deadlock");
}

bool machine::can_run(const virtual_thread& thread) const noexcept {
  if (!thread.next) return false;
  if (thread.next->kind != action::lock) return true;
  return model_.value(thread.next->location, model_.newest(thread.next->location)) == 0;
}

/// Returns when the running thread may perform its next operation.
void machine::reach(operation next) {
  if (running_ == outside) return;
  threads_[running_].next = next;
  chosen_ = pick();
  if (chosen_ != running_) test::fiber::pause();
  if (!model_.constructed_for(running_, next.location)) {
    record(next, model_.newest(next.location), false);
    violation("it uses an atomic object whose construction need not have happened before");
  }
}

unsigned machine::choose(unsigned count) {
  if (running_ == outside || redundant_) return 0;
  return search_.choose(count);
}

/// Returns the older values that a load may return. There are none if the load could also have
/// returned its present possibilities before the newest value was stored, because that is another
/// schedule.
std::vector<unsigned> machine::older_values(unsigned location, std::memory_order order) const {
  std::vector<unsigned> result;
  if (running_ == outside || search_.could_precede(model_.newest_depth(location))) return result;
  for (unsigned index = model_.newest(location); index-- > 0;) {
    if (model_.can_load(running_, location, index, order)) result.push_back(index);
  }
  return result;
}

unsigned machine::add_location(std::uint64_t value, std::string_view type) {
  const unsigned added = model_.add(running_, value);
  names_.push_back(std::string(type) + ' ' + std::to_string(added));
  return added;
}

std::uint64_t machine::load(unsigned location, std::memory_order order) {
  const operation self{action::load, order, location};
  reach(self);
  std::vector<unsigned> possible = older_values(location, order);
  possible.push_back(model_.newest(location));
  const unsigned index = possible[choose(static_cast<unsigned>(possible.size()))];
  model_.load(running_, location, index, order);
  record(self, index, false);
  return model_.value(location, index);
}

void machine::store(unsigned location, std::uint64_t value, std::memory_order order) {
  const operation self{action::store, order, location};
  reach(self);
  model_.store(running_, location, value, order, search_.depth());
  record(self, model_.newest(location), true);
}

std::uint64_t machine::update(unsigned location,
                              const std::function<std::uint64_t(std::uint64_t)>& change,
                              std::memory_order order) {
  const operation self{action::update, order, location};
  reach(self);
  const std::uint64_t before = model_.value(location, model_.newest(location));
  model_.update(running_, location, change(before), order, search_.depth());
  record(self, model_.newest(location), true);
  return before;
}

/// A compare-exchange that fails may do so because of an older value, as a load may return one. One
/// that succeeds has read the newest value.
bool machine::compare_exchange(unsigned location, std::uint64_t& expected, std::uint64_t wanted,
                               std::memory_order success, std::memory_order failure) {
  const operation self{action::update, success, location};
  reach(self);
  std::vector<unsigned> possible = older_values(location, failure);
  std::erase_if(possible,
                [&](unsigned index) { return model_.value(location, index) == expected; });
  possible.push_back(model_.newest(location));
  const unsigned index = possible[choose(static_cast<unsigned>(possible.size()))];
  const std::uint64_t found = model_.value(location, index);
  if (found != expected) {
    expected = found;
    model_.load(running_, location, index, failure);
    record(self, index, false);
    return false;
  }
  model_.update(running_, location, wanted, success, search_.depth());
  record(self, model_.newest(location), true);
  return true;
}

void machine::lock(unsigned location) {
  const operation self{action::lock, std::memory_order_acquire, location};
  reach(self);
  if (model_.value(location, model_.newest(location)) != 0) violation("a mutex is locked twice");
  model_.update(running_, location, 1, std::memory_order_acquire, search_.depth());
  record(self, model_.newest(location), true);
}

void machine::unlock(unsigned location) {
  const operation self{action::unlock, std::memory_order_release, location};
  reach(self);
  model_.update(running_, location, 0, std::memory_order_release, search_.depth());
  record(self, model_.newest(location), true);
}

void machine::record(const operation& what, unsigned index, bool changed) {
  if (running_ == outside) return;
  events_.push_back({.thread = running_,
                     .what = what,
                     .value = model_.value(what.location, index),
                     .newest = index == model_.newest(what.location),
                     .changed = changed});
  model_.tick(running_);  // a store passes on what came before it, not what follows
}

std::string machine::describe(std::uint64_t value) const {
  for (const named_value& each : named_values_) {
    if (each.value == value) return each.what + (' ' + std::to_string(each.number));
  }
  return std::to_string(value);
}

std::string machine::describe(const event& each) const {
  const std::string& object = names_[each.what.location];
  std::string text = threads_[each.thread].name;
  switch (each.what.kind) {
    case action::lock:
      return text + " locks " + object;
    case action::unlock:
      return text + " unlocks " + object;
    case action::load:
      text += " loads ";
      break;
    case action::start:
    case action::store:
      text += " stores ";
      break;
    case action::update:
      text += each.changed ? " exchanges " : " fails to exchange ";
      break;
  }
  text += object + ": " + describe(each.value) + " (";
  text += name_of(each.what.order);
  if (!each.newest) text += "; an older value";
  return text + ')';
}

void machine::violation(const std::string& problem) const {
  const std::string thread = running_ == outside ? "after the threads" : threads_[running_].name;
  std::printf("VIOLATION: %s: %s\n", thread.c_str(), problem.c_str());
  for (const event& each : events_)
    std::printf("  %s\n", describe(each).c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

}  // namespace explore
