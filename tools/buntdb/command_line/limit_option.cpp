#include "command_line/limit_option.hpp"

#include <charconv>
#include <limits>

#include "command_line/arguments.hpp"
#include "output/exit_status.hpp"

void limit_option::add_to(CLI::App& command, const std::string& name,
                          const std::string& description) {
  name_ = name;
  command.add_option(name, argument_, description)->type_name("N");
}

std::uint64_t limit_option::value() const {
  if (!given()) return std::numeric_limits<std::uint64_t>::max();
  const std::string text = plain(argument_);
  std::uint64_t limit = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw usage_error(name_ + " takes a number, not '" + text + "'");
  }
  return limit;
}
