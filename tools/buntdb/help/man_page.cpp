#include "help/man_page.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string_view>

namespace {

/// Escapes a text for roff: only ASCII, no commands, and dashes that can be searched for and
/// copied.
std::string escaped(std::string_view text) {
  std::string out;
  std::uint32_t code = 0;  // a character with several bytes
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (const auto byte = static_cast<unsigned char>(c); byte >= 0x80) {
      code = byte < 0xc0   ? code << 6U | (byte & 0x3fU)
             : byte < 0xe0 ? byte & 0x1fU
             : byte < 0xf0 ? byte & 0x0fU
                           : byte & 0x07U;
      const bool ends =
          i + 1 == text.size() || (static_cast<unsigned char>(text[i + 1]) & 0xc0U) != 0x80U;
      if (!ends) continue;
      std::array<char, 16> name{};
      static_cast<void>(std::snprintf(name.data(), name.size(), "\\[u%04X]", code));
      out += name.data();
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '~') {
      out += "\\(ti";
    } else {
      out += c;
    }
  }
  return out;
}

std::string text_line(std::string_view text) {
  const std::string line = escaped(text);
  return (line.starts_with('.') ? "\\&" + line : line) + "\n";
}

/// Formats a footer of --help: paragraphs, and indented lines, which are kept as they are.
std::string body(const std::string& footer) {
  std::string out;
  std::istringstream in(footer);
  bool keeps_lines = false;
  bool begins = true;
  for (std::string line; std::getline(in, line);) {
    const bool is_kept = line.starts_with("  ");
    if (keeps_lines && !is_kept) out += ".EE\n.RE\n";
    if (is_kept && !keeps_lines) out += ".RS 4\n.EX\n";
    keeps_lines = is_kept;
    if (line.empty()) {
      begins = true;
      continue;
    }
    if (begins && !is_kept) out += ".PP\n";
    begins = false;
    out += text_line(is_kept ? std::string_view(line).substr(2) : line);
  }
  if (keeps_lines) out += ".EE\n.RE\n";
  return out;
}

std::string usage(const described_command& command) {
  std::string out = ".B buntdb " + escaped(command.name) + "\n";
  for (const described_option& option : command.options) {
    if (!option.is_positional()) continue;
    const std::string name =
        "\\fI" + escaped(option.value) + "\\fR" + (option.is_repeated ? " ..." : "");
    out += option.is_required ? name + "\n" : "[" + name + "]\n";
  }
  return out + "[\\fIOPTION\\fR ...]\n";
}

std::string options(const described_command& command) {
  std::string out;
  for (const described_option& option : command.options) {
    std::string names;
    for (const std::string& name : option.names)
      names += (names.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
    if (!option.value.empty()) {
      names += (names.empty() ? "\\fI" : " \\fI") + escaped(option.value) + "\\fR";
    }
    out += ".TP\n" + names + "\n" + text_line(option.description);
  }
  return out;
}

}  // namespace

std::string man_page(const std::vector<described_command>& commands, const std::string& version) {
  const described_command& tool = commands[0];
  std::string out =
      ".\\\" Made by `buntdb man-page`, of what --help says.\n.TH BUNTDB 1 \"\" \"buntstore " +
      escaped(version) + "\" \"User Commands\"\n";
  out += ".SH NAME\nbuntdb \\- look into buntdb database files, and change them\n";
  out += ".SH SYNOPSIS\n.B buntdb\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]\n";
  out += ".SH DESCRIPTION\n" + text_line(tool.description) + body(tool.footer);
  out += ".SH OPTIONS\n" + options(tool);
  out += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    out += ".SS " + escaped(commands[i].name) + "\n" + usage(commands[i]) + ".PP\n" +
           text_line(commands[i].description + ".") + options(commands[i]) +
           body(commands[i].footer);
  }
  out += R"(.SH ENVIRONMENT
.TP
.B NO_COLOR
If set and not empty, nothing is coloured. Without a terminal nothing is in any case.
.TP
.B COLUMNS
How wide tables, charts and lines may be, instead of what the terminal says.
.TP
.B BUNTDB_PROGRESS_AFTER_MS
After how many milliseconds progress bars are drawn, instead of 1000.
.TP
.B XDG_STATE_HOME
Where the history of the shell is kept: its folder buntdb.
)";
  return out;
}
