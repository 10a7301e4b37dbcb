#include "shell/interpreter.hpp"

#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "command_line/command_line.hpp"
#include "command_line/words.hpp"

exit_status run_line(std::string_view line, shell_context& context, output& out) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos || line[begin] == '#') return exit_status::ok;
  const std::vector<std::string> words = split_words(line);
  const shell_command* command = find_shell_command(words.front());
  if (command == nullptr) {
    throw usage_error("there is no command " + as_word(words.front()) + " (see help)");
  }
  // Only this command is added: a script may have many lines.
  CLI::App app;
  action chosen;
  command->add(app, context, chosen);
  parse(app, armoured(words), "help " + words.front(), out);
  const exit_status status = chosen ? chosen(out) : exit_status::ok;
  out.flush();
  return status;
}
