#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "io/file_system.hpp"

namespace buntdb::testing {

/// A disk on which a sync lasts until the test lets it end.
class gated_file_system final : public io::file_system {
 public:
  explicit gated_file_system(io::file_system& inner) : inner_(inner) {}

  /// From now on every sync waits before it does anything.
  void hold() {
    const std::lock_guard lock(gate_->mutex);
    gate_->held = true;
  }
  void release() {
    {
      const std::lock_guard lock(gate_->mutex);
      gate_->held = false;
    }
    gate_->changed.notify_all();
  }
  /// Returns when a sync waits.
  void wait_for_a_sync() {
    std::unique_lock lock(gate_->mutex);
    gate_->changed.wait(lock, [this] { return gate_->waiting > 0; });
  }

  std::unique_ptr<io::file> open(const std::string& path, io::open_mode mode) override {
    return std::make_unique<gated_file>(inner_.open(path, mode), gate_);
  }
  std::optional<io::file_status> status(const std::string& path) override {
    return inner_.status(path);
  }
  void rename(const std::string& from, const std::string& to) override { inner_.rename(from, to); }
  void remove(const std::string& path) override { inner_.remove(path); }
  std::vector<std::string> names_beginning_with(const std::string& path) override {
    return inner_.names_beginning_with(path);
  }
  void sync_folder_of(const std::string& path) override { inner_.sync_folder_of(path); }

 private:
  struct gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool held = false;
    int waiting = 0;

    void pass() {
      std::unique_lock lock(mutex);
      ++waiting;
      changed.notify_all();
      changed.wait(lock, [this] { return !held; });
      --waiting;
    }
  };

  class gated_file final : public io::file {
   public:
    gated_file(std::unique_ptr<io::file> inner, std::shared_ptr<gate> gate)
        : inner_(std::move(inner)), gate_(std::move(gate)) {}

    const std::string& path() const noexcept override { return inner_->path(); }
    io::file_status status() const override { return inner_->status(); }
    bool removed() const override { return inner_->removed(); }
    std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
      return inner_->read_at(offset, buffer);
    }
    std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override {
      return inner_->write_at(offset, bytes);
    }
    void truncate(std::uint64_t size) override { inner_->truncate(size); }
    void sync() override {
      gate_->pass();
      inner_->sync();
    }
    void set_modified(time_point time) override { inner_->set_modified(time); }
    void set_access(unsigned mode, unsigned owner, unsigned group) override {
      inner_->set_access(mode, owner, group);
    }
    void renamed_to(const std::string& path) override { inner_->renamed_to(path); }
    bool try_lock() override { return inner_->try_lock(); }
    std::optional<long> lock_holder() const override { return inner_->lock_holder(); }

   private:
    std::unique_ptr<io::file> inner_;
    std::shared_ptr<gate> gate_;
  };

  io::file_system& inner_;
  std::shared_ptr<gate> gate_ = std::make_shared<gate>();
};

}  // namespace buntdb::testing
