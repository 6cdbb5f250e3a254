#include "store/table_set.h"

namespace banyan::store {

TableSet::TableSet(std::uint32_t tables, const TableContext& context)
    : count_(tables), tables_(std::make_unique<Table[]>(tables)) {
  for (std::uint32_t i = 0; i < count_; ++i) tables_[i].set_owner(*this, context);
}

std::uint64_t TableSet::size() const {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < count_; ++i) sum += tables_[i].size();
  return sum;
}

std::uint64_t TableSet::expiring_count() const {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < count_; ++i) sum += tables_[i].expiring_count();
  return sum;
}

std::size_t TableSet::overhead_bytes() const {
  std::size_t sum = 0;
  for (std::uint32_t i = 0; i < count_; ++i) sum += tables_[i].overhead_bytes();
  return sum;
}

}  // namespace banyan::store
