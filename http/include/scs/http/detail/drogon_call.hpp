#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <drogon/HttpAppFramework.h>
#include <drogon/HttpRequest.h>
#include <drogon/HttpResponse.h>

#include <scs/http/detail/drogon_loop.hpp>

namespace scs::http::detail {

/// Awaits a function's call on an executor. The coroutine continues on its event loop.
template <class Function>
class drogon_call {
 public:
  using result = std::invoke_result_t<Function&>;

  drogon_call(std::function<void(std::function<void()>)> where, std::shared_ptr<drogon_loop> loop,
              Function function)
      : where_(std::move(where)), loop_(std::move(loop)), function_(std::move(function)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    // The coroutine may end, and destroy this object, before the executor's function returns.
    const auto where = where_;
    const auto waiting = std::make_shared<waiting_coroutine>(handle);
    try {
      where([this, waiting] { call(waiting); });
    } catch (...) {  // the coroutine continues with the exception
      waiting->release();
      throw;
    }
  }
  result await_resume() {
    if (failed_) std::rethrow_exception(failed_);
    if constexpr (!std::is_void_v<result>) return std::move(*result_);
  }

 private:
  void call(const std::shared_ptr<waiting_coroutine>& waiting) {
    const auto loop = loop_;
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
  }

  struct nothing {};
  std::function<void(std::function<void()>)> where_;
  std::shared_ptr<drogon_loop> loop_;
  Function function_;
  std::optional<std::conditional_t<std::is_void_v<result>, nothing, result>> result_{};
  std::exception_ptr failed_{};
};

/// Awaits the application's response to a request: routes it again. Only the first response counts:
/// Drogon calls the function again if a handler throws after it has answered.
class drogon_forward {
 public:
  drogon_forward(std::shared_ptr<drogon_loop> loop, drogon::HttpRequestPtr request)
      : loop_(std::move(loop)), request_(std::move(request)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    // The coroutine may end, and destroy this object, before forward() returns.
    const auto answer = answer_;
    const auto waiting = std::make_shared<waiting_coroutine>(handle);
    try {
      drogon::app().forward(
          request_, [answer, waiting, loop = loop_](const drogon::HttpResponsePtr& response) {
            if (answer->done.exchange(true)) return;
            answer->response = response;
            resume_on(loop, waiting);
          });
    } catch (...) {
      if (answer->done.exchange(true)) return;
      waiting->release();  // the coroutine continues with the exception
      throw;
    }
  }
  drogon::HttpResponsePtr await_resume() { return std::move(answer_->response); }

 private:
  struct first_answer {
    std::atomic<bool> done = false;
    drogon::HttpResponsePtr response{};
  };

  std::shared_ptr<drogon_loop> loop_;
  drogon::HttpRequestPtr request_;
  std::shared_ptr<first_answer> answer_ = std::make_shared<first_answer>();
};

}  // namespace scs::http::detail
