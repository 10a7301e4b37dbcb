#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace scs::http::detail {

/// Appends a response's head to the text as it is sent. Beast's serializer makes a list of buffers
/// with one buffer for each part of each line, and traverses that list several times. That takes a
/// tenth of the whole time of a small request.
template <class Fields>
void append_head(
    std::string& text,
    const boost::beast::http::response<boost::beast::http::string_body, Fields>& from) {
  const auto append = [&text](const boost::beast::string_view& part) {
    text.append(part.data(), part.size());
  };
  const unsigned status = from.result_int();
  const char digits[] = {static_cast<char>('0' + status / 100 % 10),
                         static_cast<char>('0' + status / 10 % 10),
                         static_cast<char>('0' + status % 10)};
  text.append(from.version() == 10 ? "HTTP/1.0 " : "HTTP/1.1 ");
  text.append(digits, sizeof digits).append(1, ' ');
  append(from.reason());
  text.append("\r\n");
  for (const auto& field : from) {
    append(field.name_string());
    text.append(": ");
    append(field.value());
    text.append("\r\n");
  }
  text.append("\r\n");
}

/// What remains to be sent of a response. The response must live until everything is sent.
class unsent_response {
 public:
  template <class Response>
  void set(const Response& answer) {
    constexpr std::size_t small = 16384;
    head_.clear();
    append_head(head_, answer);
    body_ = answer.body();
    if (body_.size() <= small) {
      head_.append(body_);
      body_ = {};
    }
    sent_of_head_ = 0;
  }

  bool empty() const noexcept { return next().empty(); }
  std::string_view next() const noexcept {
    const std::string_view head = std::string_view(head_).substr(sent_of_head_);
    return head.empty() ? body_ : head;
  }
  void was_sent(std::size_t bytes) noexcept {
    if (sent_of_head_ < head_.size()) {
      sent_of_head_ += bytes;
    } else {
      body_.remove_prefix(bytes);
    }
  }

 private:
  std::string head_;  // and the body, if that is small
  std::size_t sent_of_head_ = 0;
  std::string_view body_;
};

}  // namespace scs::http::detail
