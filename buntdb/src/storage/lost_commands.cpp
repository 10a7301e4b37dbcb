#include "storage/lost_commands.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include <buntdb/limits.hpp>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "log/window.hpp"

namespace buntdb::engine {

namespace {

using namespace std::string_view_literals;
using log::command_kind;
namespace format = log::format;

constexpr std::size_t max_listed = 100'000;
constexpr std::size_t max_listed_bytes = std::size_t{16} << 20U;

struct beginning {
  std::string_view text;
  command_kind kind;
};

/// The beginnings of commands as this library and BuntDB write them, up to the length of the key.
constexpr std::array beginnings{
    beginning{"*2\r\n$3\r\ndel\r\n$"sv, command_kind::erase},
    beginning{"*3\r\n$3\r\nset\r\n$"sv, command_kind::set},
    beginning{"*5\r\n$3\r\nset\r\n$"sv, command_kind::set},
    beginning{"*1\r\n$7\r\nflushdb\r\n"sv, command_kind::clear},
};
constexpr std::size_t longest_beginning = 17;

class reader {
 public:
  reader(const io::file& file, std::uint64_t end, lost_commands& out)
      : file_(file), in_(file, end), out_(out) {}

  /// Reads a command at this offset, if there is one. Returns the offset at which to look for the
  /// next one.
  std::uint64_t step(std::uint64_t at) {
    const std::string_view bytes = in_.at(at, longest_beginning);
    const std::size_t star = bytes.find('*');
    if (star == std::string_view::npos) return at + bytes.size();
    if (star > 0) return at + star;
    for (const beginning& each : beginnings) {
      if (!bytes.starts_with(each.text)) continue;
      const std::uint64_t after = at + each.text.size();
      if (each.kind != command_kind::clear) return take(each.kind, at, after);
      add({.kind = each.kind, .offset = at, .key = {}, .key_size = 0});
      return after;
    }
    return at + 1;
  }

 private:
  struct length {
    std::uint64_t value;
    std::uint64_t end;  ///< the offset after its line end
  };

  /// Reads a length: digits and a line end.
  std::optional<length> length_at(std::uint64_t at) {
    const std::size_t most = format::max_length_digits + format::crlf.size();
    const std::string_view bytes = in_.at(at, most).substr(0, most);
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), value);
    const auto digits = static_cast<std::size_t>(end - bytes.data());
    if (problem != std::errc() || !bytes.substr(digits).starts_with(format::crlf)) {
      return std::nullopt;
    }
    return length{value, at + digits + format::crlf.size()};
  }

  /// Returns whether there is a line end. Reads without the window, which would have to move back
  /// and forth.
  bool ends_line_at(std::uint64_t at) const {
    if (at > in_.end() || in_.end() - at < format::crlf.size()) return false;
    std::array<char, format::crlf.size()> bytes{};
    return file_.read_at(at, bytes) == bytes.size() &&
           std::string_view(bytes.data(), bytes.size()) == format::crlf;
  }

  /// Reads a command with a key. `after` is the offset of the key's length. Returns the end of the
  /// command, or of its readable part.
  std::uint64_t take(command_kind kind, std::uint64_t at, std::uint64_t after) {
    const std::optional<length> key = length_at(after);
    if (!key || key->value > format::max_read_key_size) return after;
    const std::uint64_t key_end = key->end + key->value;
    if (!ends_line_at(key_end)) return after;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(key->value, max_key_size));
    std::string text(in_.at(key->end, wanted).substr(0, wanted));
    const std::uint64_t next = key_end + format::crlf.size();
    if (!log::is_reserved_key(text)) {
      add({.kind = kind, .offset = at, .key = std::move(text), .key_size = key->value});
    }
    if (kind == command_kind::erase) return next;
    // A value that ends where its length says is skipped: bytes inside it are not commands.
    if (in_.at(next, 1).substr(0, 1) != "$") return next;
    const std::optional<length> value = length_at(next + 1);
    if (!value || value->value > max_value_size) return next;
    const std::uint64_t value_end = value->end + value->value;
    return ends_line_at(value_end) ? value_end + format::crlf.size() : next;
  }

  void add(lost_command command) {
    if (out_.found.size() < max_listed && out_.key_bytes + command.key.size() <= max_listed_bytes) {
      out_.key_bytes += command.key.size();
      out_.found.push_back(std::move(command));
    } else {
      ++out_.more;
    }
  }

  const io::file& file_;
  log::window in_;
  lost_commands& out_;
};

}  // namespace

void lost_commands::read(const io::file& file, std::uint64_t begin, std::uint64_t end) {
  reader commands(file, end, *this);
  while (begin < end)
    begin = commands.step(begin);
}

}  // namespace buntdb::engine
