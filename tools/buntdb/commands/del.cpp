#include <memory>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "live/live_server.hpp"
#include "text/json_text.hpp"

namespace {

struct del_command {
  common_options common;
  std::vector<std::string> key_arguments;

  /// These functions return the keys that did not exist.
  std::vector<std::string> erase_in_file(const std::vector<std::string>& keys) const {
    std::vector<std::string> absent;
    interrupts signals;
    opened file(common.file(), purpose::changing);
    signals.stop_with([] {});  // the rest is short, and is completed
    file.database().update([&](buntdb::transaction& tx) {
      for (const std::string& key : keys) {
        if (!tx.erase(key)) absent.push_back(key);
      }
    });
    file.database().close();
    return absent;
  }

  static std::vector<std::string> erase_live(live_server& server,
                                             const std::vector<std::string>& keys) {
    std::vector<std::string> request{"del"};
    request.insert(request.end(), keys.begin(), keys.end());
    const reply answer = server.ask(request);
    std::vector<std::string> absent;
    for (std::size_t i = 0; i < keys.size() && i < answer.elements.size(); ++i)
      if (answer.elements[i].integer == 0) absent.push_back(keys[i]);
    return absent;
  }

  exit_status run(output& out) const {
    std::vector<std::string> keys;
    for (const std::string& argument : key_arguments)
      keys.push_back(common.decoded(argument, "KEY"));

    const auto server = live_server::of(common, use::writing);
    const std::vector<std::string> absent =
        server ? erase_live(*server, keys) : erase_in_file(keys);
    for (const std::string& key : absent)
      complain(common.file() + " has no key '" + key + "'");
    if (common.json) {
      out.line(
          json_line(json{{"deleted", keys.size() - absent.size()}, {"absent", absent.size()}}));
    }
    return absent.empty() ? exit_status::ok : exit_status::finding;
  }
};

}  // namespace

void add_del(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("del", "Delete keys, all in one transaction");
  auto mine = std::make_shared<del_command>();
  mine->common.add_file(*command);
  mine->common.add_via(*command);
  command->add_option("KEY", mine->key_arguments, "the keys")->required()->type_name("");
  mine->common.add_base64(*command, "the keys are in base64");
  mine->common.add_json(*command, "print a JSON object: how many were deleted, and were absent");
  command->footer(R"(
Those that are there are deleted. Exit code 1: one at least was not.
If another process has the database open, its control socket is used; without one, exit code 3.

Examples:
  buntdb del app.db user:1 user:2
  buntdb del app.db --base64 AAEC
  buntdb del app.db -- -key)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
