#include <utility>

#include <buntdb/spatial_range.hpp>

#include "engine/spatial_scan.hpp"
#include "version/item.hpp"

namespace buntdb {

template <>
entry spatial_range<entry>::here() const noexcept {
  return {scan_->here()->key(), scan_->here()->value()};
}

template <>
neighbor spatial_range<neighbor>::here() const noexcept {
  return {scan_->here()->key(), scan_->here()->value(), scan_->distance()};
}

template <class Entry>
spatial_range<Entry>::spatial_range(std::unique_ptr<engine::spatial_scan> scan) noexcept
    : scan_(std::move(scan)) {}

template <class Entry>
spatial_range<Entry>::spatial_range(spatial_range&&) noexcept = default;
template <class Entry>
spatial_range<Entry>& spatial_range<Entry>::operator=(spatial_range&&) noexcept = default;
template <class Entry>
spatial_range<Entry>::~spatial_range() = default;

template <class Entry>
void spatial_range<Entry>::start() {
  scan_->start();
}

template <class Entry>
void spatial_range<Entry>::advance() {
  scan_->advance();
}

template <class Entry>
bool spatial_range<Entry>::at_end() const noexcept {
  return scan_->here() == nullptr;
}

template class spatial_range<entry>;
template class spatial_range<neighbor>;

}  // namespace buntdb
