#include "smuggling.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include "raw_http.hpp"

namespace {

/// Returns a body of complete requests with at least this many bytes.
std::string body_of(const std::string& hidden, std::size_t size) {
  std::string body;
  while (body.size() < size)
    body += hidden;
  return body;
}

}  // namespace

std::vector<smuggling_attempt> smuggling_attempts(const std::string& target,
                                                  const std::string& header_lines) {
  std::vector<smuggling_attempt> attempts;
  const std::string hidden = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  // cpp-httplib's buffer has 4096 bytes, and other sizes are tested, too.
  constexpr std::size_t buffers[] = {512, 2048, 4096, 8192, 16384};
  for (const std::string method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const std::string first_lines = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" +
                                    header_lines + "Content-Type: text/plain\r\n";
    const auto length_line = [](const std::string& body) {
      return "Content-Length: " + std::to_string(body.size()) + "\r\n";
    };
    for (const std::size_t buffer : buffers) {
      // The head and the padding fill the buffer. Then the hidden requests begin.
      const std::string requests = body_of(hidden, 3 * hidden.size());
      std::string head = first_lines;
      const std::string about = length_line(std::string(buffer, ' '));
      if (head.size() + about.size() + 2 >= buffer) continue;
      const std::size_t padding = buffer - head.size() - about.size() - 2;
      std::string body = std::string(padding, 'x') + requests;
      if (length_line(body).size() != about.size()) body.insert(0, 1, 'x');
      head += length_line(body) + "\r\n";
      attempts.push_back(
          {method + " with a body behind " + std::to_string(buffer) + " bytes", head + body});
    }
    const std::string body = body_of(hidden, std::size_t{64} << 10);
    attempts.push_back(
        {method + " with a body of 64 KiB", first_lines + length_line(body) + "\r\n" + body});
    // One arrives together with the head, and the other one does not.
    for (const std::string& rest : {body_of(hidden, 1), body_of(hidden, 3 * buffers[4])}) {
      for (const std::string& lengths : {"Content-Length: 0\r\n" + length_line(rest),
                                         length_line(rest) + "Content-Length: 0\r\n",
                                         "Content-Length: 3\r\n" + length_line(rest)}) {
        attempts.push_back(
            {method + " with two lengths", first_lines + lengths + "\r\n" + rest, true});
      }
      const std::string chunked = "0\r\n\r\n";
      for (const std::string& lines :
           {length_line(chunked + rest) + "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\n" + length_line(chunked + rest),
            std::string("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
            std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")}) {
        attempts.push_back({method + " with a length and chunks",
                            first_lines + lines + "\r\n" + chunked + rest, true});
      }
      attempts.push_back({method + " with an unknown encoding",
                          first_lines + "Transfer-Encoding: xchunked\r\n\r\n" + rest, true});
      attempts.push_back(
          {method + " with a length that is no number",
           first_lines + "Content-Length: +" + std::to_string(rest.size()) + "\r\n\r\n" + rest,
           true});
    }
  }
  return attempts;
}

void try_to_smuggle(
    int port, const std::vector<smuggling_attempt>& attempts,
    const std::function<void(const smuggling_attempt&, const answers_on_connection&)>& judge) {
  constexpr int at_once = 6;
  std::atomic<std::size_t> next = 0;
  std::mutex judging;
  std::vector<std::jthread> visitors;
  for (int i = 0; i < at_once; ++i) {
    visitors.emplace_back([&] {
      for (std::size_t at = next++; at < attempts.size(); at = next++) {
        const answers_on_connection answers = answers_to(port, attempts[at].bytes);
        const std::lock_guard lock(judging);
        judge(attempts[at], answers);
      }
    });
  }
}

answers_on_connection answers_to(int port, const std::string& bytes) {
  http_connection connection(port);
  connection.send(bytes);
  answers_on_connection result;
  const std::string received = connection.receive_all(std::chrono::milliseconds(200));
  result.closed = connection.is_closed();
  std::size_t end_of_first = std::string::npos;
  for (std::size_t at = received.find("HTTP/1."); at != std::string::npos;
       at = received.find("HTTP/1.", at + 1)) {
    if (received.compare(at, 12, "HTTP/1.1 100") == 0) continue;
    ++result.count;
    if (result.count == 1) result.status = std::atoi(received.c_str() + at + 9);
    if (result.count == 2) end_of_first = at;
  }
  const std::string first = received.substr(0, end_of_first);
  const std::size_t head = first.find("\r\n\r\n");
  result.first_says_close = first.substr(0, head).find("Connection: close") != std::string::npos;
  return result;
}
