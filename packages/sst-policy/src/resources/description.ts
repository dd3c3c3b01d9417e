/**
 * How the policy handles a resource type. `judged` lists properties, separated by white space:
 * those that rules check, and those that cannot open access or lose data. A path includes
 * everything below it, and omits list indexes. `"*"` includes every property. `unjudged` is the
 * reason why the type needs no rules.
 */
export type Description = { judged: string } | { unjudged: string };
