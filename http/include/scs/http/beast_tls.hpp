#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <scs/http/beast_listener.hpp>

namespace scs::http {

/// Connections with TLS, by Asio on OpenSSL. Link OpenSSL::SSL yourself: buntstore::beast does not.
/// The context contains certificate and key, and must outlive the listener:
///
///     boost::asio::ssl::context tls(boost::asio::ssl::context::tls_server);
///     tls.use_certificate_chain_file("chain.pem");
///     tls.use_private_key_file("key.pem", boost::asio::ssl::context::pem);
///     scs::http::tls_listener listener{{.address = "0.0.0.0", .port = 443}, {tls}};
struct tls_transport {
  using stream_type = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

  boost::asio::ssl::context& context;

  stream_type wrap(boost::asio::ip::tcp::socket socket) const {
    return stream_type(std::move(socket), context);
  }
  /// Does the handshake. Returns false if it failed.
  boost::asio::awaitable<bool> begin(stream_type& stream) const {
    boost::system::error_code failed;
    co_await stream.async_handshake(
        boost::asio::ssl::stream_base::server,
        boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    co_return !failed;
  }
  /// Announces the end of this side, and waits for that of the client.
  boost::asio::awaitable<void> end(stream_type& stream) const {
    boost::system::error_code ignored;
    co_await stream.async_shutdown(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
};

/// A listener for connections with TLS.
using tls_listener = basic_listener<tls_transport>;

}  // namespace scs::http
