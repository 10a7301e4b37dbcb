#include "engine/draft_appender.hpp"

#include <cstddef>

#include <buntdb/error.hpp>

#include "log/batch.hpp"

namespace buntdb::engine {

namespace {

constexpr std::size_t max_kept_batch = std::size_t{4} << 20U;  // bytes

}  // namespace

void draft_appender::append(const write_state& writing, const version& head, sync_policy policy) {
  pipeline_.throw_if_failed();
  batch_.clear();
  log::begin_batch(batch_);
  const std::size_t empty = batch_.size();
  writing.encode(batch_);
  if (batch_.size() == empty) return;  // every item that it set was erased again
  // A file that another program cut would be filled up by the write, which would hide the loss.
  if (policy == sync_policy::always) log_.check_size();
  prepare(head);
  log_.append(batch_, pipeline_.durable_end());
  if (batch_.capacity() > max_kept_batch) std::string().swap(batch_);
}

void draft_appender::prepare(const version& head) {
  if (!log_.prepared()) pipeline_.prepare_file([&] { log_.prepare(head); });
}

void draft_appender::stop_if_broken(const std::exception& failure) {
  const auto* known = dynamic_cast<const error*>(&failure);
  if (!log_.broken() && (known == nullptr || known->code() != errc::file_lost)) return;
  pipeline_.fail(known != nullptr ? *known : error(errc::writes_stopped, failure.what()));
}

}  // namespace buntdb::engine
