#include "limit_option.hpp"

#include <charconv>
#include <limits>

#include "arguments.hpp"
#include "exit_status.hpp"

void limit_option::add_to(CLI::App& command) {
  command.add_option("--limit", argument_, "at most so many")->type_name("N");
}

std::uint64_t limit_option::value() const {
  if (!given()) return std::numeric_limits<std::uint64_t>::max();
  const std::string text = plain(argument_);
  std::uint64_t limit = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw usage_error("--limit takes a number, not '" + text + "'");
  }
  return limit;
}
