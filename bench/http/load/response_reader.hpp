#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bench::http {

/// The parts of an answer that are used here.
struct response {
  int status = 0;
  bool keep_alive = true;   ///< the server keeps the connection open
  std::string cookie = {};  ///< "name=value" of the last Set-Cookie line; empty: there is none
  std::string body = {};
};

/// Parses an HTTP/1.1 answer as its bytes arrive. Understands answers with Content-Length and those
/// that end with the connection, but not chunked ones. Used by one thread at a time.
class response_reader {
 public:
  /// Bytes after the end of the answer are an error, because nothing else was requested. Throws
  /// std::runtime_error for what it does not understand.
  std::optional<response> add(std::string_view bytes);

  /// The server has closed the connection: an answer without Content-Length ends here. Returns
  /// nothing if there is no whole answer.
  std::optional<response> close();

  /// Returns whether a part of an answer has arrived.
  bool has_begun() const noexcept { return !text_.empty() || head_read_; }

 private:
  void read_head(std::string_view head);
  std::optional<response> finish();

  std::string text_;  ///< what has arrived and is not part of an answer yet
  bool head_read_ = false;
  std::optional<std::size_t> length_;
  response current_;
};

}  // namespace bench::http
