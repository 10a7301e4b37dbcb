#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "output/exit_status.hpp"
#include "output/output.hpp"

/// What to do after the command line was parsed. Throws buntdb::error, std::system_error,
/// usage_error, interrupted or broken_pipe.
using action = std::function<exit_status(output&)>;

/// Each function adds its command to the tool. If it is the user's command, parsing sets `chosen`.
void add_get(CLI::App& tool, action& chosen);
void add_set(CLI::App& tool, action& chosen);
void add_del(CLI::App& tool, action& chosen);
void add_ttl(CLI::App& tool, action& chosen);
void add_keys(CLI::App& tool, action& chosen);
void add_dump(CLI::App& tool, action& chosen);
void add_ascend(CLI::App& tool, action& chosen);
void add_descend(CLI::App& tool, action& chosen);
void add_nearby(CLI::App& tool, action& chosen);
void add_intersects(CLI::App& tool, action& chosen);
void add_index(CLI::App& tool, action& chosen);
void add_save(CLI::App& tool, action& chosen);
void add_load(CLI::App& tool, action& chosen);
void add_restore(CLI::App& tool, action& chosen);
void add_check(CLI::App& tool, action& chosen);
void add_repair(CLI::App& tool, action& chosen);
void add_compact(CLI::App& tool, action& chosen);
void add_stats(CLI::App& tool, action& chosen);
void add_shell(CLI::App& tool, action& chosen);
void add_sessions(CLI::App& tool, action& chosen);
void add_watch(CLI::App& tool, action& chosen);
void add_sync(CLI::App& tool, action& chosen);
void add_settings(CLI::App& tool, action& chosen);
/// Commands about the tool itself: completion, man-page.
void add_documents(CLI::App& tool, action& chosen);
