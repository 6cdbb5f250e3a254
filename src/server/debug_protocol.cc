// DEBUG PROTOCOL: a reply of each kind, for the tests of client libraries.
#include "server/debug_handlers.h"

namespace banyan::server {

using commands::Call;

namespace {

void three_numbers(resp::ReplyWriter& reply) {
  for (int i = 0; i < 3; ++i) reply.integer(i);
}

void map_reply(resp::ReplyWriter& reply) {
  reply.map(3);
  for (int i = 0; i < 3; ++i) {
    reply.integer(i);
    reply.boolean(i == 1);
  }
}

void attribute_reply(resp::ReplyWriter& reply) {
  if (reply.protocol() == resp::Protocol::resp3) {
    reply.attribute(1);
    reply.bulk("key-popularity");
    reply.array(2);
    reply.bulk("key:123");
    reply.integer(90);
  }
  reply.bulk("Some real reply following the attribute");
}

void push_reply(resp::ReplyWriter& reply) {
  reply.push(2);
  reply.bulk("server-cpu-usage");
  reply.integer(42);
  reply.bulk("Some real reply following the push reply");
}

struct Kind {
  std::string_view name;
  void (*write)(resp::ReplyWriter&);
};

constexpr Kind kKinds[] = {
    {"string", [](resp::ReplyWriter& reply) { reply.bulk("Hello World"); }},
    {"integer", [](resp::ReplyWriter& reply) { reply.integer(12345); }},
    {"double", [](resp::ReplyWriter& reply) { reply.real(3.141); }},
    {"bignum",
     [](resp::ReplyWriter& reply) { reply.big_number("1234567999999999999999999999999999999"); }},
    {"null", [](resp::ReplyWriter& reply) { reply.null(); }},
    {"array",
     [](resp::ReplyWriter& reply) {
       reply.array(3);
       three_numbers(reply);
     }},
    {"set",
     [](resp::ReplyWriter& reply) {
       reply.set(3);
       three_numbers(reply);
     }},
    {"map", map_reply},
    {"attrib", attribute_reply},
    {"push", push_reply},
    {"verbatim",
     [](resp::ReplyWriter& reply) { reply.verbatim("txt", "This is a verbatim\nstring"); }},
    {"true", [](resp::ReplyWriter& reply) { reply.boolean(true); }},
    {"false", [](resp::ReplyWriter& reply) { reply.boolean(false); }},
};

}  // namespace

Result<> debug_protocol(Call& call) {
  for (const Kind& kind : kKinds) {
    if (!call.is(2, kind.name)) continue;
    if (kind.name == "push" && call.reply.protocol() != resp::Protocol::resp3)
      return fail("RESP2 is not supported by this command");
    kind.write(call.reply);
    return {};
  }
  return fail(
      "Wrong protocol type name. Please use one of the following: string|integer|double|bignum|"
      "null|array|set|map|attrib|push|verbatim|true|false");
}

}  // namespace banyan::server
