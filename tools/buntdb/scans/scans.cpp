// ascend, descend, nearby, intersects: items in an order, or by their position.

#include <memory>
#include <type_traits>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/opened.hpp"
#include "live/live_server.hpp"
#include "scans/ordered_scan.hpp"
#include "scans/spatial_scan.hpp"

namespace {

/// Scan is ordered_scan or spatial_scan. How says which of its two commands it is.
template <class Scan, class How>
struct scan_command {
  How how;
  common_options common;
  Scan scan;

  exit_status run(output& out) const {
    if constexpr (std::is_same_v<Scan, ordered_scan>) {
      if (scan.can_be_live()) {
        if (const auto server = live_server::of(common, use::reading)) {
          scan.run_live(*server, how, common, out);
          return exit_status::ok;
        }
      }
    }
    opened file(common.file(), purpose::reading);
    scan.run(file.database().begin_read(), how, common, out);
    return exit_status::ok;
  }
};

template <class Scan, class How>
void add(CLI::App& tool, action& chosen, How how, const char* name, const char* what,
         const char* footer) {
  CLI::App* command = tool.add_subcommand(name, what);
  auto mine = std::make_shared<scan_command<Scan, How>>();
  mine->how = how;
  mine->common.add_file(*command);
  if (std::is_same_v<Scan, ordered_scan>) mine->common.add_via(*command);
  mine->scan.add_to(*command);
  mine->common.add_base64(*command, "bounds are in base64, and so is what is printed");
  mine->common.add_json(*command, "print a JSON object a line");
  command->footer(footer);
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}

}  // namespace

void add_ascend(CLI::App& tool, action& chosen) {
  add<ordered_scan>(tool, chosen, scan_direction::ascending, "ascend",
                    "Print items in an order, the first one first", R"(
KEY, tab, VALUE, one item a line; control characters and what is not UTF-8 as \xNN, \ as \\.
Without --index and --by in the order of the keys, and bounds are keys. Else bounds are values, as
the order compares them: with json:age, '{"age":30}'. --by makes an index of its own, in memory.
Works while another process has the database open: through its control socket, if it has one, which
also has the indexes that the file does not keep; with --by always on the file.

Orderings: string, binary, int, uint, float, json:PATH, json_cs:PATH, key:ORDERING,
key_part:N:SEPARATOR:ORDERING (\ before : and \ in the separator), each behind desc: if it goes down.

Examples:
  buntdb ascend app.db --at-least b --less-than c
  buntdb ascend app.db --by json:age --pattern 'user:*' --at-least '{"age":30}' --limit 10
  buntdb ascend app.db --index ages --equal '{"age":30}' --json)");
}

void add_descend(CLI::App& tool, action& chosen) {
  add<ordered_scan>(tool, chosen, scan_direction::descending, "descend",
                    "Print items in an order, the last one first", R"(
All else is as with ascend; see buntdb ascend --help.

Examples:
  buntdb descend app.db --by int --limit 3
  buntdb descend app.db --index ages --at-most '{"age":30}')");
}

void add_nearby(CLI::App& tool, action& chosen) {
  add<spatial_scan>(tool, chosen, spatial_search::nearby, "nearby",
                    "Print the items by their distance from a place, the nearest first", R"(
SQUARED DISTANCE, tab, KEY, tab, VALUE, one item a line, escaped as with ascend; 0: they overlap.
Values that are no rectangles do not count. Without --index, an index is made in memory.
Works while another process has the database open.

Examples:
  buntdb nearby app.db '[8.5 47.4]' --pattern 'city:*' --limit 3
  buntdb nearby app.db 'POINT(8.5 47.4)' --index cities --json)");
}

void add_intersects(CLI::App& tool, action& chosen) {
  add<spatial_scan>(tool, chosen, spatial_search::intersects, "intersects",
                    "Print the items that overlap an area or touch it", R"(
KEY, tab, VALUE, one item a line, escaped as with ascend, in no particular order.
Values that are no rectangles do not count. Without --index, an index is made in memory.
Works while another process has the database open.

Examples:
  buntdb intersects app.db '[5 45],[11 48]' --pattern 'city:*'
  buntdb intersects app.db '[5 45],[11 48]' --index cities --json)");
}
