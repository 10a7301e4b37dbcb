#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// Receives the answer to one request, as values of RESP2. A command writes exactly one value,
/// which may be an array of others. A command that streams (control_call::is_abandoned()) writes
/// any number of values. Used by the thread that runs the command.
///
/// Writing throws if the client receives nothing for control_options::send_timeout or has
/// disconnected. Do not catch this exception.
class control_reply {
 public:
  control_reply() = default;
  control_reply(const control_reply&) = delete;
  control_reply& operator=(const control_reply&) = delete;
  virtual ~control_reply() = default;

  /// Writes `+text`: a word of the protocol, without line ends.
  void status(std::string_view text);
  /// Writes `-CODE message`. Unprintable characters of the message are escaped.
  void error(std::string_view code, std::string_view message);
  /// Writes a 64-bit integer.
  void integer(std::int64_t number);
  /// Writes any bytes. They are sent from where they are, so a large value is not copied.
  void text(std::string_view bytes);
  /// Writes RESP2's null.
  void null();
  /// Begins an array. The next `count` values are its elements.
  void array(std::size_t count);

  /// Sends what is buffered. This also happens at the end of the command.
  virtual void flush() = 0;

 protected:
  virtual void write(std::string_view bytes) = 0;

 private:
  void line(char kind, std::string_view rest);
};

/// A long answer that the client requests page by page: the answer is `[cursor, page]`, the client
/// sends `next CURSOR`, and the cursor 0 means that there are no more pages. This object lives
/// until the last page was written, until the client begins another long answer or disconnects, or
/// for ten minutes. So it may hold a snapshot.
class control_pages {
 public:
  control_pages() = default;
  control_pages(const control_pages&) = delete;
  control_pages& operator=(const control_pages&) = delete;
  virtual ~control_pages() = default;

  /// Finds the next page. Returns whether there is another page after it. Bound the size of a page,
  /// for example to 1,000 elements and 256 KiB.
  virtual bool load() = 0;
  /// Writes the page that load() found, as one value.
  virtual void write(control_reply& to) = 0;
};

/// One request of a client. Used by the thread that runs the command.
class control_call {
 public:
  control_call() = default;
  control_call(const control_call&) = delete;
  control_call& operator=(const control_call&) = delete;
  virtual ~control_call() = default;

  /// Returns what follows the command's name: any bytes. Valid as long as the call.
  virtual std::span<const std::string> arguments() const = 0;
  /// Returns the reply to write to. Valid as long as the call.
  virtual control_reply& reply() = 0;

  /// Answers with the first page, and keeps the others for the client.
  virtual void answer_in_pages(std::unique_ptr<control_pages> pages) = 0;

  /// For a command that streams: returns whether the client has disconnected or sent anything, or
  /// the server is closing. The command should then return; the connection is closed.
  virtual bool is_abandoned() = 0;
};

/// A command that a control_socket understands.
struct control_command {
  /// In lower case. Clients may write it in any letter case.
  std::string name;
  /// The line that `help` prints, such as `get KEY`.
  std::string usage;
  /// Runs the command, in the client's thread, concurrently with those of other clients. An
  /// exception that it throws before it has written anything becomes the answer: the code of a
  /// buntdb::errc in capital letters, such as `-TOO_LARGE`, otherwise `-ERR`, and the text of the
  /// exception.
  std::function<void(control_call&)> run;
};

}  // namespace buntdb
