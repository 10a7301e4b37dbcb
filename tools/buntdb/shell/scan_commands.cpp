// ascend, descend, nearby, intersects, index: the same as the tool's commands, on the shell's
// database.

#include <memory>

#include "command_line/arguments.hpp"
#include "scans/index_actions.hpp"
#include "scans/ordered_scan.hpp"
#include "scans/spatial_scan.hpp"
#include "shell/shell_commands.hpp"

namespace shell {

namespace {

template <class Scan, class How>
void add_scan(CLI::App& shell, shell_context& context, action& chosen, How how, const char* name,
              const char* what) {
  struct arguments {
    common_options common;
    Scan scan;
  };
  CLI::App* command = shell.add_subcommand(name, what);
  auto mine = std::make_shared<arguments>();
  mine->scan.add_to(*command);
  mine->common.add_json(*command, "print a JSON object a line");
  command->callback([mine, how, &context, &chosen] {
    chosen = [mine, how, &context](output& out) {
      context.space.read(
          [&](const buntdb::reader& items) { mine->scan.run(items, how, mine->common, out); });
      return exit_status::ok;
    };
  });
}

}  // namespace

void add_ascend(CLI::App& shell, shell_context& context, action& chosen) {
  add_scan<ordered_scan>(shell, context, chosen, scan_direction::ascending, "ascend",
                         "Print items in an order, the first one first");
}

void add_descend(CLI::App& shell, shell_context& context, action& chosen) {
  add_scan<ordered_scan>(shell, context, chosen, scan_direction::descending, "descend",
                         "Print items in an order, the last one first");
}

void add_nearby(CLI::App& shell, shell_context& context, action& chosen) {
  add_scan<spatial_scan>(shell, context, chosen, spatial_search::nearby, "nearby",
                         "Print items by their distance from a place, squared, the nearest first");
}

void add_intersects(CLI::App& shell, shell_context& context, action& chosen) {
  add_scan<spatial_scan>(shell, context, chosen, spatial_search::intersects, "intersects",
                         "Print the items that overlap an area or touch it");
}

void add_index(CLI::App& shell, shell_context& context, action& chosen) {
  struct arguments {
    common_options common;
    index_actions actions;
  };
  CLI::App* command = shell.add_subcommand("index", "List, create or drop indexes");
  auto mine = std::make_shared<arguments>();
  mine->actions.add_to(*command);
  mine->common.add_json(*command, "list: print a JSON object a line");
  command->callback([mine, &context, &chosen] {
    chosen = [mine, &context](output& out) {
      if (mine->actions.lists()) {
        context.space.read([&](const buntdb::reader& items) {
          index_actions::list(items, mine->common.json, out);
        });
      } else {
        context.space.write([&](buntdb::transaction& tx) { mine->actions.change(tx); });
      }
      return exit_status::ok;
    };
  });
}

}  // namespace shell
