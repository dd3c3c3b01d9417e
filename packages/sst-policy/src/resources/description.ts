/**
 * What the policy does with a type of resource. `judged` lists the properties, separated by white
 * space, that rules judge, or that can let nobody in and lose nothing. A path stands for all that is
 * below it, and leaves out positions in lists. `"*"` stands for every property. `unjudged` is the
 * reason why the type needs no rules.
 */
export type Description = { judged: string } | { unjudged: string };
