#pragma once

#include <cstdint>
#include <string>

namespace buntdb::attacks {

/// A small file system for this process only, mounted on a folder, which disappears with the
/// process: a tmpfs, or an ext4 in a loop device. Needs the permission to mount, or user
/// namespaces.
class small_disk {
 public:
  enum class kind { tmpfs, ext4 };

  /// Throws `skipped`, with the reason, if this machine does not permit it.
  small_disk(kind what, std::uint64_t bytes);
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk();

  const std::string& folder() const noexcept { return folder_; }
  std::uint64_t bytes_free() const;

  /// Writes a file until the disk is full.
  void fill(const std::string& name) const;

 private:
  std::string folder_;
  std::string image_;
};

}  // namespace buntdb::attacks
