// A server of the reference implementation of `graphql-transport-ws`. It prints its port, and then what it sees.

import { GraphQLError, buildSchema } from "graphql";
import { CloseCode } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

const schema = buildSchema(`
  type Query { none: Int }
  type Tick { number: Int! }
  type Subscription { ticked(from: Int!): Tick! }
`);

const pause = (time) => new Promise((done) => setTimeout(done, time));

async function* ticked({ from }) {
  if (from < 0) throw new GraphQLError("no ticks before zero");
  for (let number = from; number < from + 5; number += 1) {
    yield { ticked: number === 9 ? null : { number } };
    // Longer than pings of both sides.
    await pause(150);
  }
}

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", path: "/graphql" });
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket) => socket.on("close", (code) => console.log(`closed ${code}`)));

let connections = 0;
useServer(
  {
    schema,
    roots: { subscription: { ticked } },
    connectionInitWaitTimeout: 1000,
    onConnect: ({ connectionParams, extra }) => {
      if (extra.request.headers.authorization !== "Bearer token-4f1b7a") return false;
      if (connectionParams?.token !== "token-4f1b7a") extra.socket.close(CloseCode.Unauthorized, "Unauthorized");
      connections += 1;
      // The first connection is cut in the midst of its events.
      if (connections === 1) setTimeout(() => extra.socket.terminate(), 400);
      return true;
    },
    onComplete: () => console.log("complete"),
  },
  server,
  50,
);
