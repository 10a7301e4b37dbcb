#pragma once

#include <string>

namespace test {

/// What a server needs to speak TLS: paths of files in PEM.
struct tls_files {
  std::string certificate;
  std::string key;
  /// The certificate of whoever has signed.
  std::string authority;
};

}  // namespace test
