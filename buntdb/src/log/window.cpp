#include "log/window.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string>

#include <buntdb/error.hpp>

namespace buntdb::log {
namespace {

/// Returns how many bytes are read in addition to a large piece. They let a scan in small steps,
/// each of which needs a piece of that size, read and move each byte only a few times.
constexpr std::size_t slack_of(std::size_t wanted) noexcept {
  constexpr std::size_t smallest = std::size_t{64} << 10U;
  return std::max(smallest, wanted / 4);
}

}  // namespace

window::window(const io::file& file, std::uint64_t end) : file_(file), end_(end) {}

std::string_view window::at(std::uint64_t offset, std::size_t wanted) {
  assert(offset <= end_);
  wanted = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end_ - offset));
  const bool here = offset >= begin_ && offset - begin_ <= size_;
  if (!here || size_ - (offset - begin_) < wanted) fill(offset, wanted);
  return {buffer_.get() + (offset - begin_), size_ - static_cast<std::size_t>(offset - begin_)};
}

void window::fill(std::uint64_t offset, std::size_t wanted) {
  std::size_t kept = 0;
  const char* kept_from = nullptr;
  if (offset >= begin_ && offset - begin_ < size_) {
    kept = size_ - static_cast<std::size_t>(offset - begin_);
    kept_from = buffer_.get() + (offset - begin_);
  }
  if (wanted > capacity_) {
    const std::uint64_t size =
        std::min<std::uint64_t>(std::max(usual_size, wanted + slack_of(wanted)), end_ - offset);
    auto larger = std::make_unique_for_overwrite<char[]>(size);
    if (kept > 0) std::memcpy(larger.get(), kept_from, kept);
    buffer_ = std::move(larger);
    capacity_ = size;
  } else if (kept > 0) {
    std::memmove(buffer_.get(), kept_from, kept);
  }
  begin_ = offset;
  size_ = kept;
  const std::size_t room =
      static_cast<std::size_t>(std::min<std::uint64_t>(capacity_, end_ - offset)) - kept;
  const std::size_t got = file_.read_at(offset + kept, {buffer_.get() + kept, room});
  size_ += got;
  if (got < room) {
    throw error(errc::corrupt, file_.path() + " became shorter while it was read: it ended at " +
                                   std::to_string(offset + size_) + " of " + std::to_string(end_) +
                                   " bytes; is another program writing to it?");
  }
}

}  // namespace buntdb::log
