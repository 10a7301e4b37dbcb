#include "page.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <utility>

#include <scs/error.hpp>

#include "code.hpp"
#include "embedded.hpp"

namespace {

std::string fill(std::string_view name, page_data& data) {
  const std::string file = std::string(name) + ".html";
  for (const embedded_asset& asset : embedded_assets) {
    if (asset.name != file) continue;
    kainjow::mustache::mustache filled{std::string(asset.text)};
    std::string text = filled.render(data);
    if (!filled.error_message().empty())
      throw std::logic_error(file + filled.error_message());
    return text;
  }
  throw std::logic_error("there is no assets/" + file);
}

/// Data for the layout and all templates: {{{code.…}}}, {{url.…}}.
page_data what_all_pages_have() {
  page_data code;
  for (const embedded_code& region : embedded_codes) {
    std::string name(region.name);
    std::replace(name.begin(), name.end(), ' ', '_');
    code.set(name, code_figure(region));
  }
  page_data url;
  for (const embedded_asset& asset : embedded_assets) {
    const std::string name(asset.name.substr(0, asset.name.find('.')));
    url.set(name,
            "/assets/" + std::string(asset.name) + "?" + std::string(asset.version));
  }
  page_data all;
  all.set("code", code);
  all.set("url", url);
  return all;
}

void send(httplib::Response& response, page page) {
  static const page_data common = what_all_pages_have();
  page.data.set("code", *common.get("code"));
  page.data.set("url", *common.get("url"));
  page.data.set("title", std::string(page.title));
  page.data.set("on_" + std::string(page.name), true);
  page.data.set("body", fill(page.name, page.data));
  // So that the browser's Back button does not show old content after a logout.
  response.set_header("Cache-Control", "no-store");
  response.set_content(fill("layout", page.data), "text/html; charset=utf-8");
}

void answer_failure(const std::exception_ptr& cause, const httplib::Request&,
                    httplib::Response& response) {
  try {
    std::rethrow_exception(cause);
  } catch (const scs::error& failure) {
    if (failure.code() == scs::errc::session_gone) {
      return send_problem(
          response, "Your session has ended",
          "It ended while this was going on, so nothing was changed.");
    }
    if (failure.code() == scs::errc::login_required) {
      return send_problem(
          response, "Please log in once more",
          "This is for those who have just logged in. Log out, and in "
          "again. Nothing was changed.");
    }
    if (failure.code() == scs::errc::invalid_value) {
      response.status = 400;
      return send_problem(
          response, "This is no text",
          "What your browser sent is not UTF-8. Nothing was changed.");
    }
  } catch (...) {  // logged already
  }
  send_problem(response, "Something went wrong",
               "That is our fault. Please try again later.");
}

/// Logs what a visitor only sees as "something went wrong".
void log_failure(const scs::http::failure& failure) {
  std::string text = "the session was changed while its response was being streamed";
  try {
    if (failure.cause) std::rethrow_exception(failure.cause);
  } catch (const std::exception& problem) {
    text = problem.what();
  } catch (...) {
    text = "an exception of an unknown type";
  }
  std::cerr << "demo: " + text + "\n";
}

}  // namespace

void send_page(scs::session& session, httplib::Response& response, page page) {
  const std::string user = session.user();
  page.data.set("has_session", true);
  page.data.set("user", user);
  page.data.set("logged_in", !user.empty());
  page.data.set("form_token", session.csrf_token());  // empty without a session
  const std::string message = session.pop<std::string>("flash").value_or("");
  page.data.set("flash", message);
  page.data.set("has_flash", !message.empty());
  send(response, std::move(page));
}

void send_problem(httplib::Response& response, std::string_view title,
                  std::string_view text) {
  page_data data;
  data.set("text", std::string(text));
  send(response, {.name = "problem", .title = title, .data = data});
}

void flash(scs::session& session, std::string_view message) {
  session.put("flash", message);
}

void see_other(httplib::Response& response, const std::string& path) {
  response.set_redirect(path, 303);
}

const scs::http::httplib_options friendly{.on_error = answer_failure,
                                          .on_failure = log_failure};
