#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "fiber.hpp"
#include "memory_model.hpp"
#include "operation.hpp"
#include "search.hpp"

namespace explore {

/// One execution: threads are fibers that run in the order that the search chooses. Before each
/// operation on an atomic object or a mutex, another thread may run. Everything else that a thread
/// does happens together with the preceding operation; tracked_memory.hpp checks that it has no
/// data race.
///
/// The objects of the program may also be constructed, used and destroyed outside the threads, as
/// long as the machine lives. There is one machine at a time.
class machine {
 public:
  explicit machine(search& decisions);
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// Returns the only machine, or null.
  static machine* current() noexcept { return current_; }

  /// Adds a thread, which begins with run(). The body must not throw.
  void add_thread(std::string name, std::function<void()> body);

  /// Runs the threads to their ends. Returns false if another execution is equivalent to this one;
  /// the search then does not consider it complete.
  bool run();

  /// Prints the problem and the operations of the threads, and ends the program with 1.
  [[noreturn]] void violation(const std::string& problem) const;

  /// Returns the thread that runs, or `outside`.
  unsigned thread() const noexcept { return running_; }
  const vector_clock& now() const noexcept { return model_.happened(running_); }

  // For atomic objects. The memory orders are those of the calls.
  unsigned add_location(std::uint64_t value, std::string_view type);
  /// Sets the name of a location, or of a value such as an address, in traces.
  void name(unsigned location, std::string_view name) { names_[location] = name; }
  void name_value(std::uint64_t value, const char* what, std::uint64_t number) {
    named_values_.push_back({value, what, number});
  }

  std::uint64_t load(unsigned location, std::memory_order order);
  void store(unsigned location, std::uint64_t value, std::memory_order order);
  /// Calls `change` with the newest value, and replaces it by the result.
  std::uint64_t update(unsigned location, const std::function<std::uint64_t(std::uint64_t)>& change,
                       std::memory_order order);
  /// Returns whether it exchanged the value; otherwise sets `expected`.
  bool compare_exchange(unsigned location, std::uint64_t& expected, std::uint64_t wanted,
                        std::memory_order success, std::memory_order failure);

  // For mutexes. The value of their location is 1 while they are locked.
  void lock(unsigned location);
  void unlock(unsigned location);

 private:
  struct virtual_thread {
    std::string name;
    std::unique_ptr<test::fiber> body;
    std::optional<operation> next;
    bool ended = false;
  };
  struct event {
    unsigned thread;
    operation what;
    std::uint64_t value;  ///< loaded or stored
    bool newest;
    bool changed;  ///< it stored
  };

  struct named_value {
    std::uint64_t value;
    const char* what;
    std::uint64_t number;
  };

  void reach(operation next);
  unsigned pick();
  bool can_run(const virtual_thread& thread) const noexcept;
  unsigned choose(unsigned count);
  std::vector<unsigned> older_values(unsigned location, std::memory_order order) const;
  void record(const operation& what, unsigned index, bool changed);
  std::string describe(std::uint64_t value) const;
  std::string describe(const event& each) const;

  static inline machine* current_ = nullptr;

  search& search_;
  memory_model model_;
  std::vector<virtual_thread> threads_;
  std::vector<std::string> names_;  ///< of locations
  std::vector<named_value> named_values_;
  std::vector<event> events_;
  unsigned running_ = outside;
  unsigned chosen_ = outside;
  bool redundant_ = false;
};

}  // namespace explore
