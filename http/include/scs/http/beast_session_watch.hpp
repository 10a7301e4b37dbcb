#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <scs/error.hpp>
#include <scs/http/beast.hpp>
#include <scs/session_manager.hpp>

namespace scs::http {

/// Notifies connections that stay open, such as WebSockets, when their session has ended: by a
/// logout, a revocation, a renewal of its token, or its expiry. It asks the store about each
/// session every `interval`, and also when look() is called. Call look() for the changes that a
/// subscription of the store reports:
///
///     buntdb::subscription changes = db.watch({.pattern = "?:*", .values = false});
///     std::jthread subscriber([&](const std::stop_token& stop) {
///       while (!stop.stop_requested() && !changes.ended())
///         if (const auto change = changes.next_for(std::chrono::seconds(1)))
///         watch.look(change->key);
///     });
///
/// Any number of threads may use it at the same time. It must outlive the coroutines of ended(),
/// and the manager must outlive it.
class session_watch {
 public:
  explicit session_watch(session_manager& sessions,
                         std::chrono::milliseconds interval = std::chrono::seconds(30))
      : sessions_(sessions), interval_(interval) {}
  session_watch(const session_watch&) = delete;
  session_watch& operator=(const session_watch&) = delete;

  /// Returns when the session of this request (or of these fields) has ended, and immediately if
  /// the request has no session. The calls of the store, which may block, run on the executor
  /// `store`. An open connection does not extend its session's idle time. While the store fails,
  /// the session is considered alive. If the coroutine is canceled, it throws
  /// boost::system::system_error. The request must be valid until the first suspension.
  template <class Fields>
  boost::asio::awaitable<void> ended(boost::asio::any_io_executor store, const Fields& request) {
    boost::beast::http::fields kept;
    for (const std::string& name : sessions_.request_header_names()) {
      detail::beast_library::for_each_header(request, name, [&](std::string_view value) {
        detail::beast_library::append_header(kept, name, value);
      });
    }
    std::optional<beast_exchange> own;
    const auto waiting = std::make_shared<waiter>(
        boost::asio::steady_timer(co_await boost::asio::this_coro::executor));
    const entry listed(*this, waiting);
    waiting->looks = true;  // the first time at once
    for (;;) {
      if (!std::exchange(waiting->looks, false)) {
        waiting->timer.expires_after(interval_);
        boost::system::error_code woken;
        co_await waiting->timer.async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, woken));
        waiting->looks = false;
      }
      if (!co_await lives(own, *waiting, store, kept)) co_return;
    }
  }

  /// Makes waiting coroutines ask the store now. If `id` begins with `h:`, these are the coroutines
  /// of the session with this id. For any other text these are all: for the key of a user's
  /// watermark, which ends sessions, and for an empty text, which stands for missed changes. Remove
  /// the prefix of bunt_options from the key first. Does not block.
  void look(std::string_view id = {}) {
    const bool is_of_one = id.starts_with("h:");
    const std::lock_guard lock(mutex_);
    for (const std::shared_ptr<waiter>& each : waiting_) {
      // A session without an id is not loaded yet: the change may be its own.
      if (is_of_one && !each->id.empty() && each->id != id) continue;
      boost::asio::post(each->timer.get_executor(), [each] {
        each->looks = true;
        each->timer.cancel();
      });
    }
  }

 private:
  /// Used on the timer's executor.
  struct waiter {
    explicit waiter(boost::asio::steady_timer made) : timer(std::move(made)) {}
    boost::asio::steady_timer timer;
    std::string id;  // guarded by mutex_
    bool looks = false;
  };

  /// Keeps the waiter in the list as long as the coroutine lives.
  class entry {
   public:
    entry(session_watch& watch, const std::shared_ptr<waiter>& added) : watch_(watch) {
      const std::lock_guard lock(watch_.mutex_);
      at_ = watch_.waiting_.insert(watch_.waiting_.end(), added);
    }
    ~entry() {
      const std::lock_guard lock(watch_.mutex_);
      watch_.waiting_.erase(at_);
    }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

   private:
    session_watch& watch_;
    std::list<std::shared_ptr<waiter>>::iterator at_;
  };

  /// Whether the session has not ended, as far as is known. If the store fails, it resets the
  /// exchange, because a session keeps the failure. The next call makes another one.
  boost::asio::awaitable<bool> lives(std::optional<beast_exchange>& own, waiter& waiting,
                                     const boost::asio::any_io_executor& store,
                                     const boost::beast::http::fields& kept) {
    try {
      if (!own) {
        own.emplace(sessions_, store, kept, request_activity::passive);
        co_await own->load();
        std::string id(own->session().id().text());
        if (id.empty()) co_return false;
        const std::lock_guard lock(mutex_);
        waiting.id = std::move(id);
      }
      co_await own->run([](session& session) { session.load_fresh(); });
    } catch (const error& failed) {
      if (failed.code() == errc::session_gone) co_return false;
      own.reset();
    }
    co_return true;
  }

  session_manager& sessions_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::list<std::shared_ptr<waiter>> waiting_;
};

}  // namespace scs::http
