#include "platform/linux/proc_locks.hpp"

#include <charconv>

namespace buntdb::platform {
namespace {

std::string_view next_word(std::string_view& line) noexcept {
  const std::size_t begin = line.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\n"));
  line.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> number(std::string_view text, int base) noexcept {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value, base);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// "fd:01:9876": major and minor in hexadecimal, the inode in decimal.
bool names_file(std::string_view id, unsigned device_major, unsigned device_minor,
                std::uint64_t inode) noexcept {
  const std::size_t first = id.find(':');
  const std::size_t last = id.rfind(':');
  if (first == std::string_view::npos || first == last) return false;
  return number<unsigned>(id.substr(0, first), 16) == device_major &&
         number<unsigned>(id.substr(first + 1, last - first - 1), 16) == device_minor &&
         number<std::uint64_t>(id.substr(last + 1), 10) == inode;
}

}  // namespace

std::optional<long> holder_of_flock(std::string_view line, unsigned device_major,
                                    unsigned device_minor, std::uint64_t inode) noexcept {
  next_word(line);  // the entry's number; for a waiting process "->" follows, which is not FLOCK
  if (next_word(line) != "FLOCK") return std::nullopt;
  next_word(line);  // ADVISORY
  next_word(line);  // WRITE
  const std::optional<long> process = number<long>(next_word(line), 10);
  if (!names_file(next_word(line), device_major, device_minor, inode)) return std::nullopt;
  // 0 and -1 stand for a process of another PID namespace, or one that has ended.
  return process && *process > 0 ? process : std::nullopt;
}

}  // namespace buntdb::platform
