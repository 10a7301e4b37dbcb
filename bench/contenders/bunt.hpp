#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include <buntdb/buntdb.hpp>

#include "contenders/contender.hpp"

namespace bench {

class bunt_connection final : public connection {
 public:
  explicit bunt_connection(buntdb::database& db) : db_(db) {}

  std::uint64_t find(std::string_view key) override {
    const std::optional<buntdb::held_item> found = db_.find(key);
    return found ? static_cast<unsigned char>(found->value.front()) : 0;
  }

  void save(const save_request& request) override {
    db_.set(request.key, request.value, {.ttl = request.ttl});
  }

  void save_batch(std::span<const save_request> requests) override {
    db_.update([&](buntdb::transaction& tx) {
      for (const save_request& request : requests)
        tx.set(request.key, request.value, {.ttl = request.ttl});
    });
  }

  std::uint64_t ascend(std::string_view from, unsigned count) override {
    return sum_of(from, count, [](std::string_view value) { return value.size(); });
  }
  std::uint64_t ascend_reading(std::string_view from, unsigned count) override {
    return sum_of(from, count,
                  [](std::string_view value) { return static_cast<unsigned char>(value.front()); });
  }

 private:
  template <class Reading>
  std::uint64_t sum_of(std::string_view from, unsigned count, Reading reading) {
    const buntdb::snapshot view = db_.begin_read();
    std::uint64_t sum = 0;
    for (const auto [key, value] : view.ascend({.at_least = from})) {
      sum += reading(value);
      if (--count == 0) break;
    }
    return sum;
  }

  buntdb::database& db_;
};

class bunt_contender final : public contender {
 public:
  explicit bunt_contender(const std::filesystem::path& folder,
                          buntdb::sync_policy sync = buntdb::options{}.sync)
      : file_(folder / "buntdb.db"), sync_(sync) {}

  std::string name() const override { return "buntdb"; }
  std::string setup() const override {
    return "default options: checksums on, written before a commit returns, synced every second";
  }
  // Always one commit each: the layout of memory depends on it.
  bool may_fill_in_batches() const override { return false; }
  void open() override {
    db_ = std::unique_ptr<buntdb::database>(
        new buntdb::database(buntdb::database::open(file_, {.sync = sync_})));
  }
  void close() override {
    db_->close();
    db_.reset();
  }
  std::unique_ptr<connection> connect() override { return std::make_unique<bunt_connection>(*db_); }
  buntdb::database& database() noexcept { return *db_; }

 private:
  std::filesystem::path file_;
  buntdb::sync_policy sync_;
  std::unique_ptr<buntdb::database> db_;
};

}  // namespace bench
