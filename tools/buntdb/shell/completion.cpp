#include "shell/completion.hpp"

#include <algorithm>

#include "command_line/words.hpp"
#include "shell/shell_commands.hpp"

namespace {

constexpr std::size_t max_keys = 100;

class completer {
 public:
  completer(const unfinished_line& line, workspace& space) : line_(line), space_(space) {
    result_.begin = line.last_begin;
  }

  completion result() && {
    if (line_.words.empty()) {
      commands();
    } else if (const shell_command* command = find_shell_command(line_.words.front())) {
      argument(*command);
    }
    return std::move(result_);
  }

 private:
  void argument(const shell_command& command) {
    if (line_.words.back() == "--index") return indexes();
    if (line_.last.starts_with('-')) return options(command);
    switch (command.words) {
      case completes::keys:
        // For most commands, a value follows the key.
        if (line_.words.size() == 1 || command.name == "del") keys();
        return;
      case completes::commands:
        return commands();
      case completes::index_actions:
        if (line_.words.size() == 1) {
          for (const std::string_view action : {"list", "create", "drop"})
            offer(action);
        } else if (line_.words.size() == 2 && line_.words[1] == "drop") {
          indexes();
        }
        return;
      case completes::nothing:
        return;
    }
  }

  void offer(std::string_view word) {
    if (word.starts_with(line_.last)) result_.candidates.push_back(as_word(word));
  }

  void commands() {
    for (const shell_command& command : shell_commands())
      offer(command.name);
  }

  void options(const shell_command& command) {
    CLI::App app;
    shell_context context{.space = space_, .ask = {}};
    action ignored;
    command.add(app, context, ignored);
    for (const CLI::Option* option : app.get_subcommand(std::string(command.name))->get_options()) {
      for (const std::string& name : option->get_lnames())
        offer("--" + name);
    }
  }

  void indexes() {
    space_.read([&](const buntdb::reader& items) {
      for (const std::string& name : items.indexes())
        offer(name);
    });
  }

  void keys() {
    space_.read([&](const buntdb::reader& items) {
      for (const buntdb::entry& entry : items.ascend({.at_least = line_.last})) {
        if (!entry.key.starts_with(line_.last)) return;
        if (result_.candidates.size() == max_keys) {
          result_.complete = false;
          return;
        }
        offer(entry.key);
      }
    });
  }

  const unfinished_line& line_;
  workspace& space_;
  completion result_;
};

bool continues_character(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

completion complete(std::string_view line, workspace& space) {
  const unfinished_line typed = split_unfinished(line);
  return completer(typed, space).result();
}

std::string common_beginning(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  const std::string& first = candidates.front();
  std::size_t size = first.size();
  for (const std::string& other : candidates) {
    const auto [end, _] = std::mismatch(first.begin(), first.end(), other.begin(), other.end());
    size = std::min(size, static_cast<std::size_t>(end - first.begin()));
  }
  while (size > 0 && size < first.size() && continues_character(first[size]))
    --size;
  return first.substr(0, size);
}
