#include "support/disk_image.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>

namespace buntdb::testing {

void change_image(std::string& image, const unsynced_change& change) {
  if (change.what == unsynced_change::type::truncate) {
    image.resize(change.offset, '\0');
    return;
  }
  const std::size_t end = change.offset + change.bytes.size();
  if (image.size() < end) image.resize(end, '\0');
  image.replace(change.offset, change.bytes.size(), change.bytes);
}

void supersede(std::vector<unsynced_change>& older, const unsynced_change& by) {
  std::vector<unsynced_change> left;
  const std::uint64_t begin = by.offset;
  const std::uint64_t end = by.what == unsynced_change::type::truncate
                                ? std::numeric_limits<std::uint64_t>::max()
                                : by.offset + by.bytes.size();
  const auto keep = [&left](const unsynced_change& from, std::uint64_t first, std::uint64_t last) {
    if (first >= last) return;
    unsynced_change part = from;
    part.offset = first;
    part.bytes = from.bytes.substr(first - from.offset, last - first);
    left.push_back(std::move(part));
  };
  for (const unsynced_change& each : older) {
    const std::uint64_t each_end = each.offset + each.bytes.size();
    keep(each, each.offset, std::min(each_end, begin));
    keep(each, std::max(each.offset, end), each_end);
  }
  older = std::move(left);
}

namespace {

/// Returns the part of a write that is in one sector.
unsynced_change part_in(const unsynced_change& write, std::uint64_t sector,
                        std::uint64_t sector_size) {
  const std::uint64_t begin = std::max(write.offset, sector * sector_size);
  const std::uint64_t end = std::min(write.offset + write.bytes.size(), (sector + 1) * sector_size);
  unsynced_change part;
  part.offset = begin;
  part.bytes = write.bytes.substr(begin - write.offset, end - begin);
  return part;
}

/// Replaces the bytes that the write changes by other bytes; the rest stays.
template <class Byte>
void spoil(unsynced_change& write, const std::string& image, Byte other) {
  for (std::size_t i = 0; i < write.bytes.size(); ++i) {
    const std::uint64_t at = write.offset + i;
    if (at >= image.size() || image[at] != write.bytes[i]) write.bytes[i] = other();
  }
}

/// Applies what reaches the disk of the part of a write in one sector.
void write_sector(std::string& image, unsynced_change part, sector_fate fate,
                  std::mt19937_64& random) {
  switch (fate) {
    case sector_fate::lost:
      return;
    case sector_fate::written:
      break;
    case sector_fate::zeroed:
      spoil(part, image, [] { return '\0'; });
      break;
    case sector_fate::torn_front:
      part.bytes.resize(random() % (part.bytes.size() + 1));
      if (part.bytes.empty()) return;
      break;
    case sector_fate::torn_back: {
      const std::size_t lost = random() % (part.bytes.size() + 1);
      if (lost == part.bytes.size()) return;
      part.bytes.erase(0, lost);
      part.offset += lost;
      break;
    }
    case sector_fate::garbled:
      spoil(part, image, [&random] { return static_cast<char>(random()); });
      break;
  }
  change_image(image, part);
}

/// A file system fills the last block with zeros, and may write it before the new size.
unsynced_change zeros_of(const unsynced_change& truncation, std::uint64_t file_size) {
  constexpr std::uint64_t block_size = 4096;
  const std::uint64_t block_end = (truncation.offset + block_size - 1) / block_size * block_size;
  unsynced_change zeros;
  zeros.offset = truncation.offset;
  const std::uint64_t end = std::max(truncation.offset, std::min(block_end, file_size));
  zeros.bytes.assign(static_cast<std::size_t>(end - truncation.offset), '\0');
  return zeros;
}

}  // namespace

std::string image_after(const power_cut& cut, const std::string& path, const std::string& durable,
                        const std::vector<unsynced_change>& unsynced) {
  std::mt19937_64 random(cut.seed);
  std::string image = durable;
  const auto fate_of = [&](std::size_t change, std::uint64_t sector) {
    return cut.fate({.path = path,
                     .durable = durable,
                     .change = change,
                     .changes = unsynced.size(),
                     .sector = sector});
  };
  const auto write = [&](std::size_t i, const unsynced_change& change) {
    for (std::uint64_t sector = change.first_sector(cut.sector_size);
         sector < change.end_sector(cut.sector_size); ++sector) {
      write_sector(image, part_in(change, sector, cut.sector_size), fate_of(i, sector), random);
    }
  };
  for (std::size_t i = 0; i < unsynced.size(); ++i) {
    const unsynced_change& change = unsynced[i];
    if (change.what != unsynced_change::type::truncate) {
      write(i, change);
      continue;
    }
    write(i, zeros_of(change, image.size()));
    const std::uint64_t sector = change.first_sector(cut.sector_size);
    if (fate_of(i, sector) != sector_fate::lost) change_image(image, change);
  }
  return image;
}

}  // namespace buntdb::testing
