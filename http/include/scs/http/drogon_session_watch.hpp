#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drogon/WebSocketConnection.h>

#include <scs/error.hpp>
#include <scs/http/drogon.hpp>
#include <scs/session_manager.hpp>

namespace scs::http {

/// Closes WebSockets when their session has ended: by a logout, a revocation, a renewal of its
/// token, or its expiry. It asks the store about each session every `interval`, and also when
/// look() is called. Call look() for the changes that a subscription of the store reports; see
/// session_watch in scs/http/beast_session_watch.hpp.
///
/// Any number of threads may use it at the same time. The executor's threads and the event loops
/// must have ended before it is destroyed, and the manager must outlive it.
class drogon_session_watch {
 public:
  drogon_session_watch(session_manager& sessions, drogon_executor store,
                       std::chrono::milliseconds interval = std::chrono::seconds(30))
      : sessions_(sessions), store_(std::move(store)), interval_(interval) {}
  drogon_session_watch(const drogon_session_watch&) = delete;
  drogon_session_watch& operator=(const drogon_session_watch&) = delete;

  /// Closes the socket with code 1008 when the session of this request has ended, and immediately
  /// if the request has none. A client that does not close in turn is cut off a second later, until
  /// when it can still send. Call it from WebSocketController::handleNewConnection(). An open
  /// socket does not extend its session's idle time. While the store fails, the session is
  /// considered alive.
  void close_when_ended(const drogon::HttpRequestPtr& request,
                        const drogon::WebSocketConnectionPtr& socket) {
    const auto added = std::make_shared<watched>(request, socket);
    {
      const std::lock_guard lock(mutex_);
      watched_.remove_if([](const auto& each) { return each->socket.expired(); });
      watched_.push_back(added);
    }
    look_again(added);
    wait(added);
  }

  /// Asks the store now. If `id` begins with `h:`, it asks about the session with this id. For any
  /// other text it asks about all: for the key of a user's watermark, which ends sessions, and for
  /// an empty text, which stands for missed changes. Remove the prefix of bunt_options from the key
  /// first. Does not block.
  void look(std::string_view id = {}) {
    const bool is_of_one = id.starts_with("h:");
    std::vector<std::shared_ptr<watched>> found;
    {
      const std::lock_guard lock(mutex_);
      for (const std::shared_ptr<watched>& each : watched_) {
        const std::lock_guard named(each->mutex);
        // A session without an id is not loaded yet: the change may be its own.
        if (!is_of_one || each->id.empty() || each->id == id) found.push_back(each);
      }
    }
    for (const std::shared_ptr<watched>& each : found)
      look_again(each);
  }

 private:
  struct watched {
    watched(drogon::HttpRequestPtr handshake, const drogon::WebSocketConnectionPtr& open)
        : request(std::move(handshake)), socket(open) {}
    const drogon::HttpRequestPtr request;
    const std::weak_ptr<drogon::WebSocketConnection> socket;
    const std::shared_ptr<detail::drogon_loop> loop = detail::drogon_loop::of_this_thread();
    /// Used by one function on the executor at a time. Empty before the first look, and after the
    /// store has failed, because a session keeps the failure.
    std::optional<scs::session> session;
    /// How many looks were asked for since the first that has not ended. Only the first calls the
    /// store, and it calls it again if there were others.
    std::atomic<int> looks = 0;
    std::mutex mutex;
    std::string id;  // guarded by the mutex
  };

  void look_again(const std::shared_ptr<watched>& which) noexcept {
    if (which->looks++ > 0) return;
    try {
      store_([this, which] { look_now(which); });
    } catch (...) {  // the executor refuses: the next interval or look() asks again
      which->looks = 0;
    }
  }

  void look_now(const std::shared_ptr<watched>& which) noexcept {
    try {
      int seen = 0;
      do {
        seen = which->looks;
        if (which->socket.expired()) return;
        if (!lives(*which)) {
          close(*which);
          return;
        }
      } while (!which->looks.compare_exchange_strong(seen, 0));
    } catch (...) {  // no memory
      which->looks = 0;
    }
  }

  /// Calls the store.
  bool lives(watched& which) {
    try {
      if (!which.session) {
        which.session.emplace(detail::load_session<detail::drogon_library>(
            sessions_, *which.request, {.activity = request_activity::passive}));
        which.session->load();
        std::string id(which.session->id().text());
        const std::lock_guard lock(which.mutex);
        which.id = std::move(id);
      }
      if (which.id.empty()) return false;
      which.session->load_fresh();
    } catch (const error& failed) {
      if (failed.code() == errc::session_gone) return false;
      which.session.reset();
    } catch (...) {  // no memory
      which.session.reset();
    }
    return true;
  }

  static void close(const watched& which) {
    which.loop->queue([socket = which.socket] {
      if (const auto open = socket.lock())
        open->shutdown(drogon::CloseCode::kViolation, "the session has ended");
      // A client that does not answer could still send.
      trantor::EventLoop::getEventLoopOfCurrentThread()->runAfter(1.0, [socket] {
        if (const auto open = socket.lock()) open->forceClose();
      });
    });
  }

  /// Looks every `interval_` while the socket is open. Call it on the socket's event loop.
  void wait(const std::shared_ptr<watched>& which) {
    const std::chrono::duration<double> seconds = interval_;
    trantor::EventLoop* const loop = trantor::EventLoop::getEventLoopOfCurrentThread();
    loop->runAfter(seconds.count(), [this, weak = std::weak_ptr(which)] {
      const auto there = weak.lock();
      const auto open = there ? there->socket.lock() : nullptr;
      if (!open || open->disconnected()) return;
      look_again(there);
      wait(there);
    });
  }

  session_manager& sessions_;
  const drogon_executor store_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::list<std::shared_ptr<watched>> watched_;
};

}  // namespace scs::http
