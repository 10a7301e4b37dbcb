#include "log/batch.hpp"

#include <cassert>
#include <string_view>

#include "log/checksum.hpp"
namespace buntdb::log {

std::size_t begin_batch(std::string& out) {
  const std::size_t begin = out.size();
  out.append(marker_size, '\0');
  return begin;
}

void finish_batch(std::string& out, std::size_t begin, const batch_position& position) noexcept {
  assert(out.size() >= begin + marker_size);
  const std::string_view payload = std::string_view(out).substr(begin + marker_size);
  write_marker({.at = position.at,
                .number = position.number,
                .length = payload.size(),
                .synced = position.synced,
                .checksum = checksum(payload),
                .file = position.file},
               out.data() + begin);
}

void append_seal(std::string& out, const batch_position& position) {
  finish_batch(out, begin_batch(out), position);
}

}  // namespace buntdb::log
