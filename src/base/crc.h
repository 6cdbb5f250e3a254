// CRC64 (Jones polynomial, reflected, as RDB and DUMP use it) and CRC16 (XMODEM, as cluster slots
// use it). Check values: crc64(0, "123456789") = 0xe9c6d914c4b8d9ca, crc16("123456789") = 0x31c3.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace banyan {

std::uint64_t crc64(std::uint64_t crc, Bytes data);  // start with 0; feed pieces in order
std::uint16_t crc16(Bytes data);

}  // namespace banyan
