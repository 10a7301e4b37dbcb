#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>

#include <scs/session.hpp>
#include <scs/session_manager.hpp>

namespace scs::http::detail {

/// How Beast keeps headers.
struct beast_library {
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

/// The session of a request. Beast's fields stay where they are and need not be copied.
template <class Fields>
session load_beast_session(session_manager& sessions, const Fields& request) {
  std::array<std::string_view, 4> first;  // nearly always enough
  std::size_t count = 0;
  std::vector<std::string_view> all;
  for (const std::string& name : sessions.request_header_names()) {
    beast_library::for_each_header(request, name, [&](std::string_view value) {
      if (count < first.size()) {
        first[count] = value;
      } else {
        if (all.empty()) all.assign(first.begin(), first.end());
        all.push_back(value);
      }
      ++count;
    });
  }
  if (!all.empty()) return sessions.load(all, load_policy::on_first_use);
  return sessions.load(std::span<const std::string_view>(first.data(), count),
                       load_policy::on_first_use);
}

/// Calls function on the executor; the coroutine goes on where it was.
template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> call_on(boost::asio::any_io_executor where,
                                                                Function function) {
  using result = std::invoke_result_t<Function&>;
  co_return co_await boost::asio::co_spawn(
      where,
      [function = std::move(function)]() mutable -> boost::asio::awaitable<result> {
        co_return function();
      },
      boost::asio::use_awaitable);
}

}  // namespace scs::http::detail
