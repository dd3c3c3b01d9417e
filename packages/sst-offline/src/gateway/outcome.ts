import type { HttpResponse, IncomingRequest } from "../kit/http-message";
import type { Arrival } from "./address";
import type { Authorized } from "./authorizer";

/** A request within the stage, before its route is known. */
export interface RequestContext {
  readonly request: IncomingRequest;
  readonly requestId: string;
  readonly traceId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly arrival: Arrival;
}

/** The invocation that answered a request, or failed to. */
export interface Integration {
  readonly requestId?: string;
  /** Milliseconds. */
  readonly latency?: number;
  /** Status of the Lambda service's own answer. */
  readonly serviceStatus?: number;
  /** Status that the function returned. */
  readonly functionStatus?: number;
  readonly error?: string;
}

/** The answer to a request, and how it came about. */
export interface Answer {
  readonly response: HttpResponse;
  readonly routeKey?: string;
  readonly authorized?: Authorized;
  readonly authorizerError?: string;
  /** The gateway's own error, where it answers in place of the function. */
  readonly error?: { readonly message: string; readonly type: string };
  readonly integration?: Integration;
  /** CloudFront answered: API Gateway has not seen the request. */
  readonly isFromEdge?: true;
  /** What went wrong in this gateway itself: for the terminal, since AWS's log has no variable for it. */
  readonly defect?: string;
}

/** The result of a request, with everything that the access log and the terminal show. */
export interface Outcome extends Answer {
  /** As the API got it: after the distribution in front of it. */
  readonly request: IncomingRequest;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Milliseconds. */
  readonly latency: number;
  /** Absent where no stage took the request; API Gateway does not log it. */
  readonly arrival?: Arrival;
}
