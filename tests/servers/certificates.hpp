#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "temporary_folder.hpp"
#include "tls_files.hpp"

namespace test {

/// An authority that signs certificates for tests. Its files, in PEM, are in a separate folder,
/// which is removed with this object. Used by one thread.
class certificate_authority {
 public:
  /// Makes a new key and a certificate for it. Throws std::runtime_error.
  explicit certificate_authority(const std::string& name = "authority of a test");

  std::string file() const { return folder_.file("authority.pem"); }

  struct validity {
    std::chrono::seconds from = std::chrono::hours{-1};
    std::chrono::seconds until = std::chrono::hours{24};
  };
  /// A certificate for these names, as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`.
  tls_files issue(const std::string& names, validity valid);
  tls_files issue(const std::string& names) { return issue(names, validity{}); }

  /// The folder, which is also for other files of a test.
  const buntstore::testing::temporary_folder& folder() const noexcept { return folder_; }

 private:
  struct free_key {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  };
  struct free_certificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  };
  using key = std::unique_ptr<EVP_PKEY, free_key>;
  using certificate = std::unique_ptr<X509, free_certificate>;

  certificate sign(const std::string& subject, EVP_PKEY* subject_key, validity valid,
                   const std::vector<std::pair<int, std::string>>& extensions) const;

  buntstore::testing::temporary_folder folder_;
  key key_;
  certificate certificate_;
  int issued_ = 0;
};

}  // namespace test
