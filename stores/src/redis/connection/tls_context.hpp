#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include <scs/stores/redis.hpp>

namespace scs::stores::redis_detail {

/// Shared by all TLS connections of a store: the certificates, which are read once, and the
/// requirements for servers. Any number of threads may use it.
class tls_context {
 public:
  /// Reads the files. Throws scs::error (invalid_options), which names the wrong option.
  explicit tls_context(const redis_options& options);

  bool verifies() const noexcept { return verifies_; }
  bool has_certificate() const noexcept { return has_certificate_; }
  /// redis_options::tls_server_name.
  const std::string& server_name() const noexcept { return server_name_; }
  SSL_CTX& get() const noexcept { return *context_; }

 private:
  struct free_context {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };

  void trust_authorities(const std::string& file);
  void read_client_certificate(const std::string& certificate, const std::string& key);

  const bool verifies_;
  const bool has_certificate_;
  const std::string server_name_;
  std::unique_ptr<SSL_CTX, free_context> context_;
};

/// Returns OpenSSL's text for its last failure in this thread, and clears it.
std::string last_tls_error();

}  // namespace scs::stores::redis_detail
