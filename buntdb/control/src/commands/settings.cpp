// settings: what can be changed while the database is open.

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <buntstore/internal/charconv.hpp>

#include "commands/arguments.hpp"
#include "commands/built_in.hpp"

namespace buntdb::control {

namespace {

constexpr const char* usage =
    "settings [sync never|every_second|always | compaction_automatic yes|no | compaction_growth X "
    "| compaction_at_least_bytes N | max_memory_bytes N]...";

constexpr std::array<std::pair<sync_policy, std::string_view>, 3> sync_names{
    {{sync_policy::never, "never"},
     {sync_policy::every_second, "every_second"},
     {sync_policy::always, "always"}}};

std::string_view name_of(sync_policy policy) noexcept {
  for (const auto& [each, name] : sync_names)
    if (each == policy) return name;
  return "unknown";
}

std::string text_of(double number) {
  std::array<char, 32> digits{};
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return problem == std::errc() ? std::string(digits.data(), end) : std::string();
}

void show(const database& db, control_reply& to) {
  const settings now = db.current_settings();
  to.array(10);
  const auto line = [&to](std::string_view name, std::string_view value) {
    to.text(name);
    to.text(value);
  };
  line("sync", name_of(now.sync));
  line("compaction_automatic", now.compaction.automatic ? "yes" : "no");
  line("compaction_growth", text_of(now.compaction.growth));
  line("compaction_at_least_bytes", std::to_string(now.compaction.at_least_bytes));
  line("max_memory_bytes", std::to_string(now.max_memory_bytes));
}

sync_policy next_policy(argument_reader& arguments) {
  for (const auto& [each, name] : sync_names)
    if (arguments.take_word(name)) return each;
  arguments.refuse();
}

bool next_yes_or_no(argument_reader& arguments) {
  if (arguments.take_word("yes")) return true;
  if (arguments.take_word("no")) return false;
  arguments.refuse();
}

double next_real(argument_reader& arguments) {
  const std::string& text = arguments.next();
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = buntstore::internal::from_chars(text.data(), end, number);
  if (problem != std::errc() || stop != end) arguments.refuse();
  return number;
}

void take_one(argument_reader& arguments, settings& to) {
  if (arguments.take_word("sync")) {
    to.sync = next_policy(arguments);
  } else if (arguments.take_word("compaction_automatic")) {
    to.compaction.automatic = next_yes_or_no(arguments);
  } else if (arguments.take_word("compaction_growth")) {
    to.compaction.growth = next_real(arguments);
  } else if (arguments.take_word("compaction_at_least_bytes")) {
    to.compaction.at_least_bytes = arguments.next_number();
  } else if (arguments.take_word("max_memory_bytes")) {
    to.max_memory_bytes = arguments.next_number();
  } else {
    arguments.refuse();
  }
}

}  // namespace

void add_settings_command(std::vector<control_command>& to, const command_context& context) {
  to.push_back({"settings", usage, [&db = context.db](control_call& call) {
                  argument_reader arguments(call.arguments(), usage);
                  if (!arguments.at_end()) {
                    // All of them or none.
                    db.change([&](settings& now) {
                      while (!arguments.at_end())
                        take_one(arguments, now);
                    });
                  }
                  show(db, call.reply());
                }});
}

}  // namespace buntdb::control
