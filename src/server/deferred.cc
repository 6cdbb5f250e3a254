#include "server/deferred.h"

namespace banyan::server {

using namespace node;

Result<HeldClient> hold_client(commands::Call& call) {
  if (call.session.kind != commands::SessionKind::normal)
    return fail("this command cannot wait here");
  Connection& connection = *static_cast<ClientSession&>(call.session).connection;
  const std::size_t part = connection.worker().dispatcher().hold();
  return HeldClient{static_cast<Worker*>(&connection.worker()), call.session.id, part};
}

void answer(const HeldClient& client, WriteReply reply, bool closes) {
  Worker& worker = *client.worker;
  worker.loop().post(
      [&worker, id = client.id, part = client.part, closes, reply = std::move(reply)]() mutable {
        const Worker::Inside inside(worker);
        Connection* connection = worker.find(id);
        if (connection == nullptr || connection->is_closing()) return;
        if (closes) connection->session().close_after_reply = true;
        resp::Output own;
        resp::Output& output = part == 0 ? connection->output() : own;
        resp::ReplyWriter writer(output, connection->session().protocol);
        reply(writer);
        engine::ClientState* state = engine::find_state(connection->session());
        if (part == 0 || (state != nullptr && worker.dispatcher().fill_part(
                                                  *state, part, own.text(), connection->output())))
          connection->release();
      });
}

}  // namespace banyan::server
