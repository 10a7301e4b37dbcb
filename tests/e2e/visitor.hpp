#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "raw_http.hpp"

/// A visitor with a browser: it keeps cookies, and sends the forms of its current page with the
/// token in them. One thread.
class visitor {
 public:
  explicit visitor(int port, std::string user_agent = "Mozilla/5.0 (X11; Linux) Firefox/130.0")
      : port_(port), user_agent_(std::move(user_agent)) {}

  /// Call it when the server was restarted on this port.
  void set_port(int port) { port_ = port; }

  http_response get(const std::string& path) { return request("GET", path, ""); }

  /// Sends a form with no other token than what is in the body (application/x-www-form-urlencoded).
  http_response post_as_it_is(const std::string& path, const std::string& body) {
    return request("POST", path, body);
  }

  /// Sends a form of the current page, and follows the redirect.
  http_response post(const std::string& path, const std::string& fields = "") {
    http_response answer = post_as_it_is(path, fields + "&form_token=" + form_token_);
    if (answer.status != 303) return answer;
    return get(answer.one("Location"));
  }

  /// Logs in through the login page.
  http_response log_in(const std::string& user, const std::string& more = "") {
    get("/login");
    return post("/login", "user=" + user + "&password=demo" + more);
  }

  std::string cookie(const std::string& name) const {
    const auto found = cookies_.find(name);
    return found == cookies_.end() ? "" : found->second;
  }
  void set_cookie(const std::string& name, const std::string& value) { cookies_[name] = value; }
  const std::string& form_token() const { return form_token_; }
  /// The contents of the Set-Cookie lines of the last response.
  const std::vector<std::string>& cookies_set() const { return cookies_set_; }

 private:
  http_response request(std::string_view method, const std::string& path, const std::string& body) {
    std::string headers = "User-Agent: " + user_agent_ + "\r\n";
    std::string cookies;
    for (const auto& [name, value] : cookies_)
      cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
    if (!cookies.empty()) headers += "Cookie: " + cookies + "\r\n";
    if (!body.empty()) headers += "Content-Type: application/x-www-form-urlencoded\r\n";
    http_response answer =
        http_connection(port_).request(method, path.substr(0, path.find('#')), headers, body);
    cookies_set_ = answer.all("Set-Cookie");
    for (const std::string& line : cookies_set_)
      keep(line);
    const std::string before = "name=\"form_token\" value=\"";
    const std::size_t found = answer.body.find(before);
    if (found != std::string::npos) {
      const std::size_t begin = found + before.size();
      form_token_ = answer.body.substr(begin, answer.body.find('"', begin) - begin);
    }
    return answer;
  }

  void keep(const std::string& line) {
    const std::size_t equals = line.find('=');
    const std::string value = line.substr(equals + 1, line.find(';') - equals - 1);
    if (value.empty() || line.find("Max-Age=0") != std::string::npos) {
      cookies_.erase(line.substr(0, equals));
    } else {
      cookies_[line.substr(0, equals)] = value;
    }
  }

  int port_;
  std::string user_agent_;
  std::map<std::string, std::string> cookies_;
  std::vector<std::string> cookies_set_;
  std::string form_token_;
};
