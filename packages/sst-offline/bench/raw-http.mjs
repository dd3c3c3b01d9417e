// The upper limit: node:http with the same response, but without gateway, function and log.
import { createServer } from "node:http";

const body = JSON.stringify({ message: "Hello World" });
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
});
