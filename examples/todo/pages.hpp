#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scs/session.hpp>
#include <scs/user_session.hpp>

#include "todos.hpp"

/// Escapes a user's text for HTML.
std::string escaped(std::string_view text);

/// Returns a whole page around the body: who is logged in, and the session's flash messages.
std::string page(scs::session& session, std::string_view title, std::string_view body);

std::string login_page(scs::session& session);
std::string list_page(scs::session& session,
                      const std::vector<std::pair<std::string, todo>>& items);
std::string devices_page(scs::session& session, const std::vector<scs::user_session>& devices);
