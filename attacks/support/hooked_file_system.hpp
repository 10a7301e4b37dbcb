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

/// Another file system, with a function called before each call, and one after it, whether or not
/// it threw. Not thread-safe.
class hooked_file_system final : public io::file_system {
 public:
  /// Receives the call's name and path and, for a write, the underlying file and the bytes to be
  /// written.
  struct call {
    const char* name;
    const std::string& path;
    io::file* file = nullptr;
    std::uint64_t offset = 0;
    std::span<const char> bytes = {};
  };
  using hook = std::function<void(const call&)>;

  hooked_file_system(io::file_system& below, hook before_each_call,
                     std::function<void()> after_each_call = {})
      : below_(below), hooks_{std::move(before_each_call), std::move(after_each_call)} {}

  std::unique_ptr<io::file> open(const std::string& path, io::open_mode mode) override {
    const under_way now(hooks_, {.name = "open", .path = path});
    return std::make_unique<hooked_file>(below_.open(path, mode), hooks_);
  }
  std::string resolved(const std::string& path) override { return below_.resolved(path); }
  std::optional<io::file_status> status(const std::string& path) override {
    const under_way now(hooks_, {.name = "look", .path = path});
    return below_.status(path);
  }
  void rename(const std::string& from, const std::string& to) override {
    const under_way now(hooks_, {.name = "rename", .path = from});
    below_.rename(from, to);
  }
  void remove(const std::string& path) override {
    const under_way now(hooks_, {.name = "remove", .path = path});
    below_.remove(path);
  }
  std::vector<std::string> names_beginning_with(const std::string& path) override {
    const under_way now(hooks_, {.name = "list", .path = path});
    return below_.names_beginning_with(path);
  }
  void sync_folder_of(const std::string& path) override {
    const under_way now(hooks_, {.name = "sync_folder", .path = path});
    below_.sync_folder_of(path);
  }

 private:
  struct hooks {
    hook before;
    std::function<void()> after;
  };

  class under_way {
   public:
    under_way(const hooks& told, const call& what) : told_(told) {
      if (told_.before) told_.before(what);
    }
    under_way(const under_way&) = delete;
    under_way& operator=(const under_way&) = delete;
    ~under_way() {
      if (told_.after) told_.after();
    }

   private:
    const hooks& told_;
  };

  class hooked_file final : public io::file {
   public:
    hooked_file(std::unique_ptr<io::file> below, const hooks& told)
        : below_(std::move(below)), hooks_(told) {}

    const std::string& path() const noexcept override { return below_->path(); }
    io::file_status status() const override {
      const under_way now(hooks_, {.name = "status", .path = path()});
      return below_->status();
    }
    bool removed() const override { return below_->removed(); }
    std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
      const under_way now(hooks_, {.name = "read", .path = path()});
      return below_->read_at(offset, buffer);
    }
    std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override {
      const under_way now(hooks_, {.name = "write",
                                   .path = path(),
                                   .file = below_.get(),
                                   .offset = offset,
                                   .bytes = bytes});
      return below_->write_at(offset, bytes);
    }
    void truncate(std::uint64_t size) override {
      const under_way now(hooks_, {.name = "truncate", .path = path()});
      below_->truncate(size);
    }
    void sync() override {
      const under_way now(hooks_, {.name = "sync", .path = path()});
      below_->sync();
    }
    void flush() override {
      const under_way now(hooks_, {.name = "flush", .path = path()});
      below_->flush();
    }
    void set_modified(time_point time) override {
      const under_way now(hooks_, {.name = "set_modified", .path = path()});
      below_->set_modified(time);
    }
    void set_access(unsigned mode, unsigned owner, unsigned group) override {
      const under_way now(hooks_, {.name = "set_access", .path = path()});
      below_->set_access(mode, owner, group);
    }
    void renamed_to(const std::string& path) override { below_->renamed_to(path); }
    bool try_lock() override {
      const under_way now(hooks_, {.name = "lock", .path = path()});
      return below_->try_lock();
    }
    std::optional<long> lock_holder() const override { return below_->lock_holder(); }

   private:
    std::unique_ptr<io::file> below_;
    const hooks& hooks_;
  };

  io::file_system& below_;
  hooks hooks_;
};

}  // namespace buntdb::attacks
