#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "contenders/contender.hpp"

namespace bench {

/// The limit for a store in memory, in its simplest form: a hash table and a mutex, with lookups by
/// string_view. It keeps nothing after a restart, has no order, and never removes expired sessions.
class locked_map {
 public:
  using clock = std::chrono::system_clock;

  template <class Reading>
  std::uint64_t find(std::string_view key, Reading reading) {
    const clock::time_point now = clock::now();
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(key);
    if (at == entries_.end() || at->second.expires <= now) return 0;
    return reading(at->second.value);
  }

  void save(std::span<const save_request> requests) {
    const clock::time_point now = clock::now();
    const std::lock_guard lock(mutex_);
    for (const save_request& request : requests) {
      entry& place = entries_.try_emplace(std::string(request.key)).first->second;
      place.value.assign(request.value);
      place.expires = now + request.ttl;
    }
  }

 private:
  struct entry {
    std::string value{};
    clock::time_point expires{};
  };
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, entry, text_hash, std::equal_to<>> entries_;  // guarded by mutex_
};

class locked_map_connection final : public connection {
 public:
  explicit locked_map_connection(locked_map& map) : map_(map) {}

  std::uint64_t find(std::string_view key) override {
    return map_.find(key, [](const std::string& value) -> std::uint64_t {
      return static_cast<unsigned char>(value.front());
    });
  }
  void save(const save_request& request) override { map_.save({&request, 1}); }
  void save_batch(std::span<const save_request> requests) override { map_.save(requests); }
  std::uint64_t ascend(std::string_view, unsigned) override { return 0; }
  std::uint64_t ascend_reading(std::string_view, unsigned) override { return 0; }

 private:
  locked_map& map_;
};

class locked_map_contender final : public contender {
 public:
  std::string name() const override { return "unordered_map"; }
  std::string setup() const override {
    return "std::unordered_map<string, {string, expiry}> and a std::mutex; keeps nothing on disk";
  }
  bool is_ordered() const override { return false; }
  bool is_persistent() const override { return false; }
  void open() override { map_ = std::make_unique<locked_map>(); }
  void close() override { map_.reset(); }
  std::unique_ptr<connection> connect() override {
    return std::make_unique<locked_map_connection>(*map_);
  }

 private:
  std::unique_ptr<locked_map> map_;
};

}  // namespace bench
