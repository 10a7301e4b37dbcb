#include "redis/connection/tls_stream.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

bool is_ip_address(const std::string& name) {
  in6_addr room{};
  return ::inet_pton(AF_INET, name.c_str(), &room) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &room) == 1;
}

int int_size(std::size_t size) noexcept {
  return static_cast<int>(
      std::min(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

struct free_method {
  void operator()(BIO_METHOD* method) const noexcept { BIO_meth_free(method); }
};

}  // namespace

/// The functions that OpenSSL calls. No exception passes through OpenSSL: the stream keeps it.
struct tls_stream::callbacks {
  static tls_stream& stream_of(BIO* bio) { return *static_cast<tls_stream*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* bytes, int size) {
    tls_stream& self = stream_of(bio);
    try {
      self.below_.send({bytes, static_cast<std::size_t>(size)}, self.until_);
      self.accepted_ = true;
      return size;
    } catch (const connection_failure& failure) {
      if (failure.done() == effect::unknown) self.accepted_ = true;
      self.failure_ = std::current_exception();
    } catch (...) {
      self.failure_ = std::current_exception();
    }
    return -1;
  }

  static int read(BIO* bio, char* buffer, int size) {
    tls_stream& self = stream_of(bio);
    try {
      const std::size_t got =
          self.below_.receive({buffer, static_cast<std::size_t>(size)}, self.until_);
      self.heard_ = true;
      return int_size(got);
    } catch (...) {
      self.failure_ = std::current_exception();
      return -1;
    }
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, free_method> made = [] {
      std::unique_ptr<BIO_METHOD, free_method> fresh{
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket with deadlines")};
      if (!fresh) throw std::bad_alloc();
      BIO_meth_set_write(fresh.get(), &write);
      BIO_meth_set_read(fresh.get(), &read);
      BIO_meth_set_ctrl(fresh.get(), &control);
      return fresh;
    }();
    return made.get();
  }

  /// Called when the server asks for a client's certificate.
  static int note_request(SSL*, void* stream) {
    static_cast<tls_stream*>(stream)->wants_certificate_ = true;
    return 1;
  }
};

tls_stream::tls_stream(const address& server, const tls_context& context,
                       std::chrono::milliseconds usual_wait, deadline until)
    : below_(server, usual_wait, until),
      context_(context),
      name_("redis " + server.text()),
      until_(until),
      session_(SSL_new(&context.get())) {
  BIO* const bio = session_ ? BIO_new(callbacks::method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  if (!context_.has_certificate()) {
    SSL_set_cert_cb(session_.get(), &callbacks::note_request, this);
  }
  const std::string& given = context_.server_name();
  expect(given.empty() ? server.host : given);
  shake_hands();
}

/// Sets the name that the certificate must have, and sends it to the server.
void tls_stream::expect(const std::string& name) {
  expected_name_ = name;
  bool done = true;
  if (is_ip_address(name)) {
    done = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_.get()), name.c_str()) == 1;
  } else {
    SSL_set_hostflags(session_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    done = SSL_set1_host(session_.get(), name.c_str()) == 1 &&
           SSL_set_tlsext_host_name(session_.get(), name.c_str()) == 1;
  }
  if (!done) {
    throw connection_failure{effect::none, name_ + ": a certificate cannot be for this name"};
  }
}

void tls_stream::shake_hands() {
  ERR_clear_error();
  const int result = SSL_connect(session_.get());
  if (result != 1) fail_handshake(result);
}

void tls_stream::fail_handshake(int result) {
  const long verdict = SSL_get_verify_result(session_.get());
  std::string text = name_ + ": TLS: ";
  if (verdict != X509_V_OK && context_.verifies()) {
    ERR_clear_error();
    text += describe_certificate_failure(verdict);
  } else if (failure_) {
    text = text_of_failure() + ", during the TLS handshake" + advice();
  } else if (SSL_get_error(session_.get(), result) == SSL_ERROR_SSL) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER) heard_ = false;
    text += last_tls_error() + advice();
  } else {
    text += "the handshake failed";
  }
  throw connection_failure{effect::none, text};
}

std::string tls_stream::describe_certificate_failure(long verdict) const {
  std::string text = "its certificate is not accepted: ";
  text += X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return text + ": it is not for " + expected_name_ +
             "; name the server as its certificate does, or set tls_server_name";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return text + "; name the file with its authority in tls_ca_file";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return text + "; renew it, or correct this machine's clock";
    default:
      return text;
  }
}

/// Throws exceptions of other types than connection_failure.
std::string tls_stream::text_of_failure() const {
  try {
    std::rethrow_exception(failure_);
  } catch (const connection_failure& failure) {
    return failure.what();
  }
}

std::string tls_stream::advice() const {
  if (!heard_) return "; does it speak TLS on this port?";  // or it sent something other than TLS
  if (received_ || !wants_certificate_) return {};
  return "; it asks for a client's certificate: set tls_certificate_file and tls_key_file";
}

void tls_stream::send(std::string_view bytes, deadline until) {
  until_ = until;
  failure_ = nullptr;
  accepted_ = false;
  while (!bytes.empty()) {
    ERR_clear_error();
    const int size = int_size(bytes.size());
    if (SSL_write(session_.get(), bytes.data(), size) != size) {
      const std::string text = failure_ ? text_of_failure() : name_ + ": TLS: " + last_tls_error();
      throw connection_failure{accepted_ ? effect::unknown : effect::none, text + advice()};
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::size_t tls_stream::receive(std::span<char> buffer, deadline until) {
  until_ = until;
  failure_ = nullptr;
  ERR_clear_error();
  const int size = SSL_read(session_.get(), buffer.data(), int_size(buffer.size()));
  if (size > 0) {
    received_ = true;
    return static_cast<std::size_t>(size);
  }
  std::string text = name_;
  if (failure_) {
    text = text_of_failure();
  } else if (SSL_get_error(session_.get(), size) == SSL_ERROR_ZERO_RETURN) {
    text += " closed the connection";
  } else {
    text += ": TLS: " + last_tls_error();
  }
  throw connection_failure{effect::unknown, text + advice()};
}

bool tls_stream::silent() const noexcept {
  return SSL_has_pending(session_.get()) == 0 && below_.silent();
}

}  // namespace scs::stores::redis_detail
