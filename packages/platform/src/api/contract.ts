import type * as z from "zod/mini";

/** A permission. Its name is also the OAuth scope that a token must have. */
export interface Permission {
  description: string;
  /** Group that people must be in. Without one, every person who can sign in has the permission. */
  group?: string;
  /** The caller acts for exactly one tenant. */
  perTenant?: boolean;
}

/** By name: `<resource server>/<scope>`. */
export type Permissions = Readonly<Record<`${string}/${string}`, Permission>>;

/** The schema of a successful response, or "problem" for problem details (RFC 9457). */
type Answer = z.ZodMiniType | "problem";

/** `METHOD /path/{parameter}`, as API Gateway writes route keys. */
type RouteKey = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

interface Definition<Name extends string> {
  /** Unique; generated clients name the call after it. */
  id: string;
  /** Required: a public operation states "public". */
  permission: Name | "public";
  /** Parameters in the path. By default, each one is a string. */
  path?: z.ZodMiniObject;
  /** Parameters of the query string. */
  query?: z.ZodMiniObject;
  /** Headers that the handler reads, by lower-case name. Others are ignored. */
  headers?: z.ZodMiniObject;
  /** The JSON body. */
  body?: z.ZodMiniType;
  /** Bytes that the body may have. */
  bodyLimit?: number;
  /**
   * The request uses units of the caller's quota: one for each item of a list, one for any other
   * body.
   */
  metered?: boolean;
  /** By status. The OpenAPI document adds API Gateway's own responses from the graph. */
  answers: Readonly<Record<number, Answer>>;
}

/** Input of the access check; undefined for a public operation. */
export type Access = (Permission & { readonly name: string }) | undefined;

/**
 * An operation of the API: its route, permission, request and responses. Routes, authorizers,
 * checks, validation and the OpenAPI document derive from it.
 *
 * A handler receives `Input` and returns `Answer`.
 */
export interface Operation<
  Key extends string = string,
  Input = never,
  Answer = never,
  PermissionName extends string = string,
> extends Omit<Definition<string>, "permission"> {
  readonly key: Key;
  readonly permission: PermissionName;
  readonly access: Access;
  /**
   * Exists only in the type, and makes it invariant: a handler returns these statuses and bodies.
   */
  readonly types?: { input(input: Input): void; answer: (answer: Answer) => Answer };
}

/** An operation with any input and responses. */
export type AnyOperation = Omit<Operation, "types">;

/**
 * Returns a function that defines operations with these permissions.
 *
 * Mark each definition with a PURE comment, and refer to schemas by name: a bundle then leaves out
 * operations that it does not use. A schema built inside the definition would keep it in the
 * bundle.
 */
export function contract<const P extends Permissions>(permissions: P) {
  const reserved = Object.keys(permissions).find((name) => name.startsWith("tenant/"));
  if (reserved !== undefined) throw new Error(`permission "${reserved}": scopes of this form name tenants`);
  return function operation<const Key extends RouteKey, const D extends Definition<keyof P & string>>(
    key: Key,
    definition: D & Record<Exclude<keyof D, keyof Definition<string>>, never>,
  ): Operation<Key, InputOf<Key, D, P>, AnswerOf<D["answers"]>, D["permission"]> {
    const { permission, headers } = definition;
    const mixed = Object.keys(headers?.shape ?? {}).find((name) => name !== name.toLowerCase());
    if (mixed !== undefined) throw new Error(`${key}: expected header "${mixed.toLowerCase()}", found "${mixed}"`);
    const byName = Object.fromEntries<Permission>(Object.entries(permissions));
    const found = permission === "public" ? undefined : byName[permission];
    const access = found && { ...found, name: permission };
    return { ...definition, key, access };
  };
}

/** The caller, and the parts of the request after validation. */
export interface InputOf<Key extends string, D extends Definition<string>, P extends Permissions> {
  caller: CallerOf<P, D["permission"]>;
  path: OutputOf<D["path"], Readonly<Record<PathNames<Key>, string>>>;
  query: OutputOf<D["query"], undefined>;
  headers: OutputOf<D["headers"], undefined>;
  body: OutputOf<D["body"], undefined>;
}

/** Responses that a handler may return. For a problem it throws an `AppError`. */
type AnswerOf<Answers> = {
  [Status in keyof Answers & number]: Answers[Status] extends z.ZodMiniType
    ? { status: Status; body: z.input<Answers[Status]>; headers?: Record<string, string>; units?: number }
    : never;
}[keyof Answers & number];

type OutputOf<S, Otherwise> = S extends z.ZodMiniType ? z.output<S> : Otherwise;

/** `{id}` of `GET /events/{id}`, by name. */
type PathNames<Key extends string> = Key extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

type CallerOf<P extends Permissions, Name> = Name extends keyof P
  ? P[Name] extends { perTenant: true }
    ? TenantCaller
    : Caller
  : undefined;

export interface Caller {
  /** A signed-in person, or a machine client. */
  type: "user" | "client";
  /** The token's `sub`. */
  id: string;
  /** The client that the token was issued to. */
  client: string;
}

export interface TenantCaller extends Caller {
  tenant: string;
}
