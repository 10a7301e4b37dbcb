#include "live/reply_parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace {

constexpr std::size_t max_line_size = std::size_t{64} << 10U;  // an error may quote a key
constexpr std::int64_t max_count = 1'000'000'000;
constexpr std::int64_t max_text_size = std::int64_t{1} << 32U;

}  // namespace

std::optional<reply> reply_parser::take(std::string_view& input) {
  while (!input.empty()) {
    if (within_text_) {
      if (take_bytes(input)) finished_ = finish({reply::kind::text, std::exchange(text_, {})});
    } else if (take_line(input)) {
      begin_value();
      line_.clear();
    }
    if (finished_) return std::exchange(finished_, std::nullopt);
  }
  return std::nullopt;
}

/// Returns whether the line is complete. In that case line_ contains it without its end.
bool reply_parser::take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::size_t size = end == std::string_view::npos ? input.size() : end + 1;
  if (line_.size() + size > max_line_size) throw bad_reply("a line is too long");
  line_.append(input.substr(0, size));
  input.remove_prefix(size);
  if (end == std::string_view::npos) return false;
  if (line_.size() < 3 || line_[line_.size() - 2] != '\r') throw bad_reply("no CR LF");
  line_.resize(line_.size() - 2);
  return true;
}

bool reply_parser::take_bytes(std::string_view& input) {
  const std::size_t size = std::min(text_left_, input.size());
  text_.append(input.substr(0, size));
  input.remove_prefix(size);
  text_left_ -= size;
  if (text_left_ > 0) return false;
  if (!text_.ends_with("\r\n")) throw bad_reply("a text does not end in CR LF");
  text_.resize(text_.size() - 2);
  within_text_ = false;
  return true;
}

std::int64_t reply_parser::number(std::string_view digits) {
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value);
  if (problem != std::errc() || stop != end) throw bad_reply("no number");
  return value;
}

void reply_parser::begin_value() {
  const std::string_view rest = std::string_view(line_).substr(1);
  switch (line_[0]) {
    case '+':
      finished_ = finish({reply::kind::status, std::string(rest)});
      return;
    case '-':
      finished_ = finish({reply::kind::error, std::string(rest)});
      return;
    case ':':
      finished_ = finish({reply::kind::integer, {}, number(rest)});
      return;
    case '$': {
      const std::int64_t size = number(rest);
      if (size == -1) {
        finished_ = finish({});
        return;
      }
      if (size < 0 || size > max_text_size) throw bad_reply("the size of a text");
      within_text_ = true;
      text_left_ = static_cast<std::size_t>(size) + 2;
      return;
    }
    case '*': {
      const std::int64_t count = number(rest);
      if (count < 0 || count > max_count) throw bad_reply("the size of an array");
      reply value{reply::kind::array};
      if (count == 0) {
        finished_ = finish(std::move(value));
        return;
      }
      if (open_.size() == max_depth) throw bad_reply("arrays nest too deep");
      open_.push_back({std::move(value), static_cast<std::size_t>(count)});
      return;
    }
    default:
      throw bad_reply("it begins with none of + - : $ *");
  }
}

/// Adds a complete value to its array. Returns the answer that it completes, if any.
std::optional<reply> reply_parser::finish(reply value) {
  for (;;) {
    if (open_.empty()) return value;
    open_array& last = open_.back();
    last.value.elements.push_back(std::move(value));
    if (--last.elements_left > 0) return std::nullopt;
    value = std::move(last.value);
    open_.pop_back();
  }
}
