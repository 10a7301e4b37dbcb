#include "support/memory_file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

#include <buntdb/error.hpp>

#include "support/disk_image.hpp"

namespace buntdb::testing {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

struct memory_file_system::node {
  std::uint64_t inode = 0;
  std::string content;
  std::string durable;
  std::vector<unsynced_change> unsynced;
  time_point modified{};
  unsigned mode = 0600;
  const void* locked_by = nullptr;  ///< the handle that has the lock
};

/// All state, shared with the open files.
struct memory_file_system::disk {
  using names = std::map<std::string, std::shared_ptr<node>>;

  struct failure {
    std::uint64_t calls_left = 0;
    int code = 0;
    std::optional<io_call> only;
    bool for_good = false;
  };
  struct short_write {
    std::uint64_t writes_left = 0;
    std::size_t size = 0;
  };

  std::mutex mutex;
  names now;
  names durable;
  std::vector<failure> failures;
  std::vector<io_record> calls;
  watcher before_each_call;
  std::optional<std::size_t> write_limit;
  std::optional<short_write> shortened;
  std::optional<std::uint64_t> capacity;
  bool has_mount_points = false;
  const buntdb::clock* clock = &buntdb::clock::system();
  std::uint64_t next_inode = 1;

  using lock = std::unique_lock<std::mutex>;

  /// Begins a call: calls the watcher, locks, records the call, and throws if it is to fail.
  lock enter(io_call call, const std::string& path, std::uint64_t offset = 0,
             std::size_t size = 0) {
    const io_record record{.call = call, .path = path, .offset = offset, .size = size};
    if (before_each_call) before_each_call(record);
    lock held(mutex);
    calls.push_back(record);
    fail_if_due(call, path);
    return held;
  }

  void fail_if_due(io_call call, const std::string& path) {
    for (auto each = failures.begin(); each != failures.end(); ++each) {
      if (each->only && *each->only != call) continue;
      if (each->for_good) fail(each->code, path);
      if (--each->calls_left > 0) continue;
      const int code = each->code;
      failures.erase(each);
      fail(code, path);
    }
  }

  [[noreturn]] static void fail(int code, const std::string& path) {
    throw error(std::error_code(code, std::generic_category()), "memory file " + path);
  }

  std::uint64_t used() const {
    std::uint64_t sum = 0;
    for (const auto& [path, each] : now)
      sum += each->content.size();
    return sum;
  }

  std::shared_ptr<node> find(const std::string& path) const {
    const auto found = now.find(path);
    return found == now.end() ? nullptr : found->second;
  }

  std::shared_ptr<node> get(const std::string& path) const {
    auto found = find(path);
    if (!found) fail(ENOENT, path);
    return found;
  }

  std::shared_ptr<node> create(const std::string& path) {
    auto made = std::make_shared<node>();
    made->inode = next_inode++;
    made->modified = clock->now();
    now[path] = made;
    return made;
  }

  void change(node& file, unsynced_change what) const {
    change_image(file.content, what);
    file.unsynced.push_back(std::move(what));
    file.modified = clock->now();
  }
};

class memory_file_system::memory_file final : public io::file {
 public:
  memory_file(std::shared_ptr<disk> disk, std::shared_ptr<node> node, std::string path,
              io::open_mode mode)
      : disk_(std::move(disk)), node_(std::move(node)), path_(std::move(path)), mode_(mode) {}

  ~memory_file() override {
    const std::lock_guard lock(disk_->mutex);
    if (node_->locked_by == this) node_->locked_by = nullptr;
  }

  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  const std::string& path() const noexcept override { return path_; }

  io::file_status status() const override {
    const auto lock = disk_->enter(io_call::status, path_);
    return status_of(*node_);
  }

  std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const override {
    const auto lock = disk_->enter(io_call::read, path_, offset, buffer.size());
    if (offset >= node_->content.size()) return 0;
    return node_->content.copy(buffer.data(), buffer.size(), offset);
  }

  std::size_t write_at(std::uint64_t offset, std::span<const char> bytes) override {
    const auto lock = disk_->enter(io_call::write, path_, offset, bytes.size());
    must_be_writable();
    std::size_t size = bytes.size();
    if (disk_->write_limit) size = std::min(size, *disk_->write_limit);
    if (disk_->shortened && --disk_->shortened->writes_left == 0) {
      size = std::min(size, disk_->shortened->size);
      disk_->shortened.reset();
    }
    if (disk_->capacity && size > 0) {
      size = std::min(size, room_at(offset));
      if (size == 0) disk::fail(ENOSPC, path_);
    }
    unsynced_change change;
    change.offset = offset;
    change.bytes.assign(bytes.data(), size);
    disk_->change(*node_, std::move(change));
    return size;
  }

  void truncate(std::uint64_t size) override {
    const auto lock = disk_->enter(io_call::truncate, path_, size);
    must_be_writable();
    unsynced_change change;
    change.what = unsynced_change::type::truncate;
    change.offset = size;
    disk_->change(*node_, std::move(change));
  }

  void sync() override {
    try {
      const auto lock = disk_->enter(io_call::sync, path_);
      put_on_disk(*node_);
    } catch (const error&) {
      const std::lock_guard lock(disk_->mutex);
      for (unsynced_change& each : node_->unsynced)
        // The file system's journal keeps sizes.
        each.given_up = each.what == unsynced_change::type::write;
      throw;
    }
  }

  void flush() override { const auto lock = disk_->enter(io_call::flush, path_); }

  void set_modified(time_point time) override {
    const auto lock = disk_->enter(io_call::set_modified, path_);
    node_->modified = time;
  }

  void set_access(unsigned mode, unsigned, unsigned) override {
    const auto lock = disk_->enter(io_call::set_access, path_);
    node_->mode = mode;
  }

  void renamed_to(const std::string& path) override { path_ = path; }

  bool try_lock() override {
    const auto lock = disk_->enter(io_call::lock, path_);
    if (node_->locked_by != nullptr && node_->locked_by != this) return false;
    node_->locked_by = this;
    return true;
  }

  std::optional<long> lock_holder() const override {
    const std::lock_guard lock(disk_->mutex);
    if (node_->locked_by == nullptr) return std::nullopt;
    return 4242;
  }

  /// Puts everything on disk except what the system has given up after an earlier failure.
  static void put_on_disk(node& file) {
    std::vector<unsynced_change> left;
    for (unsynced_change& each : file.unsynced) {
      if (each.given_up) {
        left.push_back(std::move(each));
      } else {
        change_image(file.durable, each);
        supersede(left, each);
      }
    }
    file.unsynced = std::move(left);
  }

  static io::file_status status_of(const node& file) {
    return {.size = file.content.size(),
            .modified = file.modified,
            .device = 1,
            .inode = file.inode,
            .mode = file.mode,
            .owner = 0,
            .group = 0,
            .is_regular = true};
  }

 private:
  void must_be_writable() const {
    if (mode_ == io::open_mode::read_only) disk::fail(EBADF, path_);
  }

  /// Returns how many bytes may be written at `offset` before the disk is full.
  std::size_t room_at(std::uint64_t offset) const {
    const std::uint64_t used = disk_->used();
    const std::uint64_t free = *disk_->capacity > used ? *disk_->capacity - used : 0;
    const std::uint64_t end = node_->content.size() + free;
    return end > offset ? static_cast<std::size_t>(end - offset) : 0;
  }

  std::shared_ptr<disk> disk_;
  std::shared_ptr<node> node_;
  std::string path_;
  io::open_mode mode_;
};

memory_file_system::memory_file_system() : disk_(std::make_shared<disk>()) {}
memory_file_system::~memory_file_system() = default;

void memory_file_system::fail_nth(std::uint64_t nth, int code, std::optional<io_call> only) {
  const std::lock_guard lock(disk_->mutex);
  disk_->failures.push_back({.calls_left = nth, .code = code, .only = only});
}

void memory_file_system::fail_all(io_call call, int code) {
  const std::lock_guard lock(disk_->mutex);
  disk_->failures.push_back({.code = code, .only = call, .for_good = true});
}

void memory_file_system::heal() {
  const std::lock_guard lock(disk_->mutex);
  disk_->failures.clear();
  disk_->shortened.reset();
}

void memory_file_system::shorten_nth_write(std::uint64_t nth, std::size_t size) {
  const std::lock_guard lock(disk_->mutex);
  disk_->shortened = {.writes_left = nth, .size = size};
}

void memory_file_system::watch(watcher before_each_call) {
  disk_->before_each_call = std::move(before_each_call);
}

void memory_file_system::limit_writes(std::optional<std::size_t> size) {
  const std::lock_guard lock(disk_->mutex);
  disk_->write_limit = size;
}

void memory_file_system::set_capacity(std::optional<std::uint64_t> bytes) {
  const std::lock_guard lock(disk_->mutex);
  disk_->capacity = bytes;
}

void memory_file_system::make_mount_points(bool wanted) {
  const std::lock_guard lock(disk_->mutex);
  disk_->has_mount_points = wanted;
}

void memory_file_system::check_replaceable(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  if (disk_->has_mount_points) disk::fail(EBUSY, path);
}

void memory_file_system::set_clock(const clock& clock) {
  const std::lock_guard lock(disk_->mutex);
  disk_->clock = &clock;
}

void memory_file_system::put(const std::string& path, std::string_view bytes, time_point modified) {
  const std::lock_guard lock(disk_->mutex);
  const auto file = disk_->create(path);
  file->content = bytes;
  file->durable = bytes;
  file->modified = modified;
  disk_->durable[path] = file;
}

std::string memory_file_system::content(const std::string& path) const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->get(path)->content;
}

std::string memory_file_system::synced_content(const std::string& path) const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->get(path)->durable;
}

std::vector<unsynced_change> memory_file_system::unsynced(const std::string& path) const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->get(path)->unsynced;
}

std::vector<std::string> memory_file_system::paths() const {
  const std::lock_guard lock(disk_->mutex);
  std::vector<std::string> paths;
  for (const auto& [path, file] : disk_->now)
    paths.push_back(path);
  return paths;
}

std::vector<io_record> memory_file_system::calls() const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->calls;
}

std::uint64_t memory_file_system::count(io_call call) const {
  const std::lock_guard lock(disk_->mutex);
  return static_cast<std::uint64_t>(
      std::count_if(disk_->calls.begin(), disk_->calls.end(),
                    [call](const io_record& each) { return each.call == call; }));
}

void memory_file_system::forget_calls() {
  const std::lock_guard lock(disk_->mutex);
  disk_->calls.clear();
}

std::unique_ptr<memory_file_system> memory_file_system::after_power_cut(unsynced_data what) const {
  const bool kept = what == unsynced_data::kept;
  return after_power_cut(what,
                         [kept](const std::string&, std::size_t, std::uint64_t) { return kept; });
}

std::unique_ptr<memory_file_system> memory_file_system::after_power_cut(
    unsynced_data names, const sector_survives& survives) const {
  power_cut cut;
  cut.name_survives = [names](const std::string&) { return names == unsynced_data::kept; };
  cut.fate = [&survives](const unsynced_sector& part) {
    return survives(part.path, part.change, part.sector) ? sector_fate::written : sector_fate::lost;
  };
  return after(cut);
}

std::unique_ptr<memory_file_system> memory_file_system::after(const power_cut& cut) const {
  auto result = std::make_unique<memory_file_system>();
  const std::lock_guard lock(disk_->mutex);
  disk::names kept = disk_->durable;
  const auto decide = [&](const std::string& path, const std::shared_ptr<node>& file) {
    const auto before = disk_->durable.find(path);
    const bool same = before == disk_->durable.end() ? file == nullptr : before->second == file;
    if (same || !cut.name_survives(path)) return;
    if (file == nullptr) {
      kept.erase(path);
    } else {
      kept[path] = file;
    }
  };
  for (const auto& [path, file] : disk_->now)
    decide(path, file);
  for (const auto& [path, file] : disk_->durable) {
    if (!disk_->now.contains(path)) decide(path, nullptr);
  }
  for (const auto& [path, file] : kept) {
    result->put(path, image_after(cut, path, file->durable, file->unsynced), file->modified);
    result->disk_->now[path]->mode = file->mode;
    result->disk_->now[path]->inode = file->inode;
  }
  result->disk_->next_inode = disk_->next_inode;
  result->disk_->clock = disk_->clock;
  return result;
}

std::unique_ptr<memory_file_system> memory_file_system::after_kill() const {
  auto result = std::make_unique<memory_file_system>();
  const std::lock_guard lock(disk_->mutex);
  std::map<const node*, std::shared_ptr<node>> copies;
  const auto copy = [&copies](const disk::names& names) {
    disk::names copied;
    for (const auto& [path, file] : names) {
      auto& mine = copies[file.get()];
      if (mine == nullptr) {
        mine = std::make_shared<node>(*file);
        mine->locked_by = nullptr;
      }
      copied[path] = mine;
    }
    return copied;
  };
  result->disk_->now = copy(disk_->now);
  result->disk_->durable = copy(disk_->durable);
  result->disk_->capacity = disk_->capacity;
  result->disk_->clock = disk_->clock;
  result->disk_->next_inode = disk_->next_inode;
  return result;
}

std::unique_ptr<io::file> memory_file_system::open(const std::string& path, io::open_mode mode) {
  const auto lock = disk_->enter(io_call::open, path);
  auto found = disk_->find(path);
  if (found && mode == io::open_mode::create_private) disk::fail(EEXIST, path);
  if (!found && mode == io::open_mode::read_only) disk::fail(ENOENT, path);
  if (!found) found = disk_->create(path);
  return std::make_unique<memory_file>(disk_, found, path, mode);
}

std::optional<io::file_status> memory_file_system::status(const std::string& path) {
  const auto lock = disk_->enter(io_call::look, path);
  const auto found = disk_->find(path);
  if (!found) return std::nullopt;
  return memory_file::status_of(*found);
}

void memory_file_system::rename(const std::string& from, const std::string& to) {
  const auto lock = disk_->enter(io_call::rename, from);
  if (disk_->has_mount_points && disk_->find(to) != nullptr) disk::fail(EBUSY, to);
  disk_->now[to] = disk_->get(from);
  disk_->now.erase(from);
}

void memory_file_system::remove(const std::string& path) {
  const auto lock = disk_->enter(io_call::remove, path);
  disk_->get(path);
  disk_->now.erase(path);
}

std::vector<std::string> memory_file_system::names_beginning_with(const std::string& path) {
  const auto lock = disk_->enter(io_call::list, path);
  std::vector<std::string> names;
  for (const auto& [each, file] : disk_->now) {
    if (folder_of(each) == folder_of(path) && name_of(each).starts_with(name_of(path))) {
      names.push_back(name_of(each));
    }
  }
  return names;
}

void memory_file_system::sync_folder_of(const std::string& path) {
  const auto lock = disk_->enter(io_call::sync_folder, path);
  const std::string folder = folder_of(path);
  std::erase_if(disk_->durable,
                [&folder](const auto& entry) { return folder_of(entry.first) == folder; });
  for (const auto& [each, file] : disk_->now) {
    if (folder_of(each) == folder) disk_->durable[each] = file;
  }
}

}  // namespace buntdb::testing
