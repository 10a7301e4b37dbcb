#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <drogon/HttpAppFramework.h>
#include <drogon/HttpRequest.h>
#include <drogon/HttpResponse.h>
#include <trantor/net/EventLoop.h>

namespace scs::http::detail {

/// Continues a coroutine on its event loop. Without a loop, it continues on this thread.
inline void resume_on(trantor::EventLoop* loop, std::coroutine_handle<> waiting) {
  if (loop == nullptr) {
    waiting.resume();
  } else {
    loop->queueInLoop([waiting] { waiting.resume(); });
  }
}

/// Awaits a function's call on an executor. The coroutine continues on its event loop.
template <class Function>
class drogon_call {
 public:
  using result = std::invoke_result_t<Function&>;

  drogon_call(std::function<void(std::function<void()>)> where, trantor::EventLoop* loop,
              Function function)
      : where_(std::move(where)), loop_(loop), function_(std::move(function)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    // The coroutine may end, and destroy this object, before the executor's function returns.
    const auto where = where_;
    where([this, waiting] {
      trantor::EventLoop* const loop = loop_;
      try {
        if constexpr (std::is_void_v<result>) {
          function_();
        } else {
          result_.emplace(function_());
        }
      } catch (...) {
        failed_ = std::current_exception();
      }
      resume_on(loop, waiting);
    });
  }
  result await_resume() {
    if (failed_) std::rethrow_exception(failed_);
    if constexpr (!std::is_void_v<result>) return std::move(*result_);
  }

 private:
  struct nothing {};
  std::function<void(std::function<void()>)> where_;
  trantor::EventLoop* loop_;
  Function function_;
  std::optional<std::conditional_t<std::is_void_v<result>, nothing, result>> result_{};
  std::exception_ptr failed_{};
};

/// Awaits the application's response to a request: routes it again.
class drogon_forward {
 public:
  drogon_forward(trantor::EventLoop* loop, drogon::HttpRequestPtr request)
      : loop_(loop), request_(std::move(request)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    const drogon::HttpRequestPtr request = request_;
    trantor::EventLoop* const loop = loop_;
    drogon::app().forward(request, [this, loop, waiting](const drogon::HttpResponsePtr& response) {
      response_ = response;
      resume_on(loop, waiting);
    });
  }
  drogon::HttpResponsePtr await_resume() { return std::move(response_); }

 private:
  trantor::EventLoop* loop_;
  drogon::HttpRequestPtr request_;
  drogon::HttpResponsePtr response_{};
};

}  // namespace scs::http::detail
