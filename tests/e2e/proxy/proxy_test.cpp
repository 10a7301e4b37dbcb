// docs/behind-a-proxy.md: nginx and Caddy run with the configurations that the page shows. Only
// what belongs to the machine is replaced in them: ports, and the paths of certificates and of the
// cache.

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "free_port.hpp"
#include "process.hpp"
#include "raw_http.hpp"
#include "site.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string host = "site.example.com";

/// The page's block after the line `<!-- configuration: NAME -->`.
std::string block_of_page(const std::string& name) {
  std::ifstream in{PROXY_PAGE};
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const auto mark = page.find("<!-- configuration: " + name + " -->");
  if (mark == page.npos) throw std::runtime_error("the page has no configuration " + name);
  const auto begin = page.find('\n', page.find("```", mark)) + 1;
  return page.substr(begin, page.find("```", begin) - begin);
}

/// Throws unless the text is there: a test must not run with another configuration.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  auto at = text.find(from);
  if (at == text.npos) throw std::runtime_error("the configuration does not say " + from);
  for (; at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

struct proxy {
  const char* name;
};
void PrintTo(const proxy& printed, std::ostream* out) {
  *out << printed.name;
}

class behind_a_proxy : public testing::TestWithParam<proxy> {
 protected:
  void SetUp() override {
    make_certificate();
    port_ = test::free_port();
    const std::vector<std::string> command =
        std::string(GetParam().name) == "nginx" ? nginx() : caddy();
    proxy_ = std::make_unique<process>(command, folder_.path());
    ASSERT_TRUE(wait_until_listening(port_, 20s)) << proxy_->errors();
  }
  void TearDown() override {
    site_.events_end = true;
    if (!proxy_) return;
    proxy_->send_signal(SIGTERM);
    proxy_->wait();
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  bool is_nginx() const { return std::string(GetParam().name) == "nginx"; }

  void make_certificate() {
    process made(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=" + host, "-addext", "subjectAltName=DNS:" + host,
         "-keyout", path("site.key"), "-out", path("site.pem")},
        folder_.path());
    ASSERT_EQ(made.wait(), 0) << made.errors();
  }

  std::string for_this_machine(std::string text) const {
    text = replaced(text, "127.0.0.1:8080", "127.0.0.1:" + std::to_string(site_.port()));
    text = replaced(text, "/etc/ssl/certs/site.pem", path("site.pem"));
    return replaced(text, "/etc/ssl/private/site.key", path("site.key"));
  }

  std::vector<std::string> nginx() const {
    std::string text = for_this_machine(block_of_page("nginx"));
    text = replaced(text, "listen 443 ", "listen 127.0.0.1:" + std::to_string(port_) + " ");
    text = replaced(text, "/var/cache/nginx/site", path("cache"));
    std::ofstream file(path("nginx.conf"));
    if (getuid() == 0) file << "user root;\n";  // the folder is its owner's
    file
        << "daemon off;\nworker_processes 1;\npid " << path("nginx.pid") << ";\n"
        << "error_log stderr error;\nevents { worker_connections 512; }\nhttp {\naccess_log off;\n";
    for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      file << what << "_temp_path " << path(what) << ";\n";
    file << text << "}\n";
    return {NGINX, "-p", folder_.path().string(), "-c", path("nginx.conf"), "-e", "stderr"};
  }

  std::vector<std::string> caddy() const {
    std::string text = for_this_machine(block_of_page("caddy"));
    text = replaced(text, "https://" + host, "https://" + host + ":" + std::to_string(port_));
    // Of the machine, too: nobody else's socket for commands, and no port 80.
    text = replaced(text, "{\n  servers",
                    "{\n  admin off\n  auto_https disable_redirects\n"
                    "  default_bind 127.0.0.1\n  servers");
    std::ofstream(path("Caddyfile")) << text;
    return {"env",
            "HOME=" + path(""),
            "XDG_DATA_HOME=" + path("data"),
            "XDG_CONFIG_HOME=" + path("config"),
            CADDY,
            "run",
            "--config",
            path("Caddyfile"),
            "--adapter",
            "caddyfile"};
  }

  /// What a browser gets: status, headers and body, as curl prints them.
  std::string curl(const std::string& target, std::vector<std::string> more = {}) const {
    std::vector<std::string> command = {"curl",
                                        "-sSi",
                                        "--max-time",
                                        "20",
                                        "--cacert",
                                        path("site.pem"),
                                        "--resolve",
                                        host + ":" + std::to_string(port_) + ":127.0.0.1",
                                        "https://" + host + ":" + std::to_string(port_) + target};
    command.insert(command.end(), more.begin(), more.end());
    process asked(command, folder_.path());
    asked.wait(30s);
    return asked.output() + asked.errors();
  }
  std::string login() const {
    curl("/login", {"-c", path("jar")});
    return path("jar");
  }

  temporary_folder folder_;
  site site_;
  int port_ = 0;
  std::unique_ptr<process> proxy_;
};

TEST_P(behind_a_proxy, serves_http_2_with_tls_and_a_session) {
  const std::string in = curl("/login", {"--http2", "-c", path("jar")});
  EXPECT_THAT(in, testing::StartsWith("HTTP/2 200"));
  EXPECT_THAT(in, HasSubstr("; Secure"));
  EXPECT_THAT(curl("/me", {"--http2", "-b", path("jar")}), testing::EndsWith("ann"));
  EXPECT_THAT(curl("/me", {"--http1.1", "-b", path("jar")}), testing::EndsWith("ann"));
  EXPECT_THAT(curl("/me"), testing::EndsWith("nobody"));
}

TEST_P(behind_a_proxy, tells_the_address_the_scheme_and_the_host) {
  const std::string seen =
      curl("/seen", {"-H", "X-Forwarded-For: 6.6.6.6", "-H", "X-Forwarded-Proto: http"});
  EXPECT_THAT(seen, HasSubstr("for=127.0.0.1 proto=https host=" + host));
}

TEST_P(behind_a_proxy, keeps_connections_to_the_server) {
  for (int i = 0; i < 20; ++i)
    curl("/me");
  EXPECT_GE(site_.requests, 20);
  EXPECT_LE(site_.connections, 3) << "each visitor came on a connection of their own";
}

TEST_P(behind_a_proxy, keeps_visitors_pages_out_of_its_cache) {
  const std::string jar = login();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(curl("/me", {"-b", jar}), testing::EndsWith("ann"));
    EXPECT_THAT(curl("/me"), testing::EndsWith("nobody"));
  }
  EXPECT_THAT(curl("/me", {"-b", jar}), HasSubstr("private"));
  curl("/public");
  EXPECT_THAT(curl("/public"), testing::EndsWith(is_nginx() ? "page 1" : "page 2"))
      << "nginx keeps what is for everybody, Caddy has no cache";
}

TEST_P(behind_a_proxy, refuses_what_is_too_large) {
  std::ofstream(path("large")) << std::string(1'200'000, 'x');
  const std::string large = curl("/seen", {"--data-binary", "@" + path("large")});
  // Caddy may end the stream before curl has read its answer, which is 502 in 2.6, and later 413.
  EXPECT_THAT(large, testing::Not(HasSubstr("for=127.0.0.1")));
  if (is_nginx()) {
    EXPECT_THAT(large, HasSubstr(" 413"));
  }
  EXPECT_EQ(site_.requests, 0);
  std::ofstream(path("allowed")) << std::string(900'000, 'x');
  EXPECT_THAT(curl("/seen", {"--data-binary", "@" + path("allowed")}), HasSubstr("for=127.0.0.1"));
  const int before = site_.requests;
  const std::string refused =
      curl("/me", {"--http1.1", "-H", "Cookie: a=" + std::string(40'000, 'x')});
  EXPECT_THAT(refused, HasSubstr(is_nginx() ? " 400" : " 431"));
  EXPECT_EQ(site_.requests, before);
  EXPECT_THAT(curl("/me", {"--http1.1", "-H", "Cookie: a=" + std::string(14'000, 'x')}),
              testing::EndsWith("nobody"));
}

TEST_P(behind_a_proxy, passes_events_on_at_once) {
  const std::string jar = login();
  process events({"curl", "-sSN", "--max-time", "30", "--cacert", path("site.pem"), "-b", jar,
                  "--resolve", host + ":" + std::to_string(port_) + ":127.0.0.1",
                  "https://" + host + ":" + std::to_string(port_) + "/events"},
                 folder_.path());
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (events.output().empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(events.output(), "data: ann\n\n") << "before the stream is over; " << events.errors();
  site_.events_end = true;
  EXPECT_EQ(events.wait(), 0) << events.errors();
  EXPECT_THAT(events.output(), testing::EndsWith("data: end\n\n"));
}

TEST_P(behind_a_proxy, lets_a_web_socket_through) {
  namespace net = boost::asio;
  namespace beast = boost::beast;
  const std::string set = curl("/login");
  const auto at = set.find("__Host-Http-session=");
  ASSERT_NE(at, set.npos) << set;
  const std::string cookie = set.substr(at, set.find(';', at) - at);
  net::io_context io;
  net::ssl::context tls(net::ssl::context::tls_client);
  tls.load_verify_file(path("site.pem"));
  tls.set_verify_mode(net::ssl::verify_peer);
  beast::websocket::stream<net::ssl::stream<net::ip::tcp::socket>> socket(io, tls);
  beast::get_lowest_layer(socket).connect(
      {net::ip::address_v4::loopback(), static_cast<unsigned short>(port_)});
  SSL_set_tlsext_host_name(socket.next_layer().native_handle(), host.c_str());
  socket.next_layer().handshake(net::ssl::stream_base::client);
  socket.set_option(beast::websocket::stream_base::decorator(
      [&](beast::websocket::request_type& request) { request.set("Cookie", cookie); }));
  socket.handshake(host, "/socket");
  socket.write(net::buffer(std::string("hello")));
  beast::flat_buffer buffer;
  socket.read(buffer);
  EXPECT_EQ(beast::buffers_to_string(buffer.data()), "hello ann");
}

// A server that ends may have stored what it does not answer any more.
TEST_P(behind_a_proxy, sends_no_request_with_changes_twice) {
  curl("/me");  // so that the proxy keeps a connection
  const int before = site_.requests;
  EXPECT_THAT(curl("/drop", {"-d", "x=1"}), HasSubstr(" 502"));
  EXPECT_EQ(site_.requests, before + 1);
}

const proxy proxies[] = {{"nginx"}, {"caddy"}};

INSTANTIATE_TEST_SUITE_P(page, behind_a_proxy, testing::ValuesIn(proxies),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
