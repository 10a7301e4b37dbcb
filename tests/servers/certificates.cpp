#include "certificates.hpp"

#include <cstdio>
#include <stdexcept>
#include <utility>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace test {

namespace {

void require(bool holds) {
  if (!holds) throw std::runtime_error("a certificate cannot be made");
}

template <class Write>
void write_file(const std::string& path, Write write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "w"),
                                                             &std::fclose};
  require(file && write(file.get()) == 1);
}

void write_certificate(const std::string& path, X509* certificate) {
  write_file(path, [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

}  // namespace

certificate_authority::certificate_authority(const std::string& name) : key_(EVP_EC_gen("P-256")) {
  require(key_ != nullptr);
  certificate_ = sign(name, key_.get(), {},
                      {{NID_basic_constraints, "critical,CA:TRUE"},
                       {NID_key_usage, "critical,keyCertSign"},
                       {NID_subject_key_identifier, "hash"}});
  write_certificate(file(), certificate_.get());
}

certificate_authority::certificate certificate_authority::sign(
    const std::string& subject, EVP_PKEY* subject_key, validity valid,
    const std::vector<std::pair<int, std::string>>& extensions) const {
  certificate made{X509_new()};
  require(made != nullptr);
  X509* const signer = certificate_ ? certificate_.get() : made.get();
  X509_set_version(made.get(), X509_VERSION_3);
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), valid.from.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), valid.until.count());
  X509_NAME* const name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  require(X509_set_issuer_name(made.get(), X509_get_subject_name(signer)) == 1);
  require(X509_set_pubkey(made.get(), subject_key) == 1);
  X509V3_CTX context{};
  X509V3_set_ctx(&context, signer, made.get(), nullptr, nullptr, 0);
  for (const auto& [kind, value] : extensions) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(made.get(), extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  require(X509_sign(made.get(), key_.get(), EVP_sha256()) != 0);
  return made;
}

tls_files certificate_authority::issue(const std::string& names, validity valid) {
  const key fresh{EVP_EC_gen("P-256")};
  require(fresh != nullptr);
  const certificate made =
      sign("a test's", fresh.get(), valid,
           {{NID_subject_alt_name, names}, {NID_basic_constraints, "critical,CA:FALSE"}});
  const std::string number = std::to_string(issued_++);
  tls_files files{.certificate = folder_.file("certificate" + number + ".pem"),
                  .key = folder_.file("key" + number + ".pem"),
                  .authority = file()};
  write_certificate(files.certificate, made.get());
  write_file(files.key, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, fresh.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace test
