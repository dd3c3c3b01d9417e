import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { isSignInNavigation } from "../cognito/navigation";
import type { UserPools } from "../cognito/service";
import { guardLoopback } from "../loopback";
import type { AwsAnswer } from "./call";

/** What is served beside the API, for as long as a graph is. */
export interface EndpointBackend {
  userPools: UserPools;
  aws(authorization: string, target: string, body: string): Promise<AwsAnswer>;
}

/** Bytes: DynamoDB's own limit. */
const BODY_LIMIT = 16 * 1024 * 1024;

/**
 * The server that functions, the AWS CLI and pages that sign in talk to: AWS's services and the user pools, each below its own id.
 * It answers this machine's programs and the pages of the graph's clients, and nobody else.
 *
 * @param backend what serves now; `undefined` until there is one
 */
export function createEndpointServer(backend: () => EndpointBackend | undefined): Server {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    answer(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else send(response, 500, { message: error.message });
    });
  });
  return server;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const current = backend();
    if (current === undefined) return send(response, 503, { message: "nothing is served yet" });
    const { userPools, aws } = current;
    const own = ["127.0.0.1", "localhost"].map((host) => `http://${host}:${request.socket.localPort}`);
    const refused = guardLoopback([...own, ...userPools.origins], isSignInNavigation)(request);
    if (refused !== undefined) return send(response, 403, { message: refused });
    if (userPools.serves(pathOf(request))) return await userPools.handle(request, response);
    const { authorization = "", "x-amz-target": target = "" } = request.headers;
    if (request.method !== "POST" || target === "") {
      return send(response, 404, {
        message: `${request.method} ${pathOf(request)}: neither a user pool's path nor a call of AWS`,
      });
    }
    if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) {
      const __type = "com.amazon.coral.service#MissingAuthenticationTokenException";
      return send(response, 400, { __type, message: "Request is missing Authentication Token" });
    }
    const body = await bodyOf(request);
    if (body === undefined) return send(response, 413, { message: `the body has more than ${BODY_LIMIT} bytes` });
    const { status, body: text, headers } = await aws(authorization, String(target), body);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers });
    response.end(text);
  }
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

/** `undefined` where it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= BODY_LIMIT) chunks.push(chunk);
  }
  return length > BODY_LIMIT ? undefined : Buffer.concat(chunks).toString();
}
