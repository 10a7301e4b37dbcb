#include "shell/line_editor.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <stdexcept>

#include <langinfo.h>
#include <unistd.h>

#include "shell/history_file.hpp"

namespace {

/// libedit uses the locale. Text is UTF-8 here, even if the environment does not say so.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

line_editor::line_editor(terminal_signals& signals, complete_function complete)
    : signals_(signals), complete_(std::move(complete)) {
  use_utf8();
  history_.reset(history_init());
  editor_.reset(el_init("buntdb", stdin, stdout, stderr));
  if (!history_ || !editor_) throw std::runtime_error("cannot edit lines on this terminal");
  HistEvent event{};
  history(history_.get(), &event, H_SETSIZE, static_cast<int>(history_file::max_lines));
  history(history_.get(), &event, H_SETUNIQUE, 1);  // repeated lines are kept once
  EditLine* editor = editor_.get();
  el_set(editor, EL_CLIENTDATA, this);
  el_set(editor, EL_PROMPT, &prompt_of);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, &history, history_.get());
  el_set(editor, EL_SIGNAL, 0);
  el_set(editor, EL_GETCFN, &read_character);
  el_set(editor, EL_ADDFN, "buntdb-complete", "Complete the word", &complete_here);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(editor, nullptr);
  el_set(editor, EL_BIND, "^I", "buntdb-complete", nullptr);
}

line_editor::~line_editor() = default;

line_editor::outcome line_editor::read(const std::string& prompt, std::string& line) {
  prompt_ = prompt;
  signals_.forget_interrupt();
  int size = 0;
  const char* typed = el_gets(editor_.get(), &size);
  if (typed != nullptr && size > 0) {
    line.assign(typed, static_cast<std::size_t>(size));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
      line.pop_back();
    return outcome::line;
  }
  el_reset(editor_.get());
  const bool abandoned = signals_.interrupt() != 0 && signals_.end() == 0;
  std::fputs(abandoned ? "^C\n" : "\n", stdout);
  std::fflush(stdout);
  return abandoned ? outcome::abandoned : outcome::end;
}

void line_editor::remember(const std::string& line) {
  HistEvent event{};
  history(history_.get(), &event, H_ENTER, line.c_str());
}

line_editor& line_editor::of(EditLine* editor) noexcept {
  void* self = nullptr;
  el_get(editor, EL_CLIENTDATA, &self);
  return *static_cast<line_editor*>(self);
}

char* line_editor::prompt_of(EditLine* editor) noexcept {
  return of(editor).prompt_.data();
}

int line_editor::read_character(EditLine* editor, wchar_t* character) noexcept {
  return of(editor).next_character(*character);
}

/// Returns what libedit expects: 1, or 0 at the end, or -1 to abandon the line.
int line_editor::next_character(wchar_t& character) {
  std::mbstate_t state{};
  for (;;) {
    switch (signals_.wait_for_input()) {
      case terminal_signals::wakeup::end:
      case terminal_signals::wakeup::interrupt:
        return -1;
      case terminal_signals::wakeup::redraw:
        el_set(editor_.get(), EL_PREP_TERM, 1);
        el_set(editor_.get(), EL_REFRESH);
        continue;
      case terminal_signals::wakeup::resize:
        el_resize(editor_.get());
        continue;
      case terminal_signals::wakeup::input:
        break;
    }
    char byte = 0;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return static_cast<int>(got);
    if (byte == '\0') {
      character = L'\0';
      return 1;
    }
    const std::size_t used = std::mbrtowc(&character, &byte, 1, &state);
    if (used == 1) return 1;
    // A part of a character: continue reading. Invalid bytes are skipped.
    if (used == static_cast<std::size_t>(-1)) state = {};
  }
}

unsigned char line_editor::complete_here(EditLine* editor, int /*key*/) noexcept {
  try {
    return of(editor).insert_completion();
  } catch (...) {
    return CC_ERROR;  // beeps; what was typed remains
  }
}

unsigned char line_editor::insert_completion() {
  const LineInfo* info = el_line(editor_.get());
  const std::string line(info->buffer, info->cursor);
  const completion found = complete_(line);
  if (found.candidates.empty()) return CC_ERROR;
  const bool one = found.candidates.size() == 1;
  const std::string typed = line.substr(found.begin);
  std::string better = common_beginning(found.candidates);
  if (one) better += ' ';
  if (!one && (better.size() <= typed.size() || !found.complete)) {
    show(found);
    return CC_REDISPLAY;
  }
  // libedit counts characters.
  const auto characters = std::count_if(typed.begin(), typed.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  });
  if (characters > 0) el_deletestr(editor_.get(), static_cast<int>(characters));
  if (el_insertstr(editor_.get(), better.c_str()) != 0) return CC_ERROR;
  return CC_REFRESH;
}

void line_editor::show(const completion& found) const {
  std::fputc('\n', stdout);
  for (const std::string& candidate : found.candidates)
    std::fprintf(stdout, "%s\n", candidate.c_str());
  if (!found.complete) std::fputs("…\n", stdout);
  std::fflush(stdout);
}
