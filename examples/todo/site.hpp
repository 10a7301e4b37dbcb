#pragma once

#include <httplib.h>

#include <scs/session_manager.hpp>

#include "todos.hpp"

/// Adds the routes to the server. `sessions` and `todos` must outlive the server's run.
void add_site(httplib::Server& server, scs::session_manager& sessions, todo_list& todos);
