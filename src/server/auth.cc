#include "server/auth.h"

namespace banyan::server {

namespace {

// A stranger that guesses passwords must connect anew after so many.
constexpr unsigned kFailedLoginsMax = 8;

}  // namespace

bool user_exists(Bytes user) { return user == kDefaultUser; }

bool is_same_secret(Bytes given, Bytes secret) {
  // The loop's length depends on what was given alone, so that it tells nothing of the secret's.
  const Bytes other = secret.empty() ? Bytes("\0", 1) : secret;
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  std::size_t at = 0;
  for (const char c : given) {
    difference |= static_cast<unsigned char>(c ^ other[at]);
    at = at + 1 == other.size() ? 0 : at + 1;
  }
  return difference == 0;
}

Result<> authenticate(Server& server, ClientSession& session, Bytes user, Bytes password) {
  const std::string& secret = server.settings().security.password;
  const bool is_right = secret.empty() || is_same_secret(password, secret);
  if (user_exists(user) && is_right) {
    session.authenticated = true;
    session.user = user;
    session.failed_logins = 0;
    return {};
  }
  if (!session.authenticated && ++session.failed_logins >= kFailedLoginsMax)
    session.close_after_reply = true;
  return fail(Errc::custom, "WRONGPASS invalid username-password pair or user is disabled.");
}

void reset_authentication(Server& server, ClientSession& session, Instant now) {
  session.user = kDefaultUser;
  if (!server.policy().password_required) {
    session.authenticated = true;
  } else if (session.authenticated) {
    session.authenticated = false;
    session.stranger_since = now;
  }
}

}  // namespace banyan::server
