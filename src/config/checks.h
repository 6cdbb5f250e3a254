// Checks of text settings: each says why a value cannot be taken, in Redis's words.
//
// Threads   None; pure functions.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::config {

Result<> check_rdb_file(Bytes name);       // a file name without a folder
Result<> check_aof_file(Bytes name);       // and not empty
Result<> check_aof_directory(Bytes name);  // and not empty
Result<> check_cluster_file(Bytes name);
Result<> check_ipv4(Bytes address);  // empty is fine: not announced
Result<> check_ipv6(Bytes address);
Result<> check_hostname(Bytes name);
Result<> check_node_name(Bytes name);
Result<> check_shutdown_options(int bits);

}  // namespace banyan::config
