#include "shell/conversation.hpp"

#include <new>
#include <string>

#include "shell/history_file.hpp"
#include "shell/interpreter.hpp"
#include "shell/line_editor.hpp"
#include "text/printable.hpp"

namespace {

std::string prompt_of(const workspace& space) {
  std::string prompt = printable(std::filesystem::path(space.path()).filename().string());
  if (space.in_transaction()) {
    prompt += " (transaction)";
  } else if (space.read_only()) {
    prompt += " (read-only)";
  }
  return prompt + "> ";
}

/// Runs a line. An error is printed, and the next line may succeed.
void run_told(const std::string& line, shell_context& context, output& out) {
  try {
    run_line(line, context, out);
  } catch (const broken_pipe&) {
    context.ends = true;
  } catch (const interrupted&) {
    out.discard();
    complain("interrupted");
  } catch (const std::bad_alloc&) {
    complain("out of memory");
  } catch (const std::exception& failure) {
    complain(failure.what());
  }
}

}  // namespace

exit_status converse(workspace& space, output& out, bool no_history) {
  terminal_signals signals;
  out.stop_when(signals.interrupt());
  line_editor editor(signals, [&](std::string_view line) { return complete(line, space); });
  history_file history(no_history ? std::filesystem::path() : history_file::usual_path());
  for (const std::string& line : history.load())
    editor.remember(line);

  shell_context context{.space = space, .ask = [&](const std::string& question) {
                          out.flush();
                          std::string answer;
                          return editor.read(question + " [y/N] ", answer) ==
                                     line_editor::outcome::line &&
                                 (answer == "y" || answer == "Y" || answer == "yes");
                        }};
  out.line(printable(space.path()) + (space.is_new() ? " is new. " : ". ") +
           "help lists the commands, Ctrl-D ends.");
  while (!context.ends) {
    out.flush();
    std::string line;
    const auto outcome = editor.read(prompt_of(space), line);
    if (outcome == line_editor::outcome::end) break;
    if (outcome == line_editor::outcome::abandoned || line.empty()) continue;
    editor.remember(line);
    history.add(line);
    run_told(line, context, out);
  }
  signals.forget_interrupt();
  if (space.abandon()) complain("the open transaction was rolled back");
  if (signals.end() != 0) throw interrupted(signals.end(), "ended by a signal");
  return exit_status::ok;
}
