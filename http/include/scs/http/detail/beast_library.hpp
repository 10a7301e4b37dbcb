#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>

namespace scs::http::detail {

inline std::string_view text_of(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// Accesses headers in Beast's types.
struct beast_library {
  static constexpr bool values_stay = true;

  template <class Fields, class Call>
  static void for_each_header(const Fields& fields, std::string_view name, Call call) {
    const auto [begin, end] = fields.equal_range(view(name));
    for (auto line = begin; line != end; ++line) {
      call(std::string_view(line->value().data(), line->value().size()));
    }
  }
  template <class Fields>
  static void append_header(Fields& fields, std::string_view name, std::string_view value) {
    fields.insert(view(name), view(value));
  }
  template <class Fields>
  static void erase_header(Fields& fields, std::string_view name) {
    fields.erase(view(name));
  }

 private:
  static boost::beast::string_view view(std::string_view text) {
    return {text.data(), text.size()};
  }
};

/// Calls the function on the executor. The coroutine continues where it was. A cancellation of the
/// coroutine takes effect after that: Asio 1.81 ends the process if a cancellation comes before the
/// executor has begun.
template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> call_on(boost::asio::any_io_executor where,
                                                                Function function) {
  using result = std::invoke_result_t<Function&>;
  co_return co_await boost::asio::co_spawn(
      where,
      [function = std::move(function)]() mutable -> boost::asio::awaitable<result> {
        co_return function();
      },
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                          boost::asio::use_awaitable));
}

}  // namespace scs::http::detail
