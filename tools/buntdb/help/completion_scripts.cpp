#include "help/completion_scripts.hpp"

#include <string_view>

namespace {

/// Quotes a text with single quotes for a shell.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

/// Escapes a text inside one of zsh's specifications, in which brackets and colons have a meaning.
std::string in_specification(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words)
    out += (out.empty() ? "" : " ") + word;
  return out;
}

/// Returns what the bash function below uses to make suggestions.
std::string kind_of(const described_option& option) {
  if (!option.choices.empty()) return "words " + joined(option.choices);
  return option.takes_file ? "files" : "nothing";
}

std::string zsh_action(const described_option& option) {
  if (!option.choices.empty()) return "(" + joined(option.choices) + ")";
  // An empty list instead of a message: with a message, zsh would not complete the only remaining
  // option.
  return option.takes_file ? "_files" : "()";
}

std::vector<std::string> names_of(const described_command& command) {
  std::vector<std::string> names;
  for (const described_option& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::string bash_case(const described_command& command) {
  std::string valued;
  std::string kinds;
  for (const described_option& option : command.options) {
    if (option.is_positional()) {
      kinds += " " + shell_word(kind_of(option));
      continue;
    }
    if (option.value.empty()) continue;
    for (const std::string& name : option.names)
      valued += " [" + name + "]=" + shell_word(kind_of(option));
  }
  return "    " + command.name + ")\n      options=" + shell_word(joined(names_of(command))) +
         "\n      valued=(" + valued + " )\n      positionals=(" + kinds + " )\n      ;;\n";
}

constexpr std::string_view bash_begin = R"(# Completion for bash, made by `buntdb completion bash`.

_buntdb() {
  local cur=${COMP_WORDS[COMP_CWORD]} command= word= kind=nothing before= options=
  local position=0 options_end= skip= i
  local -A valued=()
  local -a positionals=()
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} != -* ]]; then
      command=${COMP_WORDS[i]}
      break
    fi
  done
  case $command in
)";

constexpr std::string_view bash_end = R"(    *) return ;;
  esac
  # Which argument it is: options and their values are none, and bash divides words at '='.
  for ((i++; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ $skip ]]; then
      skip= before=
    elif [[ $options_end || $word != -?* ]]; then
      ((position += 1))
    elif [[ $word == -- ]]; then
      options_end=1
    elif [[ ${valued[$word]} ]]; then
      skip=1 before=$word
    fi
  done
  if [[ $skip ]]; then
    kind=${valued[$before]}
  elif [[ ! $options_end && $cur == -* ]]; then
    kind="words $options"
  elif ((position < ${#positionals[@]})); then
    kind=${positionals[position]}
  fi
  case $kind in
    files)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      compopt -o filenames 2> /dev/null
      ;;
    words*) mapfile -t COMPREPLY < <(compgen -W "${kind#words}" -- "$cur") ;;
  esac
}

complete -F _buntdb buntdb
)";

std::string zsh_option(const described_option& option) {
  std::string out;
  for (const std::string& name : option.names) {
    std::string text = name + "[" + in_specification(option.description) + "]";
    if (!option.value.empty()) {
      text += ":" + in_specification(option.value) + ":" + zsh_action(option);
    }
    out += " \\\n        " + shell_word(text);
  }
  return out;
}

std::string zsh_case(const described_command& command) {
  std::string out = "      " + command.name + ")\n      _arguments -S";
  std::size_t position = 0;
  for (const described_option& option : command.options) {
    if (!option.is_positional()) {
      out += zsh_option(option);
      continue;
    }
    ++position;
    const std::string place = option.is_repeated ? "*" : std::to_string(position);
    out += " \\\n        " +
           shell_word(place + ":" + in_specification(option.value) + ":" + zsh_action(option));
  }
  return out + "\n      ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<described_command>& commands) {
  std::string out(bash_begin);
  std::string names;
  for (std::size_t i = 1; i < commands.size(); ++i) {
    names += " " + commands[i].name;
    out += bash_case(commands[i]);
  }
  out += "    '')\n      mapfile -t COMPREPLY < <(compgen -W " +
         shell_word(joined(names_of(commands[0])) + names) +
         " -- \"$cur\")\n      return\n      ;;\n";
  return out + std::string(bash_end);
}

std::string zsh_completion(const std::vector<described_command>& commands) {
  std::string out = R"(#compdef buntdb
# Completion for zsh, made by `buntdb completion zsh`.

_buntdb() {
  local curcontext="$curcontext" state line
  local -a commands
  typeset -A opt_args
  _arguments -C)";
  for (const described_option& option : commands[0].options)
    out += zsh_option(option);
  out += R"( \
        '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      commands=()";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    out += "\n        " + shell_word(in_specification(commands[i].name) + ":" +
                                     in_specification(commands[i].description));
  }
  out += R"(
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
)";
  for (std::size_t i = 1; i < commands.size(); ++i)
    out += zsh_case(commands[i]);
  return out + R"(      esac
      ;;
  esac
}

# Loaded by compinit as the function's body, or sourced.
if [ "$funcstack[1]" = "_buntdb" ]; then
  _buntdb "$@"
else
  compdef _buntdb buntdb
fi
)";
}
