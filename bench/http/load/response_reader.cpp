#include "http/load/response_reader.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace bench::http {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

template <class Number>
Number number_of(std::string_view text, const char* name) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error(std::string("the answer has no valid ") + name);
  }
  return number;
}

}  // namespace

void response_reader::read_head(std::string_view head) {
  constexpr std::string_view version = "HTTP/1.1 ";
  if (!head.starts_with(version)) throw std::runtime_error("the answer is not HTTP/1.1");
  current_.status = number_of<int>(head.substr(version.size(), 3), "status");
  length_.reset();
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line =
        head.substr(begin, at == std::string_view::npos ? at : at - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (equal_ignoring_case(name, "content-length")) {
      length_ = number_of<std::size_t>(value, "Content-Length");
    } else if (equal_ignoring_case(name, "connection")) {
      current_.keep_alive = !equal_ignoring_case(value, "close");
    } else if (equal_ignoring_case(name, "set-cookie")) {
      current_.cookie = value.substr(0, value.find(';'));
    } else if (equal_ignoring_case(name, "transfer-encoding")) {
      throw std::runtime_error("the answer is chunked");
    }
  }
}

std::optional<response> response_reader::finish() {
  current_.body = std::move(text_);
  text_.clear();
  head_read_ = false;
  return std::exchange(current_, response{});
}

std::optional<response> response_reader::add(std::string_view bytes) {
  text_ += bytes;
  if (!head_read_) {
    const std::size_t end = text_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    read_head(std::string_view(text_).substr(0, end));
    text_.erase(0, end + 4);
    head_read_ = true;
  }
  if (!length_ || text_.size() < *length_) return std::nullopt;
  if (text_.size() > *length_) throw std::runtime_error("bytes follow the answer");
  return finish();
}

std::optional<response> response_reader::close() {
  if (!head_read_ || length_) return std::nullopt;
  current_.keep_alive = false;
  return finish();
}

}  // namespace bench::http
