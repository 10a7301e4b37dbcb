#pragma once

#include <string>
#include <string_view>

#include <httplib.h>
#include <kainjow/mustache.hpp>

#include <scs/http/httplib.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

/// What a template is filled with. In a template, {{name}} is escaped: {{{name}}} is
/// not, and only for what is HTML already.
using page_data = kainjow::mustache::data;

struct page {
  /// The template's file in assets/, without ".html".
  std::string_view name;
  std::string_view title;
  page_data data{};
};

/// Answers with a page: the visitor's flash message, if there is one, is shown and
/// gone. Every page has {{form_token}} for its forms, {{user}}, and {{{code.NAME}}}
/// for each region of the sources.
void send_page(scs::session& session, httplib::Response& response, page page);

/// The same for when there is no session to be had.
void send_problem(httplib::Response& response, std::string_view title,
                  std::string_view text);

/// Shows a message once, on the next page.
void flash(scs::session& session, std::string_view message);

/// Where to go after a form was sent. Reloading the page there sends nothing again.
void see_other(httplib::Response& response, const std::string& path);

/// What to do when a handler throws, or its session cannot be stored.
extern const scs::http::httplib_options friendly;
