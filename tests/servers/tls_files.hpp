#pragma once

#include <string>

namespace test {

/// The files that a server needs for TLS: paths of files in PEM.
struct tls_files {
  std::string certificate;
  std::string key;
  /// The certificate of the authority that has signed.
  std::string authority;
};

}  // namespace test
