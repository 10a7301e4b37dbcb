#include "http/load/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <sys/epoll.h>
#include <unistd.h>

#include "harness/histogram.hpp"
#include "http/load/connection.hpp"

namespace bench::http {

namespace {

using clock = std::chrono::steady_clock;

/// The pause after a failed attempt to connect; a connection that waits for it counts as silent.
constexpr std::chrono::milliseconds retry_pause{10};

class load {
 public:
  explicit load(const load_options& options)
      : options_(options), requests_(requests_of(options)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() { ::close(epoll_); }

  load_result run() {
    const clock::time_point begin = clock::now();
    const auto end = begin + std::chrono::duration_cast<clock::duration>(options_.time);
    for (std::size_t i = 0; i < options_.idle_connections + options_.connections; ++i) {
      visitors_.push_back(std::make_unique<visitor>());
      visitors_.back()->idle = i < options_.idle_connections;
      visitors_.back()->waiting_since = begin;
      open(*visitors_.back());
    }
    clock::time_point now = clock::now();
    for (; now < end; now = clock::now()) {
      handle_events(std::min<clock::duration>(end - now, retry_pause));
      reopen_failed();
    }
    return result(begin, now);
  }

 private:
  struct visitor {
    connection link;
    bool idle = false;
    bool satisfied = false;  ///< is idle and has its answer
    bool is_first = true;    ///< nothing was answered on this connection since it was opened
    clock::time_point waiting_since;
    std::uint64_t answers = 0;
  };

  static std::vector<std::string> requests_of(const load_options& options) {
    std::string begin = "GET " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1:";
    begin += std::to_string(options.port);
    begin += "\r\n";
    if (options.reopen) begin += "Connection: close\r\n";
    if (options.cookies.empty()) return {begin + "\r\n"};
    std::vector<std::string> all;
    all.reserve(options.cookies.size());
    for (const std::string& cookie : options.cookies) {
      all.push_back(begin);
      all.back().append("Cookie: ").append(cookie).append("\r\n\r\n");
    }
    return all;
  }

  void open(visitor& one) {
    one.is_first = true;
    if (!one.link.open(epoll_, options_.port, &one)) fail(one);
  }

  /// An attempt or an answer failed: tries again after a pause.
  void fail(visitor& one) {
    ++result_.errors;
    one.link.close();
    failed_.push_back(&one);
    retry_at_ = clock::now() + retry_pause;
  }

  void reopen_failed() {
    if (failed_.empty() || clock::now() < retry_at_) return;
    std::vector<visitor*> again;
    again.swap(failed_);
    for (visitor* const one : again)
      open(*one);
  }

  void handle_events(clock::duration longest) {
    // Rounded up: otherwise a wait of less than a millisecond would be none, and spin.
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(longest);
    const int count = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()),
                                   static_cast<int>(wait.count()));
    if (count < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
    }
    for (int i = 0; i < count; ++i)
      handle(*static_cast<visitor*>(events_[static_cast<std::size_t>(i)].data.ptr));
  }

  void handle(visitor& one) {
    switch (one.link.advance()) {
      case connection::event::none:
        return;
      case connection::event::connected:
        ask(one);
        return;
      case connection::event::answered:
        answered(one);
        return;
      case connection::event::closed:
        closed(one);
        return;
      case connection::event::failed:
        fail(one);
        return;
    }
  }

  void ask(visitor& one) {
    const std::string& request = requests_[next_request_];
    next_request_ = (next_request_ + 1) % requests_.size();
    if (!one.link.send(request)) closed(one);
  }

  void answered(visitor& one) {
    const clock::time_point now = clock::now();
    const auto took = now - one.waiting_since;
    longest_silence_ = std::max(longest_silence_, took);
    one.waiting_since = now;
    one.is_first = false;
    const response& answer = one.link.answer();
    if (answer.status < 200 || answer.status > 299) ++result_.bad_statuses;
    ++one.answers;
    if (one.idle) {
      one.satisfied = true;
      ++result_.idle_answered;
    } else {
      longest_ = std::max(longest_, took);
      latencies_.add(static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::nanoseconds>(took).count()));
    }
    if (!answer.keep_alive) {
      closed(one);
    } else if (!one.idle) {
      ask(one);
    }
  }

  /// The server closed the connection, between two answers. In the middle of one, or before the
  /// first one, that is a failure.
  void closed(visitor& one) {
    if (one.satisfied) {
      ++result_.idle_closed;
      one.link.close();
      return;
    }
    if (one.is_first || one.link.has_part_of_answer()) {
      fail(one);
      return;
    }
    one.link.close();
    ++result_.reconnects;
    open(one);
  }

  load_result result(clock::time_point begin, clock::time_point end) {
    load_result all = result_;
    all.seconds = std::chrono::duration<double>(end - begin).count();
    all.requests = latencies_.total();
    all.longest_ns = ns(longest_);
    // The histogram rounds up.
    all.p50_ns = std::min(latencies_.percentile(0.5), all.longest_ns);
    all.p99_ns = std::min(latencies_.percentile(0.99), all.longest_ns);
    all.p999_ns = std::min(latencies_.percentile(0.999), all.longest_ns);
    bool seen = false;
    for (const auto& one : visitors_) {
      if (!one->satisfied) longest_silence_ = std::max(longest_silence_, end - one->waiting_since);
      if (one->idle) continue;
      all.least_served = seen ? std::min(all.least_served, one->answers) : one->answers;
      seen = true;
    }
    all.longest_silence_ns = ns(longest_silence_);
    return all;
  }

  static double ns(clock::duration time) {
    return std::chrono::duration<double, std::nano>(time).count();
  }

  const load_options options_;
  const std::vector<std::string> requests_;
  std::size_t next_request_ = 0;
  const int epoll_;
  std::array<epoll_event, 256> events_{};
  std::vector<std::unique_ptr<visitor>> visitors_;
  std::vector<visitor*> failed_;
  clock::time_point retry_at_;
  histogram latencies_;
  clock::duration longest_{};
  clock::duration longest_silence_{};
  load_result result_;
};

}  // namespace

load_result run_load(const load_options& options) {
  return load(options).run();
}

}  // namespace bench::http
