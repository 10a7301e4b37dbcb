#include "log/parse.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>

#include <buntdb/limits.hpp>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "text/ascii.hpp"

namespace buntdb::log {
namespace {

/// Returns whether `text`, in any letter case, is a prefix of `word`, which is in lower case.
bool begins(std::string_view word, std::string_view text) noexcept {
  return text.size() <= word.size() &&
         std::equal(text.begin(), text.end(), word.begin(),
                    [](char a, char b) { return text::ascii_lower(a) == b; });
}

/// Like Go's strconv.ParseInt(text, 10, 64), with which BuntDB reads seconds.
std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

/// Returns whether `text` can be the beginning of a number of seconds, for a file that ends inside
/// one.
bool begins_seconds(std::string_view text) noexcept {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return std::all_of(text.begin(), text.end(), text::is_digit);
}

/// Parses the window step by step. Every step returns whether it succeeded. If it did not, either
/// the window ended (needed_ is the number of bytes it should have had), or reason_ says what is
/// wrong.
class scanner {
 public:
  explicit scanner(std::string_view window) noexcept : window_(window) {}

  std::size_t position() const noexcept { return position_; }
  std::size_t needed() const noexcept { return needed_; }
  std::string_view reason() const noexcept { return reason_; }

  /// Parses "*3\r\n" or "$12\r\n", with a number from `least` to `most`.
  bool number(char type, std::size_t least, std::size_t most, std::string_view out_of_range,
              std::size_t& value) noexcept {
    if (!has(1)) return false;
    if (window_[position_] != type) {
      return damaged(type == '*' ? "no command begins here" : "an argument without its length");
    }
    std::size_t at = position_ + 1;
    std::size_t result = 0;
    for (; at < window_.size() && text::is_digit(window_[at]); ++at) {
      // Cannot overflow: `most` is far below the largest integer, and is checked at each digit.
      result = 10 * result + static_cast<std::size_t>(window_[at] - '0');
      if (result > most) return damaged(out_of_range);
      if (at - position_ > format::max_length_digits) return damaged("a length of too many digits");
    }
    const bool can_grow = result == 0 || 10 * result <= most;
    if (at == window_.size() && (result >= least || can_grow)) return wants(at + 1);
    if (at == position_ + 1) return damaged("a length that is not a decimal number");
    if (result < least) return damaged(out_of_range);
    position_ = at;
    value = result;
    return line_end("a length that is not a decimal number");
  }

  /// Parses the content of an argument and the line end after it.
  bool content(std::size_t size, std::string_view& value) noexcept {
    if (window_.size() - position_ < size) return wants(position_ + size + format::crlf.size());
    value = window_.substr(position_, size);
    position_ += size;
    return line_end("an argument that does not end where its length says");
  }

  /// Returns the part of an argument that the window contains, after its content() did not fit.
  std::string_view partial(std::size_t size) const noexcept {
    return window_.substr(position_, size);
  }

  /// Returns whether the window begins with "*4", with or without leading zeros.
  bool begins_four() const noexcept {
    const std::size_t digit = window_.find_first_not_of('0', 1);
    return digit != std::string_view::npos && window_[0] == '*' && window_[digit] == '4';
  }

  bool damaged(std::string_view reason) noexcept {
    reason_ = reason;
    return false;
  }

 private:
  bool wants(std::size_t needed) noexcept {
    needed_ = needed;
    return false;
  }

  bool has(std::size_t size) noexcept {
    return window_.size() - position_ >= size || wants(position_ + size);
  }

  bool line_end(std::string_view problem) noexcept {
    const std::string_view found = window_.substr(position_, format::crlf.size());
    if (!format::crlf.starts_with(found)) return damaged(problem);
    if (!has(format::crlf.size())) return false;
    position_ += format::crlf.size();
    return true;
  }

  std::string_view window_;
  std::size_t position_ = 0;
  std::size_t needed_ = 0;
  std::string_view reason_;
};

/// Parses an argument that is one of a few words, in any letter case: the command's name, or ae or
/// ex.
bool scan_word(scanner& in, std::size_t size, std::initializer_list<std::string_view> words,
               std::string_view problem, std::string_view& word) noexcept {
  std::size_t length = 0;
  if (!in.number('$', size, size, problem, length)) return false;
  const std::string_view seen = in.partial(size);
  const auto* const found =
      std::find_if(words.begin(), words.end(), [seen](auto each) { return begins(each, seen); });
  if (found == words.end()) return in.damaged(problem);
  std::string_view text;
  if (!in.content(size, text)) return false;
  word = *found;
  return true;
}

bool scan_key(scanner& in, std::string_view& key) noexcept {
  std::size_t length = 0;
  return in.number('$', 0, format::max_read_key_size, "a key longer than any key may be", length) &&
         in.content(length, key);
}

bool scan_value(scanner& in, std::string_view& value) noexcept {
  std::size_t length = 0;
  return in.number('$', 0, max_value_size, "a value longer than any value may be", length) &&
         in.content(length, value);
}

bool scan_seconds(scanner& in, std::int64_t& seconds) noexcept {
  constexpr std::string_view problem = "an expiry that is not a number of seconds";
  std::size_t length = 0;
  if (!in.number('$', 1, format::max_seconds_size, problem, length)) return false;
  if (!begins_seconds(in.partial(length))) return in.damaged(problem);
  std::string_view text;
  if (!in.content(length, text)) return false;
  const std::optional<std::int64_t> value = parse_seconds(text);
  if (!value) return in.damaged(problem);
  seconds = *value;
  return true;
}

bool scan_set(scanner& in, std::size_t arguments, parsed_command& out) noexcept {
  std::string_view word;
  out.kind = command_kind::set;
  if (!scan_word(in, 3, {"set"}, "a command that is not set KEY VALUE [ae|ex SECONDS]", word)) {
    return false;
  }
  if (!scan_key(in, out.key)) return false;
  if (is_reserved_key(out.key)) return in.damaged("a value under a reserved key");
  if (!scan_value(in, out.value)) return false;
  if (arguments == 3) return true;
  if (!scan_word(in, 2, {"ae", "ex"}, "an option that is neither ae nor ex", word)) return false;
  out.kind = word == "ae" ? command_kind::set_at : command_kind::set_after;
  return scan_seconds(in, out.seconds);
}

bool scan_command(scanner& in, parsed_command& out) noexcept {
  std::size_t arguments = 0;
  std::string_view word;
  if (!in.number('*', 0, format::max_arguments, "more arguments than any command has", arguments)) {
    // Four is within the range, but no command has four arguments, and no further bytes can change
    // that.
    return in.begins_four() ? in.damaged("no command has four arguments") : false;
  }
  switch (arguments) {
    case 0:
      out.kind = command_kind::nothing;
      return true;
    case 1:
      out.kind = command_kind::clear;
      return scan_word(in, 7, {"flushdb"}, "a command of one word that is not flushdb", word);
    case 2:
      out.kind = command_kind::erase;
      return scan_word(in, 3, {"del"}, "a command of two words that is not del KEY", word) &&
             scan_key(in, out.key);
    case 3:
    case 5:
      return scan_set(in, arguments, out);
    default:
      return in.damaged("no command has four arguments");
  }
}

}  // namespace

parsed_command parse_command(std::string_view window, window_end end) noexcept {
  scanner in(window);
  parsed_command out;
  if (scan_command(in, out)) {
    out.status = parse_status::complete;
    out.size = in.position();
    return out;
  }
  parsed_command failed;
  if (!in.reason().empty()) {
    failed.status = parse_status::damaged;
    failed.reason = in.reason();
  } else {
    failed.status =
        end == window_end::more_follows ? parse_status::needs_more : parse_status::cut_short;
    failed.size = in.needed();
  }
  return failed;
}

}  // namespace buntdb::log
