// get, set, del, ttl, keys, count, clear: commands for single items, and for all of them.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "command_line/expiry_options.hpp"
#include "command_line/limit_option.hpp"
#include "command_line/words.hpp"
#include "files/copies.hpp"
#include "output/exit_status.hpp"
#include "shell/shell_commands.hpp"
#include "text/printable.hpp"
#include "text/times.hpp"

namespace shell {

namespace {

void add_key(CLI::App& command, std::string& key) {
  command.add_option("KEY", key, "the key")->required()->type_name("");
}

exit_status no_such_key(std::string_view key) {
  complain("there is no key " + as_word(key));
  return exit_status::finding;
}

/// Adds a command that prints the result of `text` for a key, which is empty if there is no such
/// key.
void add_printing(CLI::App& shell, shell_context& context, action& chosen, const std::string& name,
                  const std::string& description,
                  std::optional<std::string> (*text)(const buntdb::reader& items,
                                                     const std::string& key)) {
  CLI::App* command = shell.add_subcommand(name, description);
  auto key = std::make_shared<std::string>();
  add_key(*command, *key);
  command->callback([key, text, &context, &chosen] {
    chosen = [key, text, &context](output& out) {
      exit_status status = exit_status::ok;
      context.space.read([&](const buntdb::reader& items) {
        if (const auto line = text(items, plain(*key))) {
          out.line(*line);
        } else {
          status = no_such_key(plain(*key));
        }
      });
      return status;
    };
  });
}

std::optional<std::string> value_text(const buntdb::reader& items, const std::string& key) {
  const auto value = items.get(key);
  if (!value) return std::nullopt;
  return printable(*value);
}

std::optional<std::string> time_left_text(const buntdb::reader& items, const std::string& key) {
  const auto left = items.ttl(key);
  if (!left) return std::nullopt;
  return ttl_text(*left);
}

}  // namespace

void add_get(CLI::App& shell, shell_context& context, action& chosen) {
  add_printing(shell, context, chosen, "get", "Print a value", value_text);
}

void add_set(CLI::App& shell, shell_context& context, action& chosen) {
  struct arguments {
    std::string key;
    std::string value;
    expiry_options expiry;
  };
  CLI::App* command = shell.add_subcommand("set", "Store a value");
  auto mine = std::make_shared<arguments>();
  add_key(*command, mine->key);
  command->add_option("VALUE", mine->value, "the value")->required()->type_name("");
  mine->expiry.add_to(*command);
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output&) {
      const buntdb::set_options options = mine->expiry.parsed();
      context.space.write(
          [&](buntdb::transaction& tx) { tx.set(plain(mine->key), plain(mine->value), options); });
      return exit_status::ok;
    };
  });
}

void add_del(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command = shell.add_subcommand("del", "Delete keys");
  auto keys = std::make_shared<std::vector<std::string>>();
  command->add_option("KEY", *keys, "the keys")->required()->type_name("");
  command->callback([keys, &context, &chosen] {
    chosen = [keys, &context](output&) {
      std::vector<std::string> absent;
      context.space.write([&](buntdb::transaction& tx) {
        for (const std::string& key : *keys) {
          if (!tx.erase(plain(key))) absent.push_back(plain(key));
        }
      });
      exit_status status = exit_status::ok;
      for (const std::string& key : absent)
        status = no_such_key(key);
      return status;
    };
  });
}

void add_ttl(CLI::App& shell, shell_context& context, action& chosen) {
  add_printing(shell, context, chosen, "ttl",
               "Print how many seconds a key has still to live, or forever", time_left_text);
}

void add_keys(CLI::App& shell, shell_context& context, action& chosen) {
  struct arguments {
    std::string pattern;
    limit_option limit;
    bool reverse = false;
  };
  CLI::App* command = shell.add_subcommand("keys", "Print the keys, in order, one a line");
  auto mine = std::make_shared<arguments>();
  command->add_option("PATTERN", mine->pattern, "only keys that match, such as user:*")
      ->type_name("");
  mine->limit.add_to(*command);
  command->add_flag("--reverse", mine->reverse, "the last key first");
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output& out) {
      const std::string pattern = mine->pattern.empty() ? "*" : plain(mine->pattern);
      std::uint64_t left = mine->limit.value();
      context.space.read([&](const buntdb::reader& items) {
        if (left == 0) return;
        for (const buntdb::entry& entry :
             mine->reverse ? items.descend_matching(pattern) : items.ascend_matching(pattern)) {
          out.line(printable(entry.key));
          if (--left == 0) return;
        }
      });
      return exit_status::ok;
    };
  });
}

void add_count(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command = shell.add_subcommand("count", "Print how many items there are");
  command->callback([&context, &chosen] {
    chosen = [&context](output& out) {
      context.space.read(
          [&](const buntdb::reader& items) { out.line(std::to_string(live_items(items))); });
      return exit_status::ok;
    };
  });
}

void add_clear(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command = shell.add_subcommand("clear", "Delete all items");
  auto sure = std::make_shared<bool>(false);
  command->add_flag("--yes", *sure, "do not ask");
  command->callback([sure, &context, &chosen] {
    chosen = [sure, &context](output& out) {
      std::uint64_t count = 0;
      context.space.read([&](const buntdb::reader& items) { count = live_items(items); });
      const std::string what = count == 1 ? "1 item" : std::to_string(count) + " items";
      if (!*sure) {
        if (!context.ask) throw usage_error("clear asks, and nobody is there: clear --yes");
        if (!context.ask("Delete " + what + " of " + printable(context.space.path()) + "?")) {
          out.line("Nothing was deleted.");
          return exit_status::ok;
        }
      }
      context.space.write([](buntdb::transaction& tx) { tx.clear(); });
      out.line(what + " deleted");
      return exit_status::ok;
    };
  });
}

}  // namespace shell
