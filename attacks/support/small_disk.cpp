#include "support/small_disk.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/command.hpp"
#include "support/run.hpp"

namespace buntdb::attacks {

namespace {

void write_text(const char* path, const std::string& text) {
  std::ofstream(path) << text;
}

/// Gives this process its own mounts. Later calls do nothing.
void enter_own_namespace() {
  static bool entered = false;
  if (entered) return;
  if (::unshare(CLONE_NEWNS) == -1) {
    // A user who may not mount may still be root in a user namespace.
    const auto user = std::to_string(::getuid());
    const auto group = std::to_string(::getgid());
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1) {
      throw skipped(std::string("this process may not mount a small disk (unshare: ") +
                    std::strerror(errno) + ")");
    }
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", "0 " + user + " 1");
    write_text("/proc/self/gid_map", "0 " + group + " 1");
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == -1) {
    throw skipped(std::string("this process may not mount a small disk (mount: ") +
                  std::strerror(errno) + ")");
  }
  entered = true;
}

void run_or_skip(const std::vector<std::string>& words) {
  const command_result result = run_command(words);
  if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0) {
    throw skipped("a small disk is not possible here: " + words[0] + " fails");
  }
}

}  // namespace

small_disk::small_disk(kind what, std::uint64_t bytes) {
  enter_own_namespace();
  std::string name =
      (std::filesystem::temp_directory_path() / "buntstore-small-disk-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot make the folder " + name);
  }
  folder_ = name;
  try {
    if (what == kind::tmpfs) {
      const std::string options = "size=" + std::to_string(bytes);
      if (::mount("none", folder_.c_str(), "tmpfs", 0, options.c_str()) == -1) {
        throw skipped(std::string("this process may not mount a tmpfs: ") + std::strerror(errno));
      }
      return;
    }
    image_ = folder_ + ".image";
    std::ofstream(image_).close();
    std::filesystem::resize_file(image_, bytes);
    run_or_skip({"mkfs.ext4", "-q", "-F", "-m", "0", "-b", "1024", image_});
    run_or_skip({"mount", "-o", "loop", image_, folder_});
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(folder_, ignored);
    if (!image_.empty()) std::filesystem::remove(image_, ignored);
    throw;
  }
}

small_disk::~small_disk() {
  ::umount2(folder_.c_str(), MNT_DETACH);
  std::error_code ignored;
  std::filesystem::remove(folder_, ignored);
  if (!image_.empty()) std::filesystem::remove(image_, ignored);
}

std::uint64_t small_disk::bytes_free() const {
  struct statvfs result {};
  if (::statvfs(folder_.c_str(), &result) == -1) {
    throw std::system_error(errno, std::generic_category(), "statvfs " + folder_);
  }
  return std::uint64_t{result.f_bavail} * result.f_bsize;
}

void small_disk::fill(const std::string& name) const {
  const int file = ::open((folder_ + "/" + name).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file == -1) throw std::system_error(errno, std::generic_category(), "open " + name);
  const std::vector<char> block(4096, 'f');
  std::size_t size = block.size();
  while (size > 0) {
    if (::write(file, block.data(), size) <= 0) size /= 2;
  }
  ::close(file);
}

}  // namespace buntdb::attacks
