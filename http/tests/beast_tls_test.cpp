// A listener with TLS, with a certificate that the test makes.

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <scs/http/beast_tls.hpp>
#include <scs/stores/memory.hpp>

#include "raw_http.hpp"
#include "running_listener.hpp"

namespace scs::http::tests {
namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast_http = boost::beast::http;

/// Sets a new key and a self-signed certificate for localhost.
void certify(ssl::context& context) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  ASSERT_NE(X509_sign(made.get(), key.get(), EVP_sha256()), 0);
  ASSERT_EQ(SSL_CTX_use_certificate(context.native_handle(), made.get()), 1);
  ASSERT_EQ(SSL_CTX_use_PrivateKey(context.native_handle(), key.get()), 1);
}

/// A client that trusts every certificate.
class tls_client {
 public:
  explicit tls_client(int port) : stream_(io_, context_) {
    stream_.lowest_layer().connect(
        {net::ip::address_v4::loopback(), static_cast<net::ip::port_type>(port)});
    stream_.handshake(ssl::stream_base::client);
  }

  beast_response get(const std::string& target, const std::string& cookie = "") {
    beast_request request{beast_http::verb::get, target, 11};
    request.set(beast_http::field::host, "localhost");
    if (!cookie.empty()) request.set(beast_http::field::cookie, cookie);
    beast_http::write(stream_, request);
    beast_response answer;
    beast_http::read(stream_, buffer_, answer);
    return answer;
  }
  /// Returns how the server ends the connection: eof after the end of TLS, otherwise truncated.
  boost::system::error_code end() {
    boost::system::error_code failed;
    char byte = 0;
    stream_.read_some(net::buffer(&byte, 1), failed);
    return failed;
  }
  ssl::stream<net::ip::tcp::socket>& stream() { return stream_; }

 private:
  net::io_context io_;
  ssl::context context_{ssl::context::tls_client};
  ssl::stream<net::ip::tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
};

class beast_tls : public testing::Test {
 protected:
  beast_tls() { certify(context_); }

  void start(listener_options options = {}) {
    server_ = std::make_unique<running<tls_listener>>(
        std::move(options),
        [this](tls_listener& on) {
          on.run(sessions_,
                 [this](beast_exchange& exchange,
                        const beast_request& request) -> net::awaitable<beast_response> {
                   if (request.target() == "/slow") {
                     co_await exchange.run([this](session&) {
                       entered_.open();
                       goes_on_.wait();
                     });
                   }
                   co_await exchange.load();
                   const int visits = exchange.session().get<int>("n").value_or(0) + 1;
                   exchange.session().put("n", visits);
                   beast_response answer{beast_http::status::ok, 11};
                   answer.body() = std::to_string(visits);
                   co_return answer;
                 });
        },
        tls_transport{context_});
  }

  ssl::context context_{ssl::context::tls_server};
  session_manager sessions_{std::make_unique<stores::memory>()};
  gate entered_;
  gate goes_on_;
  std::unique_ptr<running<tls_listener>> server_;
};

TEST_F(beast_tls, keeps_sessions_and_connections) {
  start();
  tls_client client(server_->port());
  const beast_response first = client.get("/");
  EXPECT_EQ(first.body(), "1");
  const std::string line(first[beast_http::field::set_cookie]);
  EXPECT_THAT(line, testing::HasSubstr("Secure"));
  const std::string cookie = line.substr(0, line.find(';'));
  EXPECT_EQ(client.get("/", cookie).body(), "2");
  EXPECT_EQ(tls_client(server_->port()).get("/", cookie).body(), "3");
}

TEST_F(beast_tls, refuses_and_ends_as_without_tls) {
  start({.max_body_bytes = 10});
  tls_client client(server_->port());
  const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n";
  net::write(client.stream(), net::buffer(request));
  boost::beast::flat_buffer buffer;
  beast_response answer;
  beast_http::read(client.stream(), buffer, answer);
  EXPECT_EQ(answer.result_int(), 413U);
  EXPECT_EQ(client.end(), net::error::eof);
}

TEST_F(beast_tls, answers_slow_headers_with_408) {
  start({.header_timeout = 200ms});
  tls_client client(server_->port());
  net::write(client.stream(), net::buffer("GET / HT", 8));
  boost::beast::flat_buffer buffer;
  beast_response answer;
  beast_http::read(client.stream(), buffer, answer);
  EXPECT_EQ(answer.result_int(), 408U);
}

TEST_F(beast_tls, closes_what_is_no_tls) {
  start({.header_timeout = 200ms});
  http_connection talks(server_->port());
  talks.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(talks.server_closes());
  http_connection is_silent(server_->port());
  EXPECT_EQ(is_silent.receive_rest(), "");
}

TEST_F(beast_tls, stops_as_without_tls) {
  start();
  tls_client idle(server_->port());
  idle.get("/");
  tls_client client(server_->port());
  net::write(client.stream(), net::buffer(std::string("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")));
  ASSERT_TRUE(entered_.wait());
  (*server_)->stop();
  EXPECT_TRUE(idle.end());
  goes_on_.open();
  boost::beast::flat_buffer buffer;
  beast_response answer;
  beast_http::read(client.stream(), buffer, answer);
  EXPECT_EQ(answer.body(), "1");
  EXPECT_EQ(answer[beast_http::field::connection], "close");
  EXPECT_EQ(client.end(), net::error::eof);
  client.stream().lowest_layer().close();
  EXPECT_TRUE(server_->ends());
}

}  // namespace
}  // namespace scs::http::tests
