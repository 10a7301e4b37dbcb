#include "shell/script.hpp"

#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <buntdb/error.hpp>

#include "shell/interpreter.hpp"

namespace {

exit_status run_numbered(const std::string& line, std::uint64_t number, shell_context& context,
                         output& out) {
  try {
    const exit_status status = run_line(line, context, out);
    if (status != exit_status::ok) complain("in line " + std::to_string(number));
    return status;
  } catch (const std::system_error& failure) {
    // An output that cannot be written ends the script. An error of the database concerns only the
    // line.
    if (dynamic_cast<const buntdb::error*>(&failure) == nullptr) throw;
    complain("line " + std::to_string(number) + ": " + failure.what());
    return status_of(failure);
  } catch (const usage_error& failure) {
    complain("line " + std::to_string(number) + ": " + failure.what());
    return status_of(failure);
  }
}

}  // namespace

exit_status run_script(workspace& space, output& out, bool keep_going) {
  shell_context context{.space = space, .ask = {}};
  exit_status result = exit_status::ok;
  std::uint64_t number = 0;
  for (std::string line; !context.ends && std::getline(std::cin, line);) {
    const exit_status status = run_numbered(line, ++number, context, out);
    if (status == exit_status::ok) continue;
    if (result == exit_status::ok) result = status;
    if (!keep_going) break;
  }
  if (std::cin.bad()) throw std::runtime_error("cannot read standard input");
  if (space.abandon()) {
    complain("the transaction that was open at the end was rolled back");
    if (result == exit_status::ok) result = exit_status::finding;
  }
  return result;
}
