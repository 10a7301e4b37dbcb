#pragma once

#include <httplib.h>

#include <scs/session_manager.hpp>

/// Adds the demo's pages to server. Both outlive the serving.
void add_site(httplib::Server& server, scs::session_manager& sessions);
