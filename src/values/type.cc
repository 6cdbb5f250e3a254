#include "values/type.h"

#include "values/body.h"

namespace banyan::values {

const char* name_of(Type type) {
  switch (type) {
    case Type::string:
      return "string";
    case Type::list:
      return "list";
    case Type::set:
      return "set";
    case Type::sorted_set:
      return "zset";
    case Type::hash:
      return "hash";
    case Type::stream:
      return "stream";
  }
  return "none";
}

const char* name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::integer:
      return "int";
    case Encoding::embstr:
      return "embstr";
    case Encoding::raw_inline:
    case Encoding::raw:
      return "raw";
    case Encoding::listpack:
      return "listpack";
    case Encoding::listpack_ex:
      return "listpackex";
    case Encoding::intset:
      return "intset";
    case Encoding::hashtable:
      return "hashtable";
    case Encoding::quicklist:
      return "quicklist";
    case Encoding::skiplist:
      return "skiplist";
    case Encoding::stream:
      return "stream";
  }
  return "unknown";
}

}  // namespace banyan::values
