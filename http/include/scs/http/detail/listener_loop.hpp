#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/resource.h>

#include <scs/http/detail/connection_list.hpp>
#include <scs/http/detail/port_departure.hpp>
#include <scs/http/detail/service_manager.hpp>
#include <scs/http/detail/stop_signals.hpp>
#include <scs/http/listener_options.hpp>
#include <scs/http/listening_socket.hpp>

namespace scs::http::detail {

/// Accepts connections, enforces their time limits, and shuts down in the right order. It does not
/// depend on HTTP.
class listener_loop {
 public:
  /// Listens. Throws std::invalid_argument for invalid options, and std::system_error.
  explicit listener_loop(listener_options options)
      : listener_loop(checked(std::move(options)), std::nullopt) {}
  /// The same with a socket that listens already.
  listener_loop(listener_options options, listening_socket socket)
      : listener_loop(checked(std::move(options)), std::optional(std::move(socket))) {}
  listener_loop(const listener_loop&) = delete;
  listener_loop& operator=(const listener_loop&) = delete;
  ~listener_loop() { end(); }

  listener_state& state() noexcept { return state_; }
  unsigned short port() const noexcept { return port_; }

  /// Call it once. `begin` is called with each accepted connection, and starts a coroutine on its
  /// executor.
  void run(std::function<void(boost::asio::ip::tcp::socket)> begin) {
    if (std::exchange(has_run_, true)) throw std::logic_error("a listener can run() only once");
    begin_ = std::move(begin);
    // Destroyed last, so that a signal can end the process as long as anything is running. Made
    // first, so that all threads have its signals blocked.
    std::optional<stop_signals> signals;
    if (state_.options.on_signal == listener_options::signals::stop) signals.emplace();
    // The order of the shutdown, see end(): first the threads of both end; then the coroutines and
    // their sockets are destroyed with the io_context; then the pool, whose executors the
    // coroutines hold.
    boost::asio::thread_pool store(std::max<std::size_t>(state_.options.store_threads, 1));
    state_.store = store.get_executor();
    const at_exit ends([&] {
      asio_->io.stop();
      for (std::thread& thread : threads_)
        thread.join();
      store.join();
      end();
      state_.store = {};
      begin_ = {};
    });
    spawn(accept());
    spawn(watch());
    tell_service_manager("READY=1");
    if (signals) signals->start([this] { stop(); });
    for (std::size_t i = 1; i < state_.options.io_threads; ++i) {
      threads_.emplace_back([this] { asio_->io.run(); });
    }
    asio_->io.run();
    if (failed_) std::rethrow_exception(failed_);
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    if (asio_) boost::asio::post(asio_->executor, [this] { begin_stop(); });
  }

 private:
  using tcp = boost::asio::ip::tcp;
  using clock = std::chrono::steady_clock;
  using at_end = listening_socket::at_end;

  listener_loop(listener_options options, std::optional<listening_socket> socket)
      : state_(std::move(options)) {
    if (!socket) {
      socket.emplace(listening_address{.host = state_.options.address,
                                       .port = state_.options.port,
                                       .sharing = state_.options.sharing,
                                       .backlog = state_.options.backlog});
    }
    port_ = static_cast<unsigned short>(socket->port());
    ends_ = socket->ends();
    asio_ = std::make_unique<asio_objects>(state_.options, std::move(*socket));
    state_.on_removed = [this] { connection_ended(); };
  }

  static listener_options checked(listener_options options) {
    const auto refuse = [](const char* problem) {
      throw std::invalid_argument(std::string("scs::http::listener: ") + problem);
    };
    const std::pair<const char*, std::chrono::milliseconds> limits[] = {
        {"header_timeout", options.header_timeout},
        {"body_timeout", options.body_timeout},
        {"keep_alive_timeout", options.keep_alive_timeout},
        {"write_timeout", options.write_timeout},
        {"linger_timeout", options.linger_timeout},
        {"stop_timeout", options.stop_timeout},
        {"drain_timeout", options.drain_timeout}};
    for (const auto& [name, limit] : limits)
      if (limit < limit.zero()) refuse((std::string(name) + ": negative").c_str());
    if (options.io_threads == 0) refuse("io_threads: at least 1 is needed");
    if (options.max_connections == 0) refuse("max_connections: at least 1 is needed");
    if (options.keep_alive_requests == 0) refuse("keep_alive_requests: at least 1");
    if (options.backlog < 1) refuse("backlog: at least 1");
    options.max_connections = std::min(options.max_connections, connections_of_process());
    return options;
  }

  /// Returns how many connections the process may have open if it keeps some descriptors for its
  /// files.
  static std::size_t connections_of_process() noexcept {
    constexpr rlim_t kept_for_files = 64;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
      return std::numeric_limits<std::size_t>::max();
    return limit.rlim_cur > 2 * kept_for_files ? limit.rlim_cur - kept_for_files
                                               : std::max<rlim_t>(limit.rlim_cur / 2, 1);
  }

  class at_exit {
   public:
    explicit at_exit(std::function<void()> call) : call_(std::move(call)) {}
    at_exit(const at_exit&) = delete;
    at_exit& operator=(const at_exit&) = delete;
    ~at_exit() { call_(); }

   private:
    std::function<void()> call_;
  };

  struct asio_objects {
    asio_objects(const listener_options& options, listening_socket socket)
        : io(static_cast<int>(options.io_threads)),
          executor(options.io_threads > 1 ? boost::asio::any_io_executor(make_strand(io))
                                          : boost::asio::any_io_executor(io.get_executor())),
          acceptor(executor),
          tick(executor),
          room(executor, clock::time_point::max()),
          leaving(executor) {
      const tcp protocol = is_of_ipv6(socket.handle()) ? tcp::v6() : tcp::v4();
      acceptor.assign(protocol, socket.handle());
      socket.release();
    }

    static bool is_of_ipv6(int socket) noexcept {
      sockaddr_storage address{};
      socklen_t size = sizeof address;
      return ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
             address.ss_family == AF_INET6;
    }

    boost::asio::io_context io;
    /// For everything that does not belong to a connection.
    boost::asio::any_io_executor executor;
    tcp::acceptor acceptor;
    boost::asio::steady_timer tick;
    /// Never expires. It is canceled when there is room for a connection.
    boost::asio::steady_timer room;
    /// Used by leave_port().
    boost::asio::steady_timer leaving;
  };

  /// Starts a coroutine of the listener. If it throws, the listener stops, and run() throws the
  /// exception.
  void spawn(boost::asio::awaitable<void> coroutine) {
    boost::asio::co_spawn(asio_->executor, std::move(coroutine),
                          [this](const std::exception_ptr& failed) {
                            if (!failed) return;
                            failed_ = failed;
                            begin_stop();
                            stop_accepting();
                            close_idle();
                          });
  }

  boost::asio::awaitable<void> accept() {
    using namespace std::chrono_literals;
    tcp::acceptor& acceptor = asio_->acceptor;
    while (acceptor.is_open()) {
      boost::system::error_code failed;
      waits_for_room_ = true;
      if (state_.connections.size() >= state_.options.max_connections) {
        co_await asio_->room.async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, failed));
        continue;
      }
      waits_for_room_ = false;
      boost::asio::any_io_executor executor = asio_->io.get_executor();
      if (state_.options.io_threads > 1) executor = make_strand(executor);
      tcp::socket socket = co_await acceptor.async_accept(
          executor, boost::asio::redirect_error(boost::asio::use_awaitable, failed));
      if (!failed) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        begin_(std::move(socket));
      } else if (acceptor.is_open() && failed != boost::asio::error::connection_aborted) {
        // Most likely there are too many open files. Some may be closed after the pause.
        boost::asio::steady_timer pause(asio_->executor, 50ms);
        co_await pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, failed));
      }
    }
  }

  /// Advances the connections' clock. After stop(), waits until they have ended.
  boost::asio::awaitable<void> watch() {
    while (!has_ended()) {
      clock::time_point next = clock::now() + state_.clock.length();
      if (state_.stopping) next = std::min(next, cut_at_);
      asio_->tick.expires_at(next);
      boost::system::error_code cancelled;
      co_await asio_->tick.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
      if (cancelled) continue;  // something has changed
      if (state_.stopping && clock::now() >= cut_at_) {
        asio_->io.stop();
        co_return;
      }
      state_.clock.advance();
      const auto now = state_.clock.now();
      for (const auto& connection : state_.connections.select(
               [now](const connection_control& one) { return one.late(now); })) {
        boost::asio::dispatch(connection->get_executor(), [connection] { connection->expire(); });
      }
    }
  }

  bool has_ended() const noexcept {
    return state_.stopping && !asio_->acceptor.is_open() && state_.connections.size() == 0;
  }

  /// Call it on the listener's executor.
  void begin_stop() {
    if (state_.stopping.exchange(true)) return;
    tell_service_manager("STOPPING=1");
    constexpr std::chrono::hours for_ever{87'600};  // ten years: a sum with more could overflow
    const auto begun = clock::now();
    const auto after = [&](std::chrono::milliseconds time) {
      return begun + std::min<std::chrono::milliseconds>(time, for_ever);
    };
    cut_at_ = after(state_.options.stop_timeout);
    if (ends_ == at_end::close) {
      stop_accepting();
      close_idle();
    } else {
      spawn(leave_port(after(state_.options.drain_timeout)));
    }
  }

  /// Leaves the port to another process, and closes idle connections when the time has passed.
  boost::asio::awaitable<void> leave_port(clock::time_point drained_at) {
    const auto pause = [this] {
      asio_->leaving.expires_after(port_departure::pause);
      return asio_->leaving.async_wait(boost::asio::use_awaitable);
    };
    if (ends_ == at_end::leave_to_others) {
      port_departure departure(asio_->acceptor.native_handle());
      while (!departure.step(clock::now()) && clock::now() < cut_at_)
        co_await pause();
    }
    stop_accepting();
    while (!has_ended() && clock::now() < drained_at)
      co_await pause();
    close_idle();
  }

  void stop_accepting() {
    boost::system::error_code ignored;
    asio_->acceptor.close(ignored);
    asio_->room.cancel();
    asio_->tick.cancel();
  }

  void close_idle() {
    state_.closing_idle = true;
    for (const auto& connection :
         state_.connections.select([](const connection_control&) { return true; })) {
      boost::asio::dispatch(connection->get_executor(), [connection] { connection->stop(); });
    }
  }

  /// Called on any thread. Nothing waits any more when the io_context's end destroys connections.
  void connection_ended() {
    if (ended_) return;
    if (waits_for_room_) boost::asio::post(asio_->executor, [this] { asio_->room.cancel(); });
    if (state_.stopping) boost::asio::post(asio_->executor, [this] { asio_->tick.cancel(); });
  }

  /// Destroys the remaining coroutines, and with them the connections.
  void end() {
    ended_ = true;
    std::unique_ptr<asio_objects> ending;
    {
      const std::lock_guard lock(mutex_);
      ending = std::move(asio_);
    }
  }

  listener_state state_;
  std::mutex mutex_;  // guards asio_ against stop()
  std::unique_ptr<asio_objects> asio_;
  unsigned short port_ = 0;
  at_end ends_ = at_end::close;
  std::function<void(tcp::socket)> begin_;
  std::vector<std::thread> threads_;
  clock::time_point cut_at_{};
  std::exception_ptr failed_;
  std::atomic<bool> waits_for_room_ = false;
  std::atomic<bool> ended_ = false;
  bool has_run_ = false;
};

}  // namespace scs::http::detail
