#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <histedit.h>

#include "shell/completion.hpp"
#include "shell/terminal_signals.hpp"

/// Reads lines from a terminal, with libedit's editing and history. The user's ~/.editrc applies.
/// Tab completes.
class line_editor {
 public:
  using complete_function = std::function<completion(std::string_view line)>;

  /// Throws std::runtime_error if there is no terminal.
  line_editor(terminal_signals& signals, complete_function complete);
  ~line_editor();
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  enum class outcome {
    line,
    abandoned,  ///< Ctrl-C
    end         ///< Ctrl-D, the terminal was closed, or a signal asks the process to end
  };

  /// Reads a line, without its end.
  outcome read(const std::string& prompt, std::string& line);

  /// Adds a line to the history of the arrow keys.
  void remember(const std::string& line);

 private:
  struct ends_editor {
    void operator()(EditLine* editor) const noexcept { el_end(editor); }
  };
  struct ends_history {
    void operator()(History* history) const noexcept { history_end(history); }
  };

  static line_editor& of(EditLine* editor) noexcept;
  static char* prompt_of(EditLine* editor) noexcept;
  static int read_character(EditLine* editor, wchar_t* character) noexcept;
  static unsigned char complete_here(EditLine* editor, int key) noexcept;

  int next_character(wchar_t& character);
  unsigned char insert_completion();
  void show(const completion& found) const;

  terminal_signals& signals_;
  complete_function complete_;
  std::unique_ptr<History, ends_history> history_;
  std::unique_ptr<EditLine, ends_editor> editor_;
  std::string prompt_;
};
