#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <buntdb/database.hpp>
#include <buntdb/limits.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "command_line/expiry_options.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "live/live_server.hpp"
#include "text/base64.hpp"

namespace {

/// Reads standard input to its end. Throws usage_error if it is longer than any value, or its
/// base64.
std::string standard_input() {
  constexpr std::size_t most = buntdb::max_value_size / 3 * 4 + (std::size_t{16} << 20U);
  std::string bytes;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot read standard input");
    }
    if (got == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    if (bytes.size() > most) throw usage_error("the value is longer than 512 MiB");
  }
}

struct set_command {
  common_options common;
  std::string key_argument;
  std::string value_argument;
  expiry_options expiry;

  exit_status run() const {
    const std::string key = common.decoded(key_argument, "KEY");
    const buntdb::set_options options = expiry.parsed();
    const std::string value = this->value();
    if (const auto server = live_server::of(common, use::writing)) {
      set_live(*server, key, value, options);
      return exit_status::ok;
    }
    interrupts signals;
    opened file(common.file(), purpose::writing);
    signals.stop_with([] {});  // the rest is short, and is completed
    file.database().set(key, value, options);
    file.database().close();
    return exit_status::ok;
  }

  static void set_live(live_server& server, const std::string& key, const std::string& value,
                       const buntdb::set_options& options) {
    using std::chrono::milliseconds;
    std::vector<std::string> request{"set", key, value};
    if (options.ttl) {
      const auto ttl = std::chrono::floor<milliseconds>(options.ttl->nanoseconds());
      request.insert(request.end(), {"px", std::to_string(ttl.count())});
    } else if (options.expires_at) {
      const auto moment =
          std::chrono::floor<milliseconds>(options.expires_at->moment().time_since_epoch());
      request.insert(request.end(), {"pxat", std::to_string(moment.count())});
    }
    server.ask(request);
  }

  std::string value() const {
    if (plain(value_argument) != "-") return common.decoded(value_argument, "VALUE");
    std::string bytes = standard_input();
    if (!common.base64) return bytes;
    auto decoded = from_base64(bytes);
    if (!decoded) throw usage_error("standard input is not base64");
    return std::move(*decoded);
  }
};

}  // namespace

void add_set(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("set", "Store a value, creating the file if need be");
  auto mine = std::make_shared<set_command>();
  mine->common.add_file(*command);
  mine->common.add_via(*command);
  command->add_option("KEY", mine->key_argument, "the key")->required()->type_name("");
  command->add_option("VALUE", mine->value_argument, "the value; - reads standard input")
      ->required()
      ->type_name("");
  mine->expiry.add_to(*command);
  mine->common.add_base64(*command, "KEY and VALUE are in base64, standard input too");
  command->footer(R"(
Prints nothing. The value is on disk when the command has ended. Without --ttl or --expires-at the
key no longer expires. The file keeps whole seconds, rounded down: an item may end up to a second
early, never late. If another process has the database open, its control socket is used, and its
sync policy says when the value is on disk; without one, exit code 3.
What begins with a dash goes behind --.

Examples:
  buntdb set app.db greeting "Hello world!"
  buntdb set app.db session:1 - --ttl 30m < session.json
  buntdb set app.db offer 12 --expires-at 2030-01-31T12:00:00Z
  buntdb set app.db --base64 AAEC /w==
  buntdb set app.db -- -key -value)");
  command->callback([mine, &chosen] { chosen = [mine](output&) { return mine->run(); }; });
}
