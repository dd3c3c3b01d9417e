type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/**
 * What `serve` takes as `R` for a function that implements operations with these permissions by
 * route key (`Served`). A route key must be an operation's, with the same permission, and every
 * operation must have a route. `ANY /path` covers all operations of the path, if they share one
 * permission. Anything else does not type-check.
 */
export type Routes<R, Served> = {
  [Key in keyof R]: PermissionOf<Key, Served>;
} & {
  [Key in Exclude<keyof Served, Covered<keyof R>>]: Served[Key];
};

type PermissionOf<Key, Served> = Key extends keyof Served
  ? Served[Key]
  : Key extends `ANY ${infer Path}`
    ? Single<Served[keyof Served & `${Method} ${Path}`]>
    : never;

type Covered<Key> = Key | (Key extends `ANY ${infer Path}` ? `${Method} ${Path}` : never);

/** `never` for a union of several. */
type Single<T, Each = T> = Each extends T ? ([T] extends [Each] ? Each : never) : never;
