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

/// Where the answer to one request is written, as values of RESP2. A command writes exactly one
/// value, which may be an array of others; one that streams (control_call::is_abandoned()) writes
/// any number. Used by the thread that runs the command.
///
/// Writing throws if the client takes nothing for control_options::send_timeout, or has gone: let
/// the exception pass.
class control_reply {
 public:
  control_reply() = default;
  control_reply(const control_reply&) = delete;
  control_reply& operator=(const control_reply&) = delete;
  virtual ~control_reply() = default;

  /// `+text`: a word of the protocol, without line ends.
  void status(std::string_view text);
  /// `-CODE message`. Unprintable characters of the message are escaped.
  void error(std::string_view code, std::string_view message);
  void integer(std::int64_t number);
  /// Any bytes. They are sent from where they are, so that a large value is not copied.
  void text(std::string_view bytes);
  void null();
  /// The next `count` values are its elements.
  void array(std::size_t count);

  /// Sends what is buffered. The end of the command does so as well.
  virtual void flush() = 0;

 protected:
  virtual void write(std::string_view bytes) = 0;

 private:
  void line(char kind, std::string_view rest);
};

/// A long answer, which the client asks for page by page: `[cursor, page]`, then `next CURSOR`, and
/// the cursor 0 says that there is no more. It lives until the last page was written, the client
/// begins another one or goes, or ten minutes have passed. So it may have a snapshot.
class control_pages {
 public:
  control_pages() = default;
  control_pages(const control_pages&) = delete;
  control_pages& operator=(const control_pages&) = delete;
  virtual ~control_pages() = default;

  /// Finds the next page; returns whether there is another one after it. A page should be bounded,
  /// such as 1,000 elements and 256 KiB.
  virtual bool load() = 0;
  /// Writes the page that load() has found: one value.
  virtual void write(control_reply& to) = 0;
};

/// One request of a client. Used by the thread that runs the command.
class control_call {
 public:
  control_call() = default;
  control_call(const control_call&) = delete;
  control_call& operator=(const control_call&) = delete;
  virtual ~control_call() = default;

  /// What follows the command's name: any bytes. Valid as long as the call.
  virtual std::span<const std::string> arguments() const = 0;
  virtual control_reply& reply() = 0;

  /// Answers with the first page, and keeps the others for the client.
  virtual void answer_in_pages(std::unique_ptr<control_pages> pages) = 0;

  /// For a command that streams: whether the client has gone or sent anything, or the server ends.
  /// The command should return then; the connection is closed.
  virtual bool is_abandoned() = 0;
};

/// A command that a control_socket understands.
struct control_command {
  /// In lower case. Clients write it in any letter case.
  std::string name;
  /// The line that `help` prints, such as `get KEY`.
  std::string usage;
  /// Runs in the client's thread, concurrently with those of other clients. What it throws before
  /// it has written anything is the answer: the code of a buntdb::errc in capital letters, such as
  /// `-TOO_LARGE`, or else `-ERR`, and the text of the exception.
  std::function<void(control_call&)> run;
};

}  // namespace buntdb
