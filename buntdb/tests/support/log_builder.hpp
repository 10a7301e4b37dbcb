#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "log/batch.hpp"
#include "log/encode.hpp"

namespace buntdb::testing {

/// Builds a database file as the engine writes it, batch by batch.
class log_builder {
 public:
  /// Begins with bytes that no marker covers.
  explicit log_builder(std::string bytes = {}) : bytes_(std::move(bytes)) {}

  /// Sets the file id of the next markers; log::new_file_id() makes another one.
  log_builder& of_file(std::uint64_t id) {
    file_ = id;
    return *this;
  }

  /// Adds one batch. It vouches for what synced() has marked before.
  log_builder& batch(const std::function<void(std::string&)>& commands) {
    const std::uint64_t at = bytes_.size();
    const std::size_t begin = log::begin_batch(bytes_);
    commands(bytes_);
    log::finish_batch(bytes_, begin,
                      {.at = at, .number = ++number_, .synced = synced_, .file = file_});
    ends_.push_back(bytes_.size());
    return *this;
  }

  /// Adds a batch that sets one key.
  log_builder& set(std::string_view key, std::string_view value) {
    return batch([&](std::string& out) { log::append_set(out, key, value); });
  }

  log_builder& seal() {
    log::append_seal(bytes_,
                     {.at = bytes_.size(), .number = ++number_, .synced = synced_, .file = file_});
    ends_.push_back(bytes_.size());
    return *this;
  }

  /// Marks everything so far as on disk; the next marker will say so.
  log_builder& synced() {
    synced_ = bytes_.size();
    return *this;
  }

  /// Adds bytes that no marker covers.
  log_builder& raw(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }

  /// Skips a batch's number, as if that batch were lost.
  log_builder& skip_number() {
    ++number_;
    return *this;
  }

  const std::string& bytes() const noexcept { return bytes_; }
  std::uint64_t size() const noexcept { return bytes_.size(); }
  /// Returns where each batch and seal ends.
  const std::vector<std::uint64_t>& ends() const noexcept { return ends_; }

 private:
  std::string bytes_;
  std::uint64_t number_ = 0;
  std::uint64_t synced_ = 0;
  std::uint64_t file_ = 0;
  std::vector<std::uint64_t> ends_;
};

}  // namespace buntdb::testing
