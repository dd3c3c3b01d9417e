type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/**
 * Checks the routes `R` of a function. `Served` has the permission of each implemented operation,
 * by route key. A route key must be an operation's, with the same permission, and every operation
 * must have a route. `ANY /path` covers all operations of the path, if they share one permission.
 * Anything else does not type-check.
 */
export type Routes<R, Served> = string extends keyof Served
  ? never
  : {
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

/** Returns T, or `never` if T is a union. */
type Single<T, Each = T> = Each extends T ? ([T] extends [Each] ? Each : never) : never;
