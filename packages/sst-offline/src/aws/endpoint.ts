import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { isSignInNavigation } from "../cognito/navigation";
import type { UserPools } from "../cognito/service";
import { guard, readBody, sendJson } from "../kit/http";
import { guardLoopback } from "../kit/loopback";
import type { HandleAwsCall } from "./api";
import { readRestCall } from "./rest";

/** The services of the AWS endpoint. */
export interface EndpointServices {
  userPools: UserPools;
  aws: HandleAwsCall;
}

/** DynamoDB's limit for a request. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Creates the server of AWS's services and the user pools, for functions, the AWS CLI and sign-in
 * pages. It serves only local programs and the pages of the graph's clients.
 *
 * @param current returns the services, or `undefined` while offline is starting
 * @param onError called with errors that become a 500
 */
export function createEndpointServer(
  current: () => EndpointServices | undefined,
  onError: (error: Error) => void,
): Server {
  return createServer({ keepAliveTimeout: 60_000 }, guard(handle, onError));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const services = current();
    if (services === undefined) return sendJson(response, 503, { message: "offline is starting" });
    const { userPools, aws } = services;
    const own = ["127.0.0.1", "localhost"].map((host) => `http://${host}:${request.socket.localPort}`);
    const refused = guardLoopback([...own, ...userPools.origins], isSignInNavigation)(request);
    if (refused !== undefined) return sendJson(response, 403, { message: refused });
    const path = pathOf(request);
    if (userPools.serves(path)) return await userPools.handle(request, response);
    const { authorization = "", "x-amz-target": header = "" } = request.headers;
    const rest = readRestCall(request.method, path);
    const target = rest?.target ?? (request.method === "POST" ? String(header) : "");
    if (target === "") {
      const message = `${request.method} ${path}: expected the path of a user pool, or a call of an AWS service`;
      return sendJson(response, 404, { message });
    }
    if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) {
      const __type = "com.amazon.coral.service#MissingAuthenticationTokenException";
      return sendJson(response, 400, { __type, message: "Request is missing Authentication Token" });
    }
    const body = await readBody(request, BODY_LIMIT_BYTES);
    if (body === undefined)
      return sendJson(response, 413, { message: `the body has more than ${BODY_LIMIT_BYTES} bytes` });
    const input = rest === undefined ? body.toString() : rest.inputOf(body.toString());
    const { status, body: text, headers } = await aws(authorization, target, input);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers });
    response.end(text);
  }
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}
