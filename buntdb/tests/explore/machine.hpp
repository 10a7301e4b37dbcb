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

/// One execution: threads that are fibers, and take turns as the search says. Before each operation
/// on an atomic object or a mutex another thread may run. Whatever else a thread does happens
/// together with the operation before it; that it does not race is checked: see tracked_memory.hpp.
///
/// The objects of the program are constructed, used and destroyed outside of the threads, too, as
/// long as the machine lives. There is one machine at a time.
class machine {
 public:
  explicit machine(search& decisions);
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// The only one, or null.
  static machine* current() noexcept { return current_; }

  /// A thread that begins with run(). The body must not throw.
  void add_thread(std::string name, std::function<void()> body);

  /// Runs the threads to their ends. False if another execution is the same as this one: then it is
  /// not complete as far as the search is concerned.
  bool run();

  /// Prints the problem and what the threads have done, and ends the program with 1.
  [[noreturn]] void violation(const std::string& problem) const;

  /// The thread that runs, or `outside`.
  unsigned thread() const noexcept { return running_; }
  const vector_clock& now() const noexcept { return model_.happened(running_); }

  // For atomic objects. Orders are those of the calls.
  unsigned add_location(std::uint64_t value, std::string_view type);
  /// What a trace calls a location, and a value such as an address.
  void name(unsigned location, std::string_view name) { names_[location] = name; }
  void name_value(std::uint64_t value, const char* what, std::uint64_t number) {
    named_values_.push_back({value, what, number});
  }

  std::uint64_t load(unsigned location, std::memory_order order);
  void store(unsigned location, std::uint64_t value, std::memory_order order);
  /// Calls change with the newest value, and replaces it by what that returns.
  std::uint64_t update(unsigned location, const std::function<std::uint64_t(std::uint64_t)>& change,
                       std::memory_order order);
  /// Returns whether it exchanged, and otherwise sets expected.
  bool compare_exchange(unsigned location, std::uint64_t& expected, std::uint64_t wanted,
                        std::memory_order success, std::memory_order failure);

  // For mutexes. The value of their location is 1 while somebody has them.
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
