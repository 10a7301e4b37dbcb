#pragma once

#include <httplib.h>

#include "stop_on_signal.hpp"

/// Takes a port of 127.0.0.1 for server; 0 takes any free one. Returns the port.
/// Throws std::system_error that says why the port cannot be had.
int take_port(httplib::Server& server, int port);

/// Serves on the port that was taken until a signal asks to stop, then lets the requests that are
/// under way end. When this returns no handler runs any more.
void serve(httplib::Server& server, stop_on_signal& signals);
