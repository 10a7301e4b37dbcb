// increment, get-or-set, set-if-absent, compare-and-set: commands that read and write an item in
// one step.

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "command_line/arguments.hpp"
#include "command_line/expiry_options.hpp"
#include "command_line/words.hpp"
#include "output/exit_status.hpp"
#include "shell/shell_commands.hpp"
#include "text/printable.hpp"

namespace shell {

namespace {

struct item_arguments {
  std::string key;
  std::string expected;
  std::string value;
  expiry_options expiry;
};

/// Adds KEY, EXPECTED if that is wanted, and VALUE.
std::shared_ptr<item_arguments> add_item_arguments(CLI::App& command, bool with_expected = false) {
  auto mine = std::make_shared<item_arguments>();
  command.add_option("KEY", mine->key, "the key")->required()->type_name("");
  if (with_expected) {
    command.add_option("EXPECTED", mine->expected, "the value that must be there")
        ->required()
        ->type_name("");
  }
  command.add_option("VALUE", mine->value, "the value")->required()->type_name("");
  mine->expiry.add_to(command);
  return mine;
}

exit_status not_stored(std::string_view why, std::string_view key) {
  complain(std::string(why) + as_word(key));
  return exit_status::finding;
}

std::int64_t whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw usage_error("BY must be a number from -2^63 to 2^63 - 1, not '" + printable(text) + "'");
  }
  return number;
}

}  // namespace

void add_increment(CLI::App& shell, shell_context& context, action& chosen) {
  struct arguments {
    std::string key;
    std::string by = "1";
    expiry_options expiry;
  };
  CLI::App* command = shell.add_subcommand("increment", "Add to a number, and print the sum");
  auto mine = std::make_shared<arguments>();
  command->add_option("KEY", mine->key, "the key: absent is 0")->required()->type_name("");
  command->add_option("BY", mine->by, "what is added, instead of 1")->type_name("");
  mine->expiry.add_ttl_to(*command, "of a number that was not there: 30m, 7d, 1h30m");
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output& out) {
      const buntdb::increment_options options{.ttl_if_new = mine->expiry.parsed().ttl};
      const std::int64_t by = whole_number(plain(mine->by));
      std::int64_t sum = 0;
      context.space.write(
          [&](buntdb::transaction& tx) { sum = tx.increment(plain(mine->key), by, options); });
      out.line(std::to_string(sum));
      return exit_status::ok;
    };
  });
}

void add_get_or_set(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command =
      shell.add_subcommand("get-or-set", "Print a value; store this one if there is none");
  auto mine = add_item_arguments(*command);
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output& out) {
      const buntdb::set_options options = mine->expiry.parsed();
      std::string value;
      context.space.write([&](buntdb::transaction& tx) {
        value = tx.get_or_set(plain(mine->key), plain(mine->value), options);
      });
      out.line(printable(value));
      return exit_status::ok;
    };
  });
}

void add_set_if_absent(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command = shell.add_subcommand("set-if-absent", "Store a value if there is none");
  auto mine = add_item_arguments(*command);
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output&) {
      const buntdb::set_options options = mine->expiry.parsed();
      bool stored = false;
      context.space.write([&](buntdb::transaction& tx) {
        stored = tx.set_if_absent(plain(mine->key), plain(mine->value), options);
      });
      return stored ? exit_status::ok : not_stored("there is a key ", plain(mine->key));
    };
  });
}

void add_compare_and_set(CLI::App& shell, shell_context& context, action& chosen) {
  CLI::App* command =
      shell.add_subcommand("compare-and-set", "Store a value instead of the expected one");
  auto mine = add_item_arguments(*command, true);
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output&) {
      const buntdb::set_options options = mine->expiry.parsed();
      bool stored = false;
      context.space.write([&](buntdb::transaction& tx) {
        stored = tx.compare_and_set(plain(mine->key), plain(mine->expected), plain(mine->value),
                                    options);
      });
      return stored ? exit_status::ok
                    : not_stored("another value, or none, is at the key ", plain(mine->key));
    };
  });
}

}  // namespace shell
