#pragma once

#include <string>

#include <httplib.h>

#include <buntdb/database.hpp>
#include <scs/session_manager.hpp>

#include "figures.hpp"
#include "operator_key.hpp"
#include "traffic.hpp"

/// What the handlers share. All of it must outlive the server, and may be used by any
/// number of threads.
struct site {
  scs::session_manager& sessions;
  /// For the page about expiry. These sessions end within seconds.
  scs::session_manager& brief_sessions;
  buntdb::database& database;
  figure_recorder& figures;
  traffic& visitors;
  operator_key& key;
  /// The command that starts this server again.
  std::string start_command;
  /// `http://127.0.0.1:4000`
  std::string address;
};

/// Prints how to open the operator's page.
void print_operator_link(const site& site);

/// How many live charts may be open at the same time.
inline constexpr int max_streams = 8;

/// Adds the site's routes to the server.
void add_site(httplib::Server& server, site& site);

// The parts of the site, each in its own file.
void add_home(httplib::Server& server, site& site);
void add_account(httplib::Server& server, site& site);
void add_expiry(httplib::Server& server, site& site);
void add_operator(httplib::Server& server, site& site);
