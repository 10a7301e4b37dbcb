#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "machine.hpp"

namespace explore {

/// Replaces std::atomic in the sources that are explored. Without a machine, it is a plain
/// variable.
template <class Value>
class atomic {
  static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) <= sizeof(std::uint64_t));

 public:
  atomic() : atomic(Value{}) {}
  // NOLINTNEXTLINE(google-explicit-constructor): as in the standard library
  atomic(Value value) : word_(to_word(value)) {
    if (machine::current() != nullptr) {
      location_ =
          machine::current()->add_location(word_, std::is_pointer_v<Value> ? "pointer" : "number");
    }
  }
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  Value load(std::memory_order order = std::memory_order_seq_cst) const {
    if (machine::current() == nullptr) return from_word(word_);
    return from_word(machine::current()->load(location_, order));
  }

  void store(Value value, std::memory_order order = std::memory_order_seq_cst) {
    if (machine::current() == nullptr) {
      word_ = to_word(value);
    } else {
      machine::current()->store(location_, to_word(value), order);
    }
  }

  Value fetch_add(Value added, std::memory_order order = std::memory_order_seq_cst) {
    return update([added](Value value) { return static_cast<Value>(value + added); }, order);
  }
  Value fetch_sub(Value taken, std::memory_order order = std::memory_order_seq_cst) {
    return update([taken](Value value) { return static_cast<Value>(value - taken); }, order);
  }
  Value operator++() { return static_cast<Value>(fetch_add(1) + 1); }
  Value operator--() { return static_cast<Value>(fetch_sub(1) - 1); }

  bool compare_exchange_strong(Value& expected, Value wanted, std::memory_order success,
                               std::memory_order failure) {
    std::uint64_t word = to_word(expected);
    bool exchanged = word == word_;
    if (machine::current() != nullptr) {
      exchanged =
          machine::current()->compare_exchange(location_, word, to_word(wanted), success, failure);
    } else if (exchanged) {
      word_ = to_word(wanted);
    } else {
      word = word_;
    }
    expected = from_word(word);
    return exchanged;
  }
  bool compare_exchange_strong(Value& expected, Value wanted,
                               std::memory_order order = std::memory_order_seq_cst) {
    return compare_exchange_strong(expected, wanted, order, order_of_failure(order));
  }

  /// Sets its name in traces.
  void name(std::string_view name) const {
    if (machine::current() != nullptr) machine::current()->name(location_, name);
  }

 private:
  template <class Change>
  Value update(Change change, std::memory_order order) {
    const auto change_word = [change](std::uint64_t word) {
      return to_word(change(from_word(word)));
    };
    if (machine::current() != nullptr) {
      return from_word(machine::current()->update(location_, change_word, order));
    }
    const std::uint64_t before = word_;
    word_ = change_word(word_);
    return from_word(before);
  }

  static std::uint64_t to_word(Value value) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    return word;
  }
  static Value from_word(std::uint64_t word) noexcept {
    Value value;
    std::memcpy(&value, &word, sizeof value);
    return value;
  }

  std::uint64_t word_;  ///< used without a machine
  unsigned location_ = 0;
};

/// Replaces std::mutex. Can only be used with a machine.
class mutex {
 public:
  mutex() : location_(machine::current()->add_location(0, "mutex")) {}
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  // NOLINTBEGIN(readability-make-member-function-const): they change what it stands for
  void lock() { machine::current()->lock(location_); }
  void unlock() { machine::current()->unlock(location_); }
  // NOLINTEND(readability-make-member-function-const)

 private:
  unsigned location_;
};

}  // namespace explore
