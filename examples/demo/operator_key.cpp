#include "operator_key.hpp"

#include <openssl/crypto.h>

#include <scs/token.hpp>

namespace {

std::string random_key() {
  const scs::token random = scs::token::generate();
  return std::string(random.text());
}

}  // namespace

operator_key::operator_key() : key_(random_key()) {}

std::string operator_key::text() const {
  const std::lock_guard lock(mutex_);
  return key_;
}

bool operator_key::take(std::string_view sent) {
  const std::lock_guard lock(mutex_);
  // In constant time, so that the time does not reveal how much is right.
  if (sent.size() != key_.size() ||
      CRYPTO_memcmp(sent.data(), key_.data(), key_.size()) != 0) {
    return false;
  }
  key_ = random_key();
  return true;
}
