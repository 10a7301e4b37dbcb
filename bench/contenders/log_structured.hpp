#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "contenders/expiring_value.hpp"

namespace bench {

/// What LevelDB and RocksDB have in common: RocksDB's interface is derived from LevelDB's. Traits
/// names the types, and how a value is read without a copy where that is possible.
template <class Traits>
class log_structured_connection final : public connection {
 public:
  log_structured_connection(typename Traits::db& db, bool sync) : db_(db) { write_.sync = sync; }

  std::uint64_t find(std::string_view key) override {
    const auto status = Traits::get(db_, read_, slice(key), found_);
    if (status.IsNotFound()) return 0;
    check(status);
    const std::string_view stored = Traits::text(found_);
    return is_live(stored, now_ns()) ? first_byte(value_in(stored)) : 0;
  }

  void save(const save_request& request) override {
    encode_expiring(stored_, request, now_ns());
    check(db_.Put(write_, slice(request.key), stored_));
  }

  void save_batch(std::span<const save_request> requests) override {
    const std::int64_t now = now_ns();
    batch_.Clear();
    for (const save_request& request : requests) {
      encode_expiring(stored_, request, now);
      batch_.Put(slice(request.key), stored_);
    }
    check(db_.Write(write_, &batch_));
  }

  std::uint64_t ascend(std::string_view from, unsigned count) override {
    return sum_of(from, count, [](std::string_view value) { return value.size(); });
  }
  std::uint64_t ascend_reading(std::string_view from, unsigned count) override {
    return sum_of(from, count, first_byte);
  }

 private:
  using slice_type = typename Traits::slice;
  static slice_type slice(std::string_view text) { return {text.data(), text.size()}; }
  template <class Status>
  static void check(const Status& status) {
    if (!status.ok()) throw std::runtime_error(std::string(Traits::name) + status.ToString());
  }

  template <class Reading>
  std::uint64_t sum_of(std::string_view from, unsigned count, Reading reading) {
    const std::unique_ptr<typename Traits::iterator> at(db_.NewIterator(read_));
    const std::int64_t now = now_ns();
    std::uint64_t sum = 0;
    for (at->Seek(slice(from)); count > 0 && at->Valid(); at->Next()) {
      const std::string_view stored(at->value().data(), at->value().size());
      if (!is_live(stored, now)) continue;
      sum += reading(value_in(stored));
      --count;
    }
    check(at->status());
    return sum;
  }

  typename Traits::db& db_;
  typename Traits::read_options read_;
  typename Traits::write_options write_;
  typename Traits::batch batch_;
  typename Traits::found found_;
  std::string stored_;
};

}  // namespace bench
