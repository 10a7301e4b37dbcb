#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/file_system.hpp"

namespace buntdb::attacks {

/// Another file system, with a function called before each call. Not for several threads.
class hooked_file_system final : public io::file_system {
 public:
  /// Gets the call's name and path; for a write, also the file below and what is to be written.
  struct call {
    const char* name;
    const std::string& path;
    io::file* file = nullptr;
    std::uint64_t offset = 0;
    std::span<const char> bytes = {};
  };
  using hook = std::function<void(const call&)>;

  hooked_file_system(io::file_system& below, hook before_each_call)
      : below_(below), before_(std::move(before_each_call)) {}

  std::unique_ptr<io::file> open(const std::string& path, io::open_mode mode) override {
    before_({.name = "open", .path = path});
    return std::make_unique<hooked_file>(below_.open(path, mode), before_);
  }
  std::optional<io::file_status> status(const std::string& path) override {
    before_({.name = "look", .path = path});
    return below_.status(path);
  }
  void rename(const std::string& from, const std::string& to) override {
    before_({.name = "rename", .path = from});
    below_.rename(from, to);
  }
  void remove(const std::string& path) override {
    before_({.name = "remove", .path = path});
    below_.remove(path);
  }
  std::vector<std::string> names_beginning_with(const std::string& path) override {
    before_({.name = "list", .path = path});
    return below_.names_beginning_with(path);
  }
  void sync_folder_of(const std::string& path) override {
    before_({.name = "sync_folder", .path = path});
    below_.sync_folder_of(path);
  }

 private:
  class hooked_file final : public io::file {
   public:
    hooked_file(std::unique_ptr<io::file> below, const hook& before)
        : below_(std::move(below)), before_(before) {}

    const std::string& path() const noexcept override { return below_->path(); }
    io::file_status status() const override {
      tell("status");
      return below_->status();
    }
    std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
      tell("read");
      return below_->read_at(offset, buffer);
    }
    std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override {
      before_({.name = "write",
               .path = path(),
               .file = below_.get(),
               .offset = offset,
               .bytes = bytes});
      return below_->write_at(offset, bytes);
    }
    void truncate(std::uint64_t size) override {
      tell("truncate");
      below_->truncate(size);
    }
    void sync() override {
      tell("sync");
      below_->sync();
    }
    void set_modified(time_point time) override {
      tell("set_modified");
      below_->set_modified(time);
    }
    void set_access(unsigned mode, unsigned owner, unsigned group) override {
      tell("set_access");
      below_->set_access(mode, owner, group);
    }
    void renamed_to(const std::string& path) override { below_->renamed_to(path); }
    bool try_lock() override {
      tell("lock");
      return below_->try_lock();
    }
    std::optional<long> lock_holder() const override { return below_->lock_holder(); }

   private:
    void tell(const char* name) const { before_({.name = name, .path = path()}); }

    std::unique_ptr<io::file> below_;
    const hook& before_;
  };

  io::file_system& below_;
  hook before_;
};

}  // namespace buntdb::attacks
