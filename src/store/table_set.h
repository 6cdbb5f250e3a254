// TableSet: the tables of one database, or of one database at the moment of a cut.
//
// Threads   As for Table; the totals may be read by any thread and are then a little old.
#pragma once

#include <cstdint>
#include <memory>

#include "store/table.h"

namespace banyan::store {

class TableSet {
 public:
  TableSet(std::uint32_t tables, const TableContext& context);
  TableSet(const TableSet&) = delete;
  TableSet& operator=(const TableSet&) = delete;

  std::uint32_t table_count() const { return count_; }
  Table& table(std::uint32_t number) { return tables_[number]; }
  const Table& table(std::uint32_t number) const { return tables_[number]; }

  std::uint64_t size() const;
  std::uint64_t expiring_count() const;
  std::size_t overhead_bytes() const;

 private:
  std::uint32_t count_;
  std::unique_ptr<Table[]> tables_;
};

}  // namespace banyan::store
