#pragma once

#include <string>
#include <string_view>

#include <httplib.h>
#include <kainjow/mustache.hpp>

#include <scs/http/httplib.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

/// The data of a template. In a template, {{name}} is escaped. {{{name}}} is not, and
/// is only for HTML.
using page_data = kainjow::mustache::data;

struct page {
  /// The template's file in assets/, without ".html".
  std::string_view name;
  std::string_view title;
  page_data data{};
};

/// Answers with a page. It shows the visitor's flash message, if there is one, and
/// removes it. Every page has {{form_token}} for its forms, {{user}}, and
/// {{{code.NAME}}} for each region of the sources.
void send_page(scs::session& session, httplib::Response& response, page page);

/// The same when no session is available.
void send_problem(httplib::Response& response, std::string_view title,
                  std::string_view text);

/// Shows a message once, on the next page.
void flash(scs::session& session, std::string_view message);

/// Redirects after a form was sent. Reloading the target page does not send the form
/// again.
void see_other(httplib::Response& response, const std::string& path);

/// What to answer when a handler throws, or its session cannot be stored.
extern const scs::http::httplib_options friendly;
