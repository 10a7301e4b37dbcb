#include "commands/built_in.hpp"

#include <string>

#include <unistd.h>

#include <buntstore/version.hpp>

#include "commands/arguments.hpp"
#include "commands/command_table.hpp"

namespace buntdb::control {

namespace {

void add_server_commands(std::vector<control_command>& to, const command_context& context) {
  to.push_back({"ping", "ping", [](control_call& call) { call.reply().status("PONG"); }});
  to.push_back({"help", "help", [&commands = context.commands](control_call& call) {
                  call.reply().array(commands.all().size() + 2);
                  for (const auto& [name, command] : commands.all())
                    call.reply().text(command.usage);
                  call.reply().text("next CURSOR");
                  call.reply().text("quit");
                }});
  to.push_back({"server", "server", [file = context.file](control_call& call) {
                  control_reply& reply = call.reply();
                  reply.array(6);
                  reply.text("process");
                  reply.integer(::getpid());
                  reply.text("file");
                  reply.text(file.string());
                  reply.text("version");
                  reply.text(BUNTSTORE_VERSION);
                }});
}

}  // namespace

std::vector<control_command> built_in_commands(const command_context& context) {
  std::vector<control_command> made;
  add_server_commands(made, context);
  add_item_commands(made, context);
  add_scan_commands(made, context);
  add_monitor_command(made, context);
  add_upkeep_commands(made, context);
  add_settings_command(made, context);
  return made;
}

}  // namespace buntdb::control
