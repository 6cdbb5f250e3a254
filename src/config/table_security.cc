#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::security, Field>;

constexpr ChoiceName kPubsubDefault[] = {
    {"allchannels", int(PubsubDefault::all_channels)},
    {"resetchannels", int(PubsubDefault::reset_channels)},
};
constexpr ChoiceName kAllowed[] = {
    {"no", int(Allowed::no)},
    {"yes", int(Allowed::yes)},
    {"local", int(Allowed::local)},
};
constexpr ChoiceName kSanitize[] = {
    {"no", int(SanitizePayload::no)},
    {"yes", int(SanitizePayload::yes)},
    {"clients", int(SanitizePayload::clients)},
};

constexpr Setting kTable[] = {
    {.name = "requirepass",
     .kind = optional_text<In<&Security::password>>(),
     .flags = Flag::sensitive},
    {.name = "aclfile", .kind = text<In<&Security::acl_file>>(), .flags = Flag::immutable},
    {.name = "acl-pubsub-default", .kind = choice<In<&Security::pubsub_default>>(kPubsubDefault)},
    {.name = "acllog-max-len",
     .kind = integer<In<&Security::acl_log_length_max>>(0, kInt64Max),
     .extreme = {0, 3}},
    {.name = "enable-protected-configs",
     .kind = choice<In<&Security::protected_configs>>(kAllowed),
     .flags = Flag::immutable},
    {.name = "enable-debug-command",
     .kind = choice<In<&Security::debug_command>>(kAllowed),
     .flags = Flag::immutable},
    {.name = "enable-module-command",
     .kind = choice<In<&Security::module_command>>(kAllowed),
     .flags = Flag::immutable},
    {.name = "sanitize-dump-payload", .kind = choice<In<&Security::sanitize_payload>>(kSanitize)},
};

}  // namespace

std::span<const Setting> security_settings() { return kTable; }

}  // namespace banyan::config
