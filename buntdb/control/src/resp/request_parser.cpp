#include "resp/request_parser.hpp"

#include <algorithm>
#include <utility>

namespace buntdb::control {

namespace {

constexpr std::size_t max_line_size = 16;  // the kind, digits, CR

}  // namespace

std::optional<std::vector<std::string>> request_parser::take(std::string_view& input) {
  while (!input.empty()) {
    switch (state_) {
      case state::count:
        if (!take_line(input, '*')) break;
        arguments_left_ = number(max_arguments, "arguments");
        line_.clear();
        if (arguments_left_ == 0) throw protocol_error("a request without a command");
        state_ = state::size;
        break;
      case state::size:
        if (take_line(input, '$')) begin_argument();
        break;
      case state::bytes:
        take_bytes(input);
        break;
      case state::bytes_end:
        if (!take_end(input)) break;
        if (--arguments_left_ > 0) break;
        held_bytes_ = announced_bytes_ = 0;
        state_ = state::count;
        return std::exchange(arguments_, {});
    }
  }
  return std::nullopt;
}

/// Returns whether the line is complete; line_ then has its digits.
bool request_parser::take_line(std::string_view& input, char kind) {
  const std::size_t end = std::min(input.find('\n'), max_line_size);
  const std::size_t size = std::min(end == max_line_size ? end : end + 1, input.size());
  line_.append(input.substr(0, size));
  input.remove_prefix(size);
  if (line_[0] != kind) {
    throw protocol_error(std::string("expected '") + kind +
                         "': requests are arrays of bulk strings, as redis-cli sends them");
  }
  if (line_.back() != '\n') {
    if (line_.size() >= max_line_size) throw protocol_error("a header is too long");
    return false;
  }
  if (line_.size() < 3 || line_[line_.size() - 2] != '\r') {
    throw protocol_error("a header does not end in CR LF");
  }
  line_.pop_back();
  line_.pop_back();
  line_.erase(0, 1);
  return true;
}

std::size_t request_parser::number(std::size_t most, const char* what) const {
  std::size_t value = 0;
  if (line_.empty()) throw protocol_error("a header has no number");
  for (const char digit : line_) {
    if (digit < '0' || digit > '9') throw protocol_error("a header has no number");
    value = value * 10 + static_cast<std::size_t>(digit - '0');  // at most 14 digits
  }
  if (value > most) {
    throw protocol_error("more than " + std::to_string(most) + " " + what);
  }
  return value;
}

void request_parser::begin_argument() {
  bytes_left_ = number(max_bytes_ - announced_bytes_, "bytes (control_options::max_request_bytes)");
  announced_bytes_ += bytes_left_;
  line_.clear();
  arguments_.emplace_back();
  held_bytes_ += sizeof(std::string);
  state_ = bytes_left_ > 0 ? state::bytes : state::bytes_end;
}

void request_parser::take_bytes(std::string_view& input) {
  const std::size_t size = std::min(bytes_left_, input.size());
  arguments_.back().append(input.substr(0, size));
  input.remove_prefix(size);
  bytes_left_ -= size;
  held_bytes_ += size;
  if (bytes_left_ == 0) state_ = state::bytes_end;
}

/// Returns whether the CR LF after the bytes is complete.
bool request_parser::take_end(std::string_view& input) {
  constexpr std::string_view end = "\r\n";
  if (input[0] != end[line_.size()]) {
    throw protocol_error("an argument does not end in CR LF");
  }
  line_ += input[0];
  input.remove_prefix(1);
  if (line_.size() < end.size()) return false;
  line_.clear();
  if (arguments_left_ > 1) state_ = state::size;
  return true;
}

}  // namespace buntdb::control
