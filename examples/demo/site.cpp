#include "site.hpp"

#include <string>

#include <scs/http/httplib.hpp>

#include "embedded.hpp"
#include "page.hpp"

namespace {

constexpr std::size_t form_size_max_bytes = 64 * 1024;

const httplib::Headers security_headers{
    // Nothing from other sites, and no inline scripts: a script that somebody manages
    // to inject into a page does not run.
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
     "connect-src 'self'; "
     "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

const char* type_of(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

void add_assets(httplib::Server& server) {
  for (const embedded_asset& asset : embedded_assets) {
    if (asset.name.ends_with(".html")) continue;
    server.Get("/assets/" + std::string(asset.name),
               [&asset](const httplib::Request&, httplib::Response& response) {
                 // The URL contains the version, so a changed text has another URL.
                 response.set_header("Cache-Control",
                                     "public, max-age=31536000, immutable");
                 response.set_content(std::string(asset.text), type_of(asset.name));
               });
  }
}

}  // namespace

void add_site(httplib::Server& server, site& site) {
  server.set_pre_routing_handler(scs::http::refuse_uncounted_bodies);
  server.set_payload_max_length(form_size_max_bytes);
  server.set_default_headers(security_headers);
  server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.status != 404) return;
    send_problem(response, "There is no such page",
                 "Perhaps the address has a typing error.");
  });
  add_assets(server);
  add_home(server, site);
  add_account(server, site);
  add_expiry(server, site);
  add_operator(server, site);
}
