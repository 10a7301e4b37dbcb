#include "files/watched_file_system.hpp"

#include <utility>

#include <buntdb/error.hpp>

namespace {

using buntdb::io::file;
using buntdb::io::file_status;

class watched_file final : public file {
 public:
  watched_file(std::unique_ptr<file> inner, watched_file_system::counters& counters)
      : inner_(std::move(inner)), counters_(counters) {}

  const std::string& path() const noexcept override { return inner_->path(); }
  file_status status() const override { return inner_->status(); }
  bool removed() const override { return inner_->removed(); }

  std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
    const std::size_t size = inner_->read_at(offset, buffer);
    if (offset == 0) ++counters_.passes;
    counters_.position = offset + size;
    return size;
  }

  std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override {
    if (counters_.stopped) {
      throw buntdb::error(std::make_error_code(std::errc::interrupted), "writing " + path());
    }
    const std::size_t size = inner_->write_at(offset, bytes);
    counters_.written += size;
    return size;
  }

  void truncate(std::uint64_t size) override { inner_->truncate(size); }
  void sync() override { inner_->sync(); }
  void flush() override { inner_->flush(); }
  void set_modified(buntdb::time_point time) override { inner_->set_modified(time); }
  void set_access(unsigned mode, unsigned owner, unsigned group) override {
    inner_->set_access(mode, owner, group);
  }
  void renamed_to(const std::string& path) override { inner_->renamed_to(path); }
  bool try_lock() override { return inner_->try_lock(); }
  std::optional<long> lock_holder() const override { return inner_->lock_holder(); }

 private:
  std::unique_ptr<file> inner_;
  watched_file_system::counters& counters_;
};

}  // namespace

std::unique_ptr<file> watched_file_system::open(const std::string& path,
                                                buntdb::io::open_mode mode) {
  return std::make_unique<watched_file>(files_.open(path, mode), counters_);
}

std::optional<file_status> watched_file_system::status(const std::string& path) {
  return files_.status(path);
}

void watched_file_system::rename(const std::string& from, const std::string& to) {
  files_.rename(from, to);
}

void watched_file_system::remove(const std::string& path) {
  files_.remove(path);
}

std::vector<std::string> watched_file_system::names_beginning_with(const std::string& path) {
  return files_.names_beginning_with(path);
}

void watched_file_system::sync_folder_of(const std::string& path) {
  files_.sync_folder_of(path);
}
