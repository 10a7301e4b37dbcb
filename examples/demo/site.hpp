#pragma once

#include <string>

#include <httplib.h>

#include <buntdb/database.hpp>
#include <scs/session_manager.hpp>

#include "figures.hpp"
#include "operator_key.hpp"
#include "traffic.hpp"

/// What the handlers share. All of it outlives the serving, and may be used by many
/// threads.
struct site {
  scs::session_manager& sessions;
  /// Of the page about expiry: they end within seconds.
  scs::session_manager& brief_sessions;
  buntdb::database& database;
  figure_recorder& figures;
  traffic& visitors;
  operator_key& key;
  /// What a person types to start this server again.
  std::string start_command;
  /// `http://127.0.0.1:4000`
  std::string address;
};

/// Tells the person who started the server how to open the operator's page.
void print_operator_link(const site& site);

/// How many live charts may be open at once.
inline constexpr int max_streams = 8;

/// Makes the server serve the site.
void add_site(httplib::Server& server, site& site);

// The parts of it, each in a file of its own.
void add_home(httplib::Server& server, site& site);
void add_account(httplib::Server& server, site& site);
void add_expiry(httplib::Server& server, site& site);
void add_operator(httplib::Server& server, site& site);
