#include "redis/connection/tls_context.hpp"

#include <new>

#include <openssl/err.h>

#include <scs/error.hpp>

namespace scs::stores::redis_detail {

namespace {

[[noreturn]] void refuse_option(const std::string& option, const std::string& text) {
  throw error(errc::invalid_options, "redis: tls_" + option + ": " + text);
}

/// OpenSSL would otherwise ask for the password of an encrypted key on the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

}  // namespace

std::string last_tls_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "no cause is known";
}

tls_context::tls_context(const redis_options& options)
    : verifies_(options.tls_verification == redis_verification::full),
      has_certificate_(!options.tls_certificate_file.empty()),
      server_name_(options.tls_server_name),
      context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context_.get(), 1);  // one system call for a record instead of two
  SSL_CTX_set_default_passwd_cb(context_.get(), &no_password);
  if (verifies_) {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    trust_authorities(options.tls_ca_file);
  }
  read_client_certificate(options.tls_certificate_file, options.tls_key_file);
}

void tls_context::trust_authorities(const std::string& file) {
  if (file.empty()) {
    // If the system's certificates cannot be read, no server is trusted. Each connection reports
    // it.
    SSL_CTX_set_default_verify_paths(context_.get());
  } else if (SSL_CTX_load_verify_file(context_.get(), file.c_str()) != 1) {
    refuse_option("ca_file",
                  file + " has no certificates in PEM that can be read: " + last_tls_error());
  }
}

void tls_context::read_client_certificate(const std::string& certificate, const std::string& key) {
  if (certificate.empty() && key.empty()) return;
  if (certificate.empty()) refuse_option("certificate_file", "tls_key_file needs it");
  if (key.empty()) refuse_option("key_file", "tls_certificate_file needs it");
  if (SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()) != 1) {
    refuse_option("certificate_file",
                  certificate + " has no certificate in PEM that can be read: " + last_tls_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    refuse_option("key_file",
                  key +
                      " has no private key in PEM that can be read without a password and "
                      "belongs to tls_certificate_file: " +
                      last_tls_error());
  }
}

}  // namespace scs::stores::redis_detail
