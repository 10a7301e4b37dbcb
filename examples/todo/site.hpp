#pragma once

#include <httplib.h>

#include <scs/session_manager.hpp>

#include "todos.hpp"

/// Puts the routes into the server. Both others outlive its run.
void add_site(httplib::Server& server, scs::session_manager& sessions, todo_list& todos);
