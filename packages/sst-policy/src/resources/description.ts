/**
 * What the policy does with a type of resource. `judged` lists the properties, separated by white
 * space, that rules check, or that cannot open access or lose data. A path stands for all that is
 * below it, and leaves out positions in lists. `"*"` stands for every property. `unjudged` is the
 * reason why the type needs no rules.
 */
export type Description = { judged: string } | { unjudged: string };
