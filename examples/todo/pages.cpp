#include "pages.hpp"

namespace {

/// Returns the beginning of a form for this action, with the token that protects it.
std::string form(scs::session& session, std::string_view action) {
  return "<form method=post action='" + std::string(action) +
         "'><input type=hidden name=csrf_token value='" + session.csrf_token() + "'>";
}

std::string button(scs::session& session, std::string_view action, std::string_view name,
                   std::string_view value, std::string_view text) {
  return form(session, action) + "<button name='" + std::string(name) + "' value='" +
         escaped(value) + "'>" + escaped(text) + "</button></form>";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    const char* const entity = c == '&'    ? "&amp;"
                               : c == '<'  ? "&lt;"
                               : c == '"'  ? "&quot;"
                               : c == '\'' ? "&#39;"
                                           : nullptr;
    entity != nullptr ? html += entity : html += c;
  }
  return html;
}

std::string page(scs::session& session, std::string_view title, std::string_view body) {
  const std::string user = session.user();
  std::string html = "<!doctype html><html lang=en><meta charset=utf-8><title>";
  html.append(title).append(
      "</title><link rel=icon href=data:,><style>body{max-width:40em;margin:2em auto}"
      "form{display:inline}li{margin:.4em 0}.done{text-decoration:line-through}"
      ".flash{background:#efe;padding:.5em}</style><h1>");
  html.append(title).append("</h1>");
  for (const scs::flash_message& message : session.flashes()) {
    html += "<p class=flash role=status>" + escaped(message.text) + "</p>";
  }
  html += body;
  if (!user.empty()) {
    html += "<p><a href=/>List</a> <a href=/devices>Devices</a> " +
            button(session, "/logout", "now", "1", "Log out " + user) + "</p>";
  }
  return html;
}

std::string login_page(scs::session& session) {
  return page(session, "Log in",
              form(session, "/login") +
                  "<label>Name <input name=user autofocus></label> "
                  "<label>Password <input name=password type=password></label> "
                  "<label><input type=checkbox name=remember value=1> Remember me</label> "
                  "<button>Log in</button></form>");
}

std::string list_page(scs::session& session,
                      const std::vector<std::pair<std::string, todo>>& items) {
  std::string body =
      form(session, "/add") +
      "<label>What <input name=text required></label> "
      "<label>Due <input name=due type=date></label> <button>Add</button></form><ul>";
  for (const auto& [key, item] : items) {
    body += item.done ? "<li class=done>" : "<li>";
    body += escaped(item.text) + " <small>" + escaped(item.due) + "</small> " +
            button(session, "/toggle", "key", key, item.done ? "Undo" : "Done") +
            button(session, "/delete", "key", key, "Delete");
  }
  return page(session, "To do", body + "</ul>");
}

std::string devices_page(scs::session& session, const std::vector<scs::user_session>& devices) {
  std::string body = "<ul>";
  for (const scs::user_session& device : devices) {
    body += "<li>" + escaped(device.where) +
            (device.current ? " (this one)"
                            : " " + button(session, "/devices/end", "id", device.id.text(), "End"));
  }
  return page(
      session, "Devices",
      body + "</ul>" + button(session, "/devices/end-others", "now", "1", "End all others"));
}
