#include "server/deferred.h"

namespace banyan::server {

using namespace node;

Result<HeldClient> hold_client(commands::Call& call) {
  if (call.session.kind != commands::SessionKind::normal)
    return fail("this command cannot wait here");
  Connection& connection = *static_cast<ClientSession&>(call.session).connection;
  connection.worker().dispatcher().hold();
  return HeldClient{static_cast<Worker*>(&connection.worker()), call.session.id};
}

void answer(const HeldClient& client, WriteReply reply) {
  Worker& worker = *client.worker;
  worker.loop().post([&worker, id = client.id, reply = std::move(reply)]() mutable {
    const Worker::Inside inside(worker);
    Connection* connection = worker.find(id);
    if (connection == nullptr || connection->is_closing()) return;
    resp::ReplyWriter writer(connection->output(), connection->session().protocol);
    reply(writer);
    connection->release();
  });
}

}  // namespace banyan::server
